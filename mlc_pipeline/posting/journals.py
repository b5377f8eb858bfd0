"""Journals: a document as a manual journal. Zoho Books knows no double journals, so looking is the only guard.

Expenses are debited, the accounts of `offsets` (the company cards) are credited; a negative amount swaps its side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from mlc_pipeline.accounting.documents import PREFIX, Document, DocumentLine
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.posting.books import Found, Head, Listed, between, folded, is_number_of, rounded
from mlc_pipeline.posting.comparing import HeldLine, head_differences, line_differences, meant_line, other_day
from mlc_pipeline.posting.payloads import digest, journal_payload
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Journal, JournalSummary
from mlc_pipeline.zoho.errors import NotFound, OutcomeUnknown, Refused, ZohoError

ROWS_OF_A_REQUEST = 200
_DAYS_BEFORE = timedelta(days=62)
_STANDING = ("", "published", "approved")
_OTHER_SIDE = {"debit": "credit", "credit": "debit"}


class Journals:
    """The journals of one Zoho organization, seen through our documents."""

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho

    def create(self, document: Document, vendor_id: str) -> Found:
        """Create the journal; Zoho's answer is the proof and is compared before it is believed.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        journal = self._zoho.create_journal(journal_payload(document, sides(document)))
        if not journal.lines:
            journal = self._read_back(journal)
        return _found(document, journal)

    def _read_back(self, journal: Journal) -> Journal:
        try:
            return self._zoho.journal(journal.journal_id)
        except ZohoError as error:
            # It was written: this failure must not look as if it was not.
            raise OutcomeUnknown(f"Journal {journal.journal_id} cannot be read back: {error}") from error

    def find(self, document: Document, vendor_id: str, twins: Collection[str] = ()) -> Found | None:
        """The journal with the document's number as its reference; that there are several is a difference."""
        rows = self._zoho.journals(reference_number=document.number)
        ids = [row.journal_id for row in rows if is_number_of(row.reference_number, document, twins)]
        found = [one for one in (self.read(journal_id, document, vendor_id) for journal_id in ids) if one]
        best = next((one for one in found if not one.differences), found[0] if found else None)
        if best is None or len(found) == 1:
            return best
        several = f"it is there {len(found)} times ({', '.join(ids)})"
        return replace(best, head=replace(best.head, stands=False), differences=(several, *best.differences))

    def read(self, zoho_id: str, document: Document, vendor_id: str) -> Found | None:
        """Read one journal and compare it; None when it is not there any more."""
        try:
            journal = self._zoho.journal(zoho_id)
        except NotFound:
            return None
        return _found(document, journal)

    def listed(self, documents: Sequence[Document]) -> Mapping[str, Listed] | None:
        """Our journals over the days of the documents, by folded number; None when Zoho refuses."""
        rows = self._rows(between(documents))
        return None if rows is None else by_number(rows)

    def around(self, documents: Sequence[Document], searches: int) -> tuple[JournalSummary, ...] | None:
        """Our journals from two months before the documents until today.

        None when Zoho refuses, or when reading them all would take more requests than so many searches.
        """
        most = ROWS_OF_A_REQUEST * searches
        since = min(document.date for document in documents) - _DAYS_BEFORE
        rows = self._rows({"date_start": since.isoformat()}, most + 1)
        if rows is None or len(rows) > most:
            return None
        return tuple(row for row in rows if folded(row.reference_number).startswith(folded(PREFIX)))

    def stands(self, row: Listed, document: Document, vendor_id: str) -> bool:
        """Whether a row of the list shows the journal as it was posted."""
        return rounded(row.total, document) == debit_total(document)

    def request_digest(self, document: Document, vendor_id: str) -> str:
        """SHA-256 of the body that is sent, for the audit trail."""
        return digest(journal_payload(document, sides(document)))

    def _rows(self, days: Mapping[str, str], most: int | None = None) -> tuple[JournalSummary, ...] | None:
        try:
            return tuple(islice(self._zoho.journals(reference_number_startswith=PREFIX, **days), most))
        except Refused:
            return None


def _found(document: Document, journal: Journal) -> Found:
    day = other_day(document, journal.date, journal.notes)
    return Found(journal.journal_id, _head(journal), tuple(differences(document, journal)), other_day=day)


def _head(journal: Journal) -> Head:
    stands = journal.status in _STANDING
    return Head(journal.reference_number, "", journal.currency_code, journal.total, stands)


def by_number(rows: Iterable[JournalSummary]) -> Mapping[str, Listed]:
    """Rows of the list by folded number."""
    rows = tuple(rows)
    copies = Counter(folded(row.reference_number) for row in rows)
    return {
        number: Listed(row.journal_id, "", row.total, is_void=False, copies=copies[number])
        for row in rows
        if (number := folded(row.reference_number))
    }


def sides(document: Document) -> Iterator[tuple[str, DocumentLine]]:
    """Each line with its side: expenses debit, offsets credit, negative amounts the other way round."""
    for usual, lines in (("debit", document.lines), ("credit", document.offsets)):
        for line in lines:
            yield (usual if line.amount_cents > 0 else _OTHER_SIDE[usual]), line


def debit_total(document: Document) -> Decimal:
    """What Zoho shows as the journal's total: the sum of its debits."""
    return to_decimal(sum(abs(line.amount_cents) for side, line in sides(document) if side == "debit"))


def differences(document: Document, journal: Journal) -> Iterator[str]:
    """How a journal in Zoho Books differs from the document; nothing when it is what was meant."""
    if journal.status not in _STANDING:
        yield f"it is {journal.status}"
    yield from head_differences(document, journal.currency_code, journal.exchange_rate, journal.tags)
    if folded(journal.reference_number) != folded(document.number):
        yield f"its reference is {journal.reference_number}, not {document.number}"
    yield from line_differences(
        [meant_line(line, side, abs(line.amount_cents), document) for side, line in sides(document)],
        [
            HeldLine(line.account_id, line.side.lower(), () if amount is None else (amount,), line.dimensions)
            for line in journal.lines or ()
            for amount in (rounded(line.amount, document),)
        ],
        "its lines have other accounts, sides or amounts",
    )
