"""The client reads what documents are told apart by, and what locks and converts them, as Zoho documents it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.frames import frame_of
from mlc_pipeline.schemas import CURRENCIES
from mlc_pipeline.steps.zoho_organization import with_rates
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.dimension_data import ExchangeRate
from mlc_pipeline.zoho.models import ReportingTag, TagOption, TransactionLock
from mlc_pipeline_tests.zoho.conftest import Zoho


def tag(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A reporting tag as the sandbox keeps it."""
    plain = {"tag_id": "1", "tag_name": "Cost Center", "is_active": True, "is_mandatory": True}
    return plain | {"options": list(options)} | more


def option(option_id: str, name: str, parent_id: str = "", *, active: bool = True) -> dict[str, Any]:
    """An option as the sandbox keeps it."""
    return {"option_id": option_id, "option_name": name, "parent_id": parent_id, "is_active": active}


def test_options_come_with_their_paths_also_inactive_ones(zoho: Zoho, client: ZohoBooksClient) -> None:
    options = (option("11", "Sales"), option("12", "EMEA", "11"), option("13", "Old", active=False))
    zoho.organization.reporting_tags["1"] = tag(*options)
    assert client.tag_options("1") == (
        TagOption("11", "Sales", ("Sales",), is_active=True),
        TagOption("12", "EMEA", ("Sales", "EMEA"), is_active=True),
        TagOption("13", "Old", ("Old",), is_active=False),
    )
    assert zoho.requests("/books/v3/reportingtags/1/options/all") == 0


def test_options_beyond_the_one_page_of_details_are_read_too(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.organization.reporting_tags["1"] = tag(*(option(f"{n}", f"Option {n}") for n in range(100, 350)))
    options = client.tag_options("1")
    assert len({each.option_id for each in options}) == len(options) == 250


@pytest.mark.parametrize(
    ("row", "is_active"),
    [({}, True), ({"is_active": False}, False), ({"is_draft": True}, False)],
)
def test_a_draft_or_inactive_reporting_tag_is_not_in_use(row: dict[str, Any], is_active: bool) -> None:
    read = ReportingTag.read({"tag_id": "1", "tag_name": "Cost Center", **row})
    assert (read.is_active, read.is_mandatory, read.on_bills, read.on_journals) == (is_active, False, None, None)


def test_where_a_tag_may_stand_is_read_where_zoho_says_it() -> None:
    entities = [
        {"entity_name": "purchases", "is_enabled": True},
        {"entity_name": "journals", "is_enabled": False},
    ]
    row = {"tag_id": "1", "multi_preference_entities": {"preference": "transaction", "entities": entities}}
    read = ReportingTag.read(row)
    assert (read.on_bills, read.on_journals) == ("transaction", "")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"lock_scope": 0}, ("all", True)),
        ({"lock_scope": 2, "lock_scope_formatted": "Purchase"}, ("purchase", True)),
        ({"lock_scope": 2}, ("", True)),
        ({"lock_scope": 0, "transaction_lock_status": "disabled"}, ("all", False)),
        ({"lock_scope": 0, "lock_status": "unlocked"}, ("all", False)),
        ({"lock_scope": 0, "lock_status": "partially_unlocked"}, ("all", False)),
        ({"lock_scope": 0, "status": "inactive"}, ("all", False)),
        ({"lock_scope": 0, "status": "active", "lock_status": "locked"}, ("all", True)),
    ],
)
def test_a_lock_says_what_it_locks(row: dict[str, Any], expected: tuple[str, bool]) -> None:
    lock = TransactionLock.read({"transaction_lock_date": "2026-01-31", **row})
    assert (lock.module, lock.is_enabled) == expected
    assert lock.until == date(2026, 1, 31)


def test_the_rate_of_a_day_is_the_closest_before_it(zoho: Zoho, client: ZohoBooksClient) -> None:
    euro = _with_rates_of_the_euro(zoho, {"2026-01-01": "1.10", "2026-01-05": "1.25"})
    assert client.exchange_rate(euro, date(2026, 1, 4)) == ExchangeRate(date(2026, 1, 1), Decimal("1.10"))
    assert client.exchange_rate(euro, date(2026, 1, 5)) == ExchangeRate(date(2026, 1, 5), Decimal("1.25"))
    assert client.exchange_rate(euro, date(2025, 12, 31)) is None


@given(
    effective=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 1, 20)), st.decimals("0.5", "2", places=4)),
    days=st.sets(st.dates(date(2026, 1, 1), date(2026, 1, 20)), min_size=1),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_rates_of_many_days_cost_one_request_for_each_rate_that_held_on_them(
    zoho: Zoho, client: ZohoBooksClient, effective: dict[date, Decimal], days: set[date]
) -> None:
    euro = _with_rates_of_the_euro(zoho, {day.isoformat(): str(rate) for day, rate in effective.items()})
    present = {"currency_id": euro, "code": "EUR", "precision": 2, "exchange_rate": "9"}
    seen = len(zoho.books.request_log)

    known = with_rates(
        Organization("USD"), client, frame_of(CURRENCIES, [present]), {("EUR", day) for day in days}
    )

    held = {day: max((since for since in effective if since <= day), default=None) for day in days}
    no_dates = {("EUR", day): Decimal(9) for day in days}
    by_day = {("EUR", day): effective[since] for day, since in held.items() if since}
    assert known.rates == (by_day if effective else no_dates)
    asked = [call for call in zoho.books.request_log[seen:] if call.path.endswith("/exchangerates")]
    assert len(asked) == len(set(held.values())) + (None in held.values())


def test_a_currency_without_a_list_of_rates_has_its_present_one(zoho: Zoho, client: ZohoBooksClient) -> None:
    present = frame_of(CURRENCIES, [{"currency_id": "9", "code": "EUR", "precision": 2, "exchange_rate": "9"}])
    wanted = ("EUR", date(2026, 1, 2))
    assert with_rates(Organization("USD"), client, present, {wanted}).rates == {wanted: Decimal(9)}


def _with_rates_of_the_euro(zoho: Zoho, rates: dict[str, str]) -> str:
    euro = str(zoho.books.add_currency(zoho.organization, "EUR")["currency_id"])
    zoho.organization.exchange_rates.clear()
    for number, (day, rate) in enumerate(rates.items()):
        zoho.organization.exchange_rates[str(number)] = {
            "exchange_rate_id": str(number),
            "currency_id": euro,
            "currency_code": "EUR",
            "effective_date": day,
            "rate": Decimal(rate),
        }
    return euro
