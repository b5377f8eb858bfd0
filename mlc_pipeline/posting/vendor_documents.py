"""What bills and vendor credits share: written with their lines, found by their number, compared, corrected.

Where lines carry a tax, Zoho computes it anew, so the total and the tax that it answers with decide: what is off
is written once more as `tax_writing` says, each time with one request, or told with both figures. A crash between
these requests heals: the next look finds the document and the same correction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.posting.books import Found, Listed, between, folded, is_number_of, rounded
from mlc_pipeline.posting.comparing import other_day, shown, total_difference
from mlc_pipeline.posting.held import Held, Row, content_differences, tax_differences
from mlc_pipeline.posting.payloads import digest, has_tax
from mlc_pipeline.posting.tax_writing import Writing, better_writing, is_misunderstood, writing_of
from mlc_pipeline.zoho.errors import NotFound, OutcomeUnknown, Refused, ZohoError


class VendorDocuments(ABC):
    """One kind of them in one Zoho organization, seen through our documents."""

    changeable: ClassVar[frozenset[str]]
    """The states in which one may be changed or made void."""
    takes_adjustment: ClassVar[bool]

    _usual: Writing = Writing()
    """How documents are written first; what a correction has taught holds for the next ones too."""

    def create(self, document: Document, vendor_id: str) -> Found:
        """Create it; Zoho's answer is the proof and is compared before it is believed.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        written = self._usual
        return self._proven(self._post(self._body(document, vendor_id, written)), document, vendor_id, written)

    def update(self, zoho_id: str, document: Document, vendor_id: str) -> Found:
        """Give an existing one the content of the document.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        written = self._usual
        body = self._body(document, vendor_id, written)
        return self._proven(self._put(zoho_id, body), document, vendor_id, written)

    def void(self, zoho_id: str) -> None:
        """Make it void; one that is void already stays so."""
        if self._get(zoho_id).status != "void":
            self._void(zoho_id)

    def find(self, document: Document, vendor_id: str, twins: Collection[str] = ()) -> Found | None:
        """The one with the document's number, of the vendor if there is one, else of any other vendor."""
        rows = [row for row in self._numbered(document.number) if is_number_of(row.number, document, twins)]
        if not rows:
            return None
        row = next((row for row in rows if row.vendor_id == vendor_id), rows[0])
        return self.read(row.zoho_id, document, vendor_id)

    def read(self, zoho_id: str, document: Document, vendor_id: str) -> Found | None:
        """Read one and compare it; None when it is not there any more."""
        try:
            held = self._get(zoho_id)
        except NotFound:
            return None
        return self._found(held, document, vendor_id)

    def updated(
        self, zoho_id: str, document: Document, vendor_id: str, before: Document, vendor_before: str
    ) -> Found | None:
        """What stands after an update that was perhaps not carried out: None when it was not, or nothing is there.

        One read is compared with both contents: between two, the update could still come.
        """
        try:
            held = self._get(zoho_id)
        except NotFound:
            return None
        found = self._found(held, document, vendor_id)
        untouched = not self._found(held, before, vendor_before).differences
        return None if found.differences and untouched else found

    def listed(self, documents: Sequence[Document]) -> Mapping[str, Listed] | None:
        """Ours over the days of the documents, by folded number; None when Zoho refuses to list them so."""
        try:
            rows = list(self._rows(between(documents)))
        except Refused:
            # These filters stand in Zoho's prose, not in its list of parameters.
            return None
        copies = Counter(folded(row.number) for row in rows)
        return {
            number: Listed(row.zoho_id, row.vendor_id, row.total, row.status == "void", copies[number])
            for row in rows
            if (number := folded(row.number))
        }

    def stands(self, row: Listed, document: Document, vendor_id: str) -> bool:
        """Whether a row of the list shows it as it was posted."""
        same_vendor = row.vendor_id in ("", vendor_id)
        return same_vendor and rounded(row.total, document) == to_decimal(document.total_cents)

    def request_digest(self, document: Document, vendor_id: str) -> str:
        """SHA-256 of the body that is sent, for the audit trail."""
        return digest(self._body(document, vendor_id, self._usual))

    def obstacles(self, zoho_id: str, document: Document, vendor_id: str) -> Iterator[str]:
        """Why a posted one must not be changed any more: it was paid, changed by a person, or is gone."""
        try:
            held = self._get(zoho_id)
        except NotFound:
            yield "it is not in Zoho Books any more"
            return
        yield from content_differences(document, vendor_id, held)
        yield from (*total_difference(document, held.total), *tax_differences(document, held))
        if held.status not in self.changeable:
            yield f"it is {held.status}"
        if held.is_used:
            yield f"{shown((held.total or Decimal(0)) - (held.balance or 0), document)} of it are paid"

    def obstacles_to(
        self, amendment: str | None, zoho_id: str, document: Document, vendor_id: str
    ) -> tuple[list[str], bool]:
        """The obstacles to an amendment, and whether it is void already, which is none where it is to be."""
        obstacles = list(self.obstacles(zoho_id, document, vendor_id))
        is_void = amendment == "reverse_and_repost" and "it is void" in obstacles
        return [] if is_void else obstacles, is_void

    # What Zoho Books answered.

    def _proven(self, held: Held, document: Document, vendor_id: str, written: Writing) -> Found:
        says_no_tax = has_tax(document) and not held.tax_totals
        if not held.lines or held.total is None or says_no_tax:
            held = self._read_back(held)
        return self._found(held, document, vendor_id, written)

    def _read_back(self, held: Held) -> Held:
        try:
            return self._get(held.zoho_id)
        except ZohoError as error:
            # It was written: this failure must not look as if it was not.
            raise OutcomeUnknown(f"{held.number} was written but cannot be read back: {error}") from error

    def _found(self, held: Held, document: Document, vendor_id: str, written: Writing | None = None) -> Found:
        content = tuple(content_differences(document, vendor_id, held))
        off = (*total_difference(document, held.total), *tax_differences(document, held))
        day = other_day(document, held.date, held.notes)
        if content or not off:
            return Found(held.zoho_id, held.head, (*content, *off), other_day=day)
        written = written or writing_of(document, held)
        better = better_writing(document, held, written, takes_adjustment=self.takes_adjustment)
        is_changeable = held.status in self.changeable
        return Found(
            held.zoho_id,
            held.head,
            off,
            is_only_total_off=True,
            are_taxes_misunderstood=is_misunderstood(document, held),
            correction=partial(self._correct, held, document, vendor_id, better)
            if better and is_changeable
            else None,
            other_day=day,
        )

    def _correct(self, before: Held, document: Document, vendor_id: str, writing: Writing) -> Found:
        held = self._put(before.zoho_id, self._body(document, vendor_id, writing))
        found = self._proven(held, document, vendor_id, writing)
        if not found.differences:
            self._usual = replace(writing, adjustment=Decimal(0))
        return found

    # What is said to Zoho Books.

    @abstractmethod
    def _body(self, document: Document, vendor_id: str, writing: Writing) -> dict[str, Any]: ...

    @abstractmethod
    def _post(self, body: Mapping[str, Any]) -> Held: ...

    @abstractmethod
    def _put(self, zoho_id: str, body: Mapping[str, Any]) -> Held: ...

    @abstractmethod
    def _get(self, zoho_id: str) -> Held: ...

    @abstractmethod
    def _void(self, zoho_id: str) -> None: ...

    @abstractmethod
    def _numbered(self, number: str) -> Iterable[Row]: ...

    @abstractmethod
    def _rows(self, days: Mapping[str, str]) -> Iterable[Row]: ...
