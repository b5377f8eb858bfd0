"""What Zoho Books holds now under posted documents, for the reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Bill, BillSummary, Journal, JournalSummary
from mlc_pipeline.zoho.errors import NotFound, Refused


def totals_held(
    zoho: ZohoBooksClient, kind: str, dates: Iterable[date], zoho_ids: Iterable[str]
) -> dict[str, Decimal]:
    """The total that each document shows now, in its currency; a void or missing one holds nothing.

    One listing over the days of the documents; one that was moved to another day is read by itself.
    """
    days, wanted = sorted(dates), set(zoho_ids)
    if not wanted:
        return {}
    is_journal = kind == "journal"
    rows = _journals(zoho, days) if is_journal else _bills(zoho, days)
    read: Callable[[str], Bill | Journal] = zoho.journal if is_journal else zoho.bill
    held = {zoho_id: total for zoho_id, total in rows if zoho_id in wanted}
    return held | {zoho_id: _read(read, zoho_id) for zoho_id in sorted(wanted - held.keys())}


def _bills(zoho: ZohoBooksClient, days: Sequence[date]) -> list[tuple[str, Decimal]]:
    try:
        return [(row.bill_id, _standing(row)) for row in zoho.bills(**_between(days))]
    except Refused:
        return []


def _journals(zoho: ZohoBooksClient, days: Sequence[date]) -> list[tuple[str, Decimal]]:
    try:
        return [(row.journal_id, _standing(row)) for row in zoho.journals(**_between(days))]
    except Refused:
        return []


def _read(read: Callable[[str], Bill | Journal], zoho_id: str) -> Decimal:
    try:
        return _standing(read(zoho_id))
    except NotFound:
        return Decimal(0)


def _standing(document: Bill | BillSummary | Journal | JournalSummary) -> Decimal:
    is_void = isinstance(document, Bill | BillSummary) and document.status == "void"
    return Decimal(0) if is_void or document.total is None else document.total


def _between(days: Sequence[date]) -> dict[str, str]:
    return {"date_start": days[0].isoformat(), "date_end": days[-1].isoformat()}
