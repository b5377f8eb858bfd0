"""The Zoho organization as far as it decides how a document looks: currency, edition, locks, rates, dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from mlc_pipeline.accounting.editions import Edition, edition_named
from mlc_pipeline.accounting.money import converted
from mlc_pipeline.accounting.rates import DoubtfulRate

TagPlace = Literal["", "transaction", "line_item"]
"""Where a reporting tag may stand on a document: nowhere, in its header or on its lines."""


@dataclass(frozen=True, slots=True)
class ReportingTag:
    """A reporting tag (cost center and the like) and where it may or must stand."""

    tag_id: str
    name: str
    is_mandatory: bool = False
    on_bills: TagPlace = "line_item"
    on_journals: TagPlace = "line_item"


@dataclass(frozen=True, slots=True)
class Organization:
    """What of the Zoho organization decides how documents look.

    `edition` is Zoho's country version (us, india, ...), empty where Zoho does not say. Days before a lock
    date are closed for bills and vendor credits, or for journals; whether the lock date itself is, sources differ.
    `rates` are the units of the organization's currency for one of the foreign currency, by (ISO code, day of the
    document); `doubtful_rates` are those among them that can hardly be meant. `precision` is the number of
    decimals that its currency has.
    """

    currency: str
    edition: str = ""
    bills_locked_until: date | None = None
    journals_locked_until: date | None = None
    rates: Mapping[tuple[str, date], Decimal] = field(default_factory=dict)
    reporting_tags: tuple[ReportingTag, ...] = ()
    precision: int = 2
    doubtful_rates: tuple[DoubtfulRate, ...] = ()

    def own_total(self, cents: int, exchange_rate: str) -> Decimal:
        """What an amount of a document is in the organization's currency, a half rounded away from zero."""
        return converted(cents, exchange_rate or "1", self.precision)


def edition_of(organization: Organization | None) -> Edition:
    """What is known of the organization's edition."""
    return (
        edition_named("") if organization is None else edition_named(organization.edition, organization.currency)
    )
