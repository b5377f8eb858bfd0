"""Vendors that posting made a short while ago, known to all processes although Zoho's lists may lag behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.budgets import secret_name
from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.leases import lease
from mlc_pipeline.tables import made_vendors
from mlc_pipeline.zoho.models import Vendor

REMEMBERED_MS = 60 * 60 * 1000
"""By then a list shows the vendor, or it was deleted."""
_LEASE_SECONDS, _WAIT_SECONDS = 300.0, 120.0


class MadeVendors:
    """The vendors that were made in one organization within the last hour."""

    def __init__(self, engine: sa.Engine, organization_id: str) -> None:
        self._engine = engine
        self._organization_id = organization_id

    def turn(self, email: str, currency_id: str) -> AbstractContextManager[None]:
        """Held by the one process that makes a vendor for this e-mail address and currency.

        Raises:
            LeaseUnavailable: another process has held it for long.
        """
        name = f"vendor {secret_name(self._organization_id, email.casefold(), currency_id)}"
        return lease(self._engine, name, seconds=_LEASE_SECONDS, wait_seconds=_WAIT_SECONDS)

    def note(self, vendor: Vendor, email: str, currency_id: str) -> None:
        """Remember a vendor for whoever asks for this e-mail address and currency."""
        with explained(self._engine), self._engine.begin() as database:
            now = now_ms(database)
            is_over = sa.func.abs(made_vendors.c.made_ms - now) > REMEMBERED_MS
            is_same = made_vendors.c.vendor_id == vendor.vendor_id
            database.execute(sa.delete(made_vendors).where(self._is_ours(), is_over | is_same))
            database.execute(
                sa.insert(made_vendors).values(
                    organization_id=self._organization_id,
                    vendor_id=vendor.vendor_id,
                    email=email.casefold(),
                    name=vendor.name,
                    number=vendor.contact_number,
                    currency_id=currency_id,
                    currency_code=vendor.currency_code,
                    made_ms=now,
                )
            )

    def find(self, email: str, currency_id: str) -> str | None:
        """The id of the vendor that was made for this e-mail address and currency, if any."""
        wanted = (made_vendors.c.email == email.casefold(), made_vendors.c.currency_id == currency_id)
        return next((str(row.vendor_id) for row in self._rows(*wanted)), None)

    def missing_in(self, listed: Iterable[Vendor]) -> Iterator[Vendor]:
        """Those that a list does not show, nor anybody else with their e-mail address and currency."""
        known: set[object] = set()
        for vendor in listed:
            known |= {vendor.vendor_id, (vendor.email.casefold(), vendor.currency_id)}
        for row in self._rows():
            if known.isdisjoint({row.vendor_id, (row.email, row.currency_id)}):
                yield _vendor(row)

    def forget(self) -> None:
        """Believe the lists alone from now on: Zoho Books has refused something that one of them may be."""
        with explained(self._engine), self._engine.begin() as database:
            database.execute(sa.delete(made_vendors).where(self._is_ours()))

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> list[sa.Row[tuple[Any, ...]]]:
        with explained(self._engine), self._engine.connect() as database:
            since = now_ms(database) - REMEMBERED_MS
            query = sa.select(made_vendors).where(self._is_ours(), made_vendors.c.made_ms > since, *conditions)
            return list(database.execute(query.order_by(made_vendors.c.made_ms)))

    def _is_ours(self) -> sa.ColumnElement[bool]:
        return made_vendors.c.organization_id == self._organization_id


def _vendor(row: sa.Row[tuple[Any, ...]]) -> Vendor:
    return Vendor(
        vendor_id=row.vendor_id,
        name=row.name,
        email=row.email,
        status="active",
        contact_type="vendor",
        currency_id=row.currency_id,
        currency_code=row.currency_code,
        contact_number=row.number,
    )
