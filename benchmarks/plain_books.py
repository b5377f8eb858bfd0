"""The books that the plain loop writes into: what a script keeps in dicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from benchmarks.plain_reading import Fields

NOTHING: Fields = {"id": "", "code": "", "name": "", "customer_id": "", "tag_id": ""}


@dataclass(frozen=True)
class Books:
    """What Zoho Books has.

    Accounts by (category, GL code) and by card, vendors by (e-mail, currency), decimals by currency, options of
    the cost center by the first level of the tag, projects by the second, taxes by their name; the currency of the
    organization, the exchange rates to it by (currency, day), and the day before which it is closed.
    """

    accounts: Mapping[tuple[str, str], Fields]
    cards: Mapping[str, Fields]
    vendors: Mapping[tuple[str, str], str]
    decimals: Mapping[str, int]
    options: Mapping[str, Fields]
    projects: Mapping[str, Fields]
    taxes: Mapping[str, Fields]
    tax_account: Fields
    period: str
    zone: ZoneInfo
    currency: str
    rates: Mapping[tuple[str, date], Decimal] = field(default_factory=dict)
    closed_before: date | None = None
