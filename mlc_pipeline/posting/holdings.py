"""What Zoho Books holds now under posted documents, for the reconciliation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from mlc_pipeline.accounting.documents import PREFIX
from mlc_pipeline.posting.books import folded
from mlc_pipeline.posting.ledger_view import LedgerView
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import NotFound, Refused
from mlc_pipeline.zoho.models import Bill, BillSummary, Journal, JournalSummary, VendorCredit, VendorCreditSummary

_Row = BillSummary | VendorCreditSummary | JournalSummary


class Posted(NamedTuple):
    """A document as we know it; `is_replaced`: another has taken its place, so that it should hold nothing."""

    zoho_id: str
    number: str
    report_id: str
    date: date
    is_replaced: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What Zoho Books holds now under a document: its total, together with that of its copies, which are named."""

    total: Decimal
    copies: tuple[str, ...] = ()

    def with_copy(self, row: _Standing) -> Holding:
        """The same and one more copy."""
        return Holding(self.total + row.total, (*self.copies, f"{row.number} ({row.zoho_id})"))


def held_now(
    zoho: ZohoBooksClient, ledger: LedgerView, kind: str, documents: Sequence[Posted]
) -> dict[str, Holding]:
    """What each document shows now, in its currency, by its id; a void or missing one holds nothing.

    What people or late requests have put there beside it counts with it: whatever has the document's number, or
    the report as its reference, and is none of the ledger's. Zoho Books takes a number again for another vendor,
    and a journal's reference as often as it is told.

    What was replaced is a copy too where it holds anything: people can open a void bill again.

    One listing of ours over the days of the documents that stand; one that was moved to another day, or numbered
    anew, is read by itself.

    Args:
        zoho: the books.
        ledger: what else was posted there.
        kind: the kind of all these documents.
        documents: the revisions of a report oldest first, for two may be one document in Zoho Books.
    """
    days = sorted(document.date for document in documents if not document.is_replaced)
    days = days or sorted(document.date for document in documents)
    if not documents:
        return {}
    ids = {document.zoho_id for document in documents}
    listed = _listed(zoho, kind, {"date_start": days[0].isoformat(), "date_end": days[-1].isoformat()})
    totals = {row.zoho_id: row.total for row in listed if row.zoho_id in ids}
    totals |= {zoho_id: _read(zoho, kind, zoho_id) for zoho_id in sorted(ids - totals.keys())}
    held = {document.zoho_id: _holding(document, totals[document.zoho_id]) for document in documents}
    others = [row for row in listed if row.zoho_id not in ids and row.total]
    for zoho_id, row in _copies(documents, others, ledger, kind):
        held[zoho_id] = held[zoho_id].with_copy(row)
    return held


def _holding(document: Posted, total: Decimal) -> Holding:
    if not document.is_replaced:
        return Holding(total)
    nothing = Holding(Decimal(0))
    if not total:
        return nothing
    return nothing.with_copy(_Standing(document.zoho_id, document.number, document.report_id, total))


def _copies(
    documents: Sequence[Posted], rows: Sequence[_Standing], ledger: LedgerView, kind: str
) -> Iterator[tuple[str, _Standing]]:
    """The rows that copy a document, with its id."""
    exactly = {document.number: document.zoho_id for document in documents}
    alike = {folded(document.number): document.zoho_id for document in documents}
    of_report = {document.report_id: document.zoho_id for document in documents}
    known = ledger.sent_numbers(kind, (row.number.strip() for row in rows))
    for row in rows:
        number = row.number.strip()
        copied = exactly.get(number)
        if copied is None and number not in known:
            copied = alike.get(folded(number)) or of_report.get(row.reference)
        if copied is not None:
            yield copied, row


class _Standing(NamedTuple):
    zoho_id: str
    number: str
    reference: str
    total: Decimal


def _listed(zoho: ZohoBooksClient, kind: str, days: Mapping[str, str]) -> list[_Standing]:
    try:
        return [_Standing(*_key(row), row.reference_number, _standing(row)) for row in _rows(zoho, kind, days)]
    except Refused:
        return []


def _rows(zoho: ZohoBooksClient, kind: str, days: Mapping[str, str]) -> Iterator[_Row]:
    if kind == "journal":
        return zoho.journals(reference_number_startswith=PREFIX, **days)
    if kind == "vendor_credit":
        return zoho.vendor_credits(vendor_credit_number_startswith=PREFIX, **days)
    return zoho.bills(bill_number_startswith=PREFIX, **days)


def _read(zoho: ZohoBooksClient, kind: str, zoho_id: str) -> Decimal:
    try:
        return _standing(_document(zoho, kind, zoho_id))
    except NotFound:
        return Decimal(0)


def _document(zoho: ZohoBooksClient, kind: str, zoho_id: str) -> Bill | VendorCredit | Journal:
    if kind == "journal":
        return zoho.journal(zoho_id)
    return zoho.vendor_credit(zoho_id) if kind == "vendor_credit" else zoho.bill(zoho_id)


def _key(row: _Row) -> tuple[str, str]:
    """Its id and its number."""
    if isinstance(row, JournalSummary):
        return row.journal_id, row.reference_number
    if isinstance(row, VendorCreditSummary):
        return row.vendor_credit_id, row.vendor_credit_number
    return row.bill_id, row.bill_number


def _standing(document: _Row | Bill | VendorCredit | Journal) -> Decimal:
    is_void = not isinstance(document, Journal | JournalSummary) and document.status == "void"
    return Decimal(0) if is_void or document.total is None else document.total
