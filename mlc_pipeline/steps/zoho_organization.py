"""The Zoho Books organization as far as it decides how documents look; locks and rates are read when planning."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.editions import edition_named
from mlc_pipeline.accounting.organization import Organization, ReportingTag
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of, records
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import ORGANIZATION
from mlc_pipeline.steps.metadata import materialized
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import Refused, UnexpectedAnswer
from mlc_pipeline.zoho.models import TransactionLock

_log = logging.getLogger(__name__)


def step(connection: Connection, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        return materialized(read_organization(zoho.client(connection)))


def read_organization(client: ZohoBooksClient) -> pd.DataFrame:
    """The one row; costs no call of its own, since every connection looks its organization up."""
    row = client.organization()
    if not edition_named(row.edition).is_known:
        _log.warning(
            "Nothing is known of the edition of %s (“%s”): no rule of it is heeded.", row.name, row.edition
        )
    return frame_of(
        ORGANIZATION,
        [
            {
                "organization_id": row.organization_id,
                "name": row.name,
                "currency": row.currency_code,
                "precision": row.price_precision,
                "edition": row.edition,
            }
        ],
    )


def organization_of(organization: pd.DataFrame, dimensions: pd.DataFrame) -> Organization:
    """The organization from the frames of `zoho_organization` and `zoho_dimensions`, without locks and rates."""
    [row] = records(organization)
    return Organization(
        currency=row["currency"] or "",
        edition=row["edition"] or "",
        reporting_tags=tuple(
            ReportingTag(
                tag_id=tag["id"],
                name=tag["name"],
                is_mandatory=bool(tag["is_mandatory"]),
                on_bills=tag["on_bills"] or "",
                on_journals=tag["on_journals"] or "",
            )
            for tag in records(dimensions)
            if tag["dimension"] == "tag" and tag["is_active"]
        ),
        precision=2 if row.get("precision") is None else int(row["precision"]),  # frames of before have none
    )


def with_locks(organization: Organization, client: ZohoBooksClient) -> Organization:
    """The organization with the transaction locks of this moment; none where Zoho does not show them."""
    try:
        locks = client.transaction_locks()
    except (Refused, UnexpectedAnswer) as error:
        # Zoho itself refuses what is locked; knowing it before only spares the attempt.
        _log.warning("The transaction locks of Zoho Books cannot be read: %s", error)
        return organization
    return replace(
        organization,
        bills_locked_until=_locked_until(locks, "purchase", "expense"),
        journals_locked_until=_locked_until(locks, "account", "journal"),
    )


def with_rates(
    organization: Organization,
    client: ZohoBooksClient,
    currencies: pd.DataFrame,
    wanted: Iterable[tuple[str, date]],
) -> Organization:
    """The organization with Zoho's own rates of the wanted (ISO code, day).

    A currency of which Zoho keeps no rates by day has its present one on every day; of one with rates by day, days
    before the first have none. `currencies` is the `zoho_currencies` frame.

    Raises:
        ZohoError: the rates cannot be read.
    """
    known = {row["code"]: row for row in records(currencies)}
    days: dict[str, list[date]] = {}
    for code, on in sorted(set(wanted) - set(organization.rates)):
        if code != organization.currency and code in known:
            days.setdefault(code, []).append(on)
    read = {
        (code, on): rate
        for code, of_code in days.items()
        for on, rate in _rates_of(client, known[code], of_code).items()
    }
    return replace(organization, rates={**organization.rates, **read})


def _rates_of(client: ZohoBooksClient, currency: Mapping[str, Any], days: Sequence[date]) -> dict[date, Decimal]:
    """Asked from the last of the days back: a rate holds until the next one, so an answer may serve many days."""
    currency_id, rates, left = currency["currency_id"], dict[date, Decimal](), list(days)
    while left and (found := client.exchange_rate(currency_id, left[-1])):
        rates |= {day: found.rate for day in left if day >= found.effective}
        left = [day for day in left if day < found.effective]
    if left and currency["exchange_rate"] and not client.has_dated_rates(currency_id):
        _log.info("Zoho Books keeps no rates of %s by day: its present one is taken.", currency["code"])
        rates |= dict.fromkeys(left, Decimal(currency["exchange_rate"]))
    return rates


def _locked_until(locks: Iterable[TransactionLock], *modules: str) -> date | None:
    """Zoho's API and its pages have different names for a module: "accountant" and "Accounts", for example."""
    days = [
        lock.until
        for lock in locks
        if lock.is_enabled and lock.until is not None and any(name in lock.module for name in ("all", *modules))
    ]
    return max(days, default=None)
