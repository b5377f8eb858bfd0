"""What Zoho Books holds now under posted documents, for the reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from mlc_pipeline.accounting.documents import PREFIX
from mlc_pipeline.posting.books import folded
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import NotFound, Refused
from mlc_pipeline.zoho.models import Bill, BillSummary, Journal, JournalSummary, VendorCredit, VendorCreditSummary

_Row = BillSummary | VendorCreditSummary | JournalSummary


def totals_held(
    zoho: ZohoBooksClient, kind: str, dates: Iterable[date], numbers: Mapping[str, str]
) -> dict[str, Decimal]:
    """The total that each document shows now, in its currency; a void or missing one holds nothing.

    `numbers` are those of the documents by their ids in Zoho Books. What stands there under the number of one of
    them counts with it: Zoho Books takes a second journal with the reference of the first.

    One listing of ours over the days of the documents; one that was moved to another day, or numbered anew, is
    read by itself.
    """
    days = sorted(dates)
    if not numbers:
        return {}
    listed = _listed(zoho, kind, {"date_start": days[0].isoformat(), "date_end": days[-1].isoformat()})
    held = {row.zoho_id: row.total for row in listed if row.zoho_id in numbers}
    held |= {zoho_id: _read(zoho, kind, zoho_id) for zoho_id in sorted(numbers.keys() - held.keys())}
    ours = {folded(number): zoho_id for zoho_id, number in numbers.items()}
    for row in listed:
        if kind == "journal" and row.zoho_id not in numbers and folded(row.number) in ours:
            held[ours[folded(row.number)]] += row.total
    return held


class _Standing(NamedTuple):
    zoho_id: str
    number: str
    total: Decimal


def _listed(zoho: ZohoBooksClient, kind: str, days: Mapping[str, str]) -> list[_Standing]:
    try:
        return [_Standing(*_key(row), _standing(row)) for row in _rows(zoho, kind, days)]
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
