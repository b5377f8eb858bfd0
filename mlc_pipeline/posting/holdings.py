"""What Zoho Books holds now under posted documents, for the reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from mlc_pipeline.accounting.documents import PREFIX
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import NotFound, Refused
from mlc_pipeline.zoho.models import Bill, BillSummary, Journal, JournalSummary, VendorCredit, VendorCreditSummary

_Row = BillSummary | VendorCreditSummary | JournalSummary


def totals_held(
    zoho: ZohoBooksClient, kind: str, dates: Iterable[date], zoho_ids: Iterable[str]
) -> dict[str, Decimal]:
    """The total that each document shows now, in its currency; a void or missing one holds nothing.

    One listing of ours over the days of the documents; one that was moved to another day, or numbered anew, is
    read by itself.
    """
    days, wanted = sorted(dates), set(zoho_ids)
    if not wanted:
        return {}
    between = {"date_start": days[0].isoformat(), "date_end": days[-1].isoformat()}
    held = {zoho_id: total for zoho_id, total in _listed(zoho, kind, between) if zoho_id in wanted}
    return held | {zoho_id: _read(zoho, kind, zoho_id) for zoho_id in sorted(wanted - held.keys())}


def _listed(zoho: ZohoBooksClient, kind: str, days: Mapping[str, str]) -> list[tuple[str, Decimal]]:
    try:
        return [(_id(row), _standing(row)) for row in _rows(zoho, kind, days)]
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


def _id(row: _Row) -> str:
    if isinstance(row, JournalSummary):
        return row.journal_id
    return row.vendor_credit_id if isinstance(row, VendorCreditSummary) else row.bill_id


def _standing(document: _Row | Bill | VendorCredit | Journal) -> Decimal:
    is_void = not isinstance(document, Journal | JournalSummary) and document.status == "void"
    return Decimal(0) if is_void or document.total is None else document.total
