"""What the poster needs of a kind of document in Zoho Books: writing it, finding it again, comparing it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from mlc_pipeline.accounting.documents import Document


@dataclass(frozen=True, slots=True)
class Head:
    """What names a document in Zoho Books, and what it comes to; `stands`: it counts there, and is there once."""

    number: str
    vendor_id: str
    currency: str
    total: Decimal | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What Zoho Books holds under a document's number, and how it differs from what was meant.

    `is_only_total_off`: nothing but the total or the taxes differ, so Zoho has computed otherwise what we have
    written; `are_taxes_misunderstood`: so far off that it would do the same to the next document.
    `correction` writes the one change that may close that; what stands then is found anew. `other_day` tells that
    it stands on a day that nothing explains.
    """

    zoho_id: str
    head: Head
    differences: tuple[str, ...]
    is_only_total_off: bool = False
    are_taxes_misunderstood: bool = False
    correction: Callable[[], Found] | None = None
    other_day: str = ""

    def as_a_strangers(self) -> Found:
        """The same where it is not known to be ours, so that another day is a question too.

        The day of what we have posted is left to people, who move documents from one period to another.
        """
        if not self.other_day:
            return self
        return replace(
            self, differences=(*self.differences, self.other_day), is_only_total_off=False, correction=None
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """What Zoho's list shows under a number: enough to see whether a document still stands, and stands once."""

    zoho_id: str
    vendor_id: str
    total: Decimal | None
    is_void: bool
    copies: int = 1


class Books(Protocol):
    """One kind of document of one Zoho organization."""

    def create(self, document: Document, vendor_id: str) -> Found:
        """Create it; Zoho's answer is the proof and is compared before it is believed."""

    def find(self, document: Document, vendor_id: str, twins: Collection[str] = ()) -> Found | None:
        """What stands under the document's number, compared; the numbers of `twins` are of other documents."""

    def read(self, zoho_id: str, document: Document, vendor_id: str) -> Found | None:
        """Read one by its id and compare it; None when it is not there any more."""

    def listed(self, documents: Sequence[Document]) -> Mapping[str, Listed] | None:
        """Ours over the days of the documents, by folded number; None when Zoho refuses to list them so."""

    def stands(self, row: Listed, document: Document, vendor_id: str) -> bool:
        """Whether a row of the list shows the document as it was posted."""

    def request_digest(self, document: Document, vendor_id: str) -> str:
        """SHA-256 of the body that is sent, for the audit trail."""


def folded(number: str) -> str:
    """A number as Zoho compares it: trimmed, without regard to case."""
    return number.strip().casefold()


def is_number_of(number: str, document: Document, twins: Collection[str]) -> bool:
    """Whether Zoho takes a number for the document's, and it is not the one of a twin."""
    return folded(number) == folded(document.number) and number.strip() not in twins


def between(documents: Sequence[Document]) -> dict[str, str]:
    """The filters of Zoho's lists for the days of the documents, both ends included."""
    days: list[date] = sorted(document.date for document in documents)
    return {"date_start": days[0].isoformat(), "date_end": days[-1].isoformat()}


def rounded(amount: Decimal | None, document: Document) -> Decimal | None:
    """To the decimals that the currency has: less than that is how a number was printed, not an amount."""
    return None if amount is None else amount.quantize(Decimal(1).scaleb(-document.precision))
