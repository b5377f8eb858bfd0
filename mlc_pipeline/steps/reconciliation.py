"""The reconciliation of a period: Expensify's approved totals, the posted documents, and what Zoho holds now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.documents import PARTS
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.reconciliation import (
    DocumentState,
    PartTotals,
    ReconciledReport,
    ReportTotals,
    Totals,
    in_each_currency,
    reconcile,
    totals,
)
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of, records
from mlc_pipeline.posting.holdings import Holding, Posted, held_now
from mlc_pipeline.resources import PostingAccess, ZohoAccess
from mlc_pipeline.schemas import RECONCILIATION
from mlc_pipeline.steps.approved_parts import approved_parts, wanted_parts
from mlc_pipeline.steps.metadata import materialized, money_table, preview
from mlc_pipeline.zoho.client import ZohoBooksClient

_Row = Mapping[str, Any]

_MONEY = (
    "expensify_cents",
    "posted_cents",
    "in_review_cents",
    "dismissed_cents",
    "not_yet_posted_cents",
    "zoho_expected_cents",
    "zoho_cents",
    "difference_cents",
)


def step(
    connection: Connection,
    expenses: pd.DataFrame,
    documents: pd.DataFrame,
    zoho: ZohoAccess,
    posting: PostingAccess,
) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        held = _held(connection, zoho.client(connection), posting, documents)
    rows = [reconcile(report) for report in report_totals(connection, expenses, documents, held)]
    frame = frame_of(RECONCILIATION, (asdict(row) for row in rows))
    off = frame_of(RECONCILIATION, (asdict(row) for row in rows if row.is_off))
    return materialized(
        frame,
        balanced=totals(rows).balanced,
        totals=money_table(frame, *_MONEY),
        differences=preview(off, "report_id", "currency", *_MONEY, "remark"),
    )


def report_totals(
    connection: Connection, expenses: pd.DataFrame, documents: pd.DataFrame, held: Mapping[str, Holding] | None
) -> Iterator[ReportTotals]:
    """One value a report of the period and currency, with its documents and what Zoho Books holds of them.

    Where Zoho Books was not asked, `held` is None.
    """
    rows_of = _by_part(documents)
    wanted = wanted_parts(connection)
    approved = approved_parts(expenses)
    for report_id, report in approved.items():
        by_part = {part: report[part] for part in PARTS}
        total = report["report_total_cents"]
        totals_now = ReportTotals(
            report_id=report_id,
            currency=report["currency"] or "",
            approved_cents=sum(by_part.values()) if total is None else total,
            parts=tuple(
                PartTotals(part, cents, part in wanted, _states(rows_of.get((report_id, part), ()), held))
                for part, cents in by_part.items()
            ),
        )
        yield from in_each_currency(totals_now)
    # Posted in this period once, not approved in it any more.
    for report_id in dict.fromkeys(report_id for report_id, _ in rows_of if report_id not in approved):
        rows = {part: rows_of.get((report_id, part), []) for part in PARTS}
        parts = tuple(PartTotals(part, 0, True, _states(rows[part], held)) for part in PARTS)
        currency = next(row["currency"] or "" for of_part in rows.values() for row in of_part)
        yield from in_each_currency(ReportTotals(report_id, currency, 0, parts))


def _held(
    connection: Connection, client: ZohoBooksClient, posting: PostingAccess, documents: pd.DataFrame
) -> dict[str, Holding]:
    rows = [row for of_part in _by_part(documents).values() for row in _ever_in_books(of_part)]
    if not rows:
        return {}
    ledger = posting.ledger(connection, client.organization().organization_id, "reconciliation", None)
    held: dict[str, Holding] = {}
    for kind in sorted({row["kind"] for row in rows}):
        posted = [
            Posted(
                zoho_id=row["zoho_id"],
                number=row["number"],
                report_id=row["report_id"],
                date=date.fromisoformat(row["date"]),
                is_replaced=not _stands(row),
            )
            for row in rows
            if row["kind"] == kind
        ]
        held |= held_now(client, ledger, kind, posted)
    return held


def read_totals(frame: pd.DataFrame) -> Totals:
    """The sums of a stored partition."""
    return totals(read_reports(frame))


def read_reports(frame: pd.DataFrame) -> list[ReconciledReport]:
    """The rows of a stored partition."""
    return [ReconciledReport(**row) for row in records(frame.fillna({"currency": "", "remark": ""}))]


def _by_part(documents: pd.DataFrame) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The revisions of each part of a report, oldest first."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in records(documents):
        rows.setdefault((row["report_id"], row["part"]), []).append(row)
    return rows


def _states(rows: Sequence[_Row], held: Mapping[str, Holding] | None) -> tuple[DocumentState, ...]:
    # An update leaves two revisions with one document, which is the later one's.
    told_by = {row["zoho_id"]: row["revision"] for row in _ever_in_books(rows)}
    return tuple(_state(row, held if told_by.get(row["zoho_id"]) == row["revision"] else None) for row in rows)


def _state(row: _Row, held: Mapping[str, Holding] | None) -> DocumentState:
    state = "dismissed" if row["reason_code"] == Reason.DISMISSED else row["state"]
    currency = row["currency"] or ""
    holding = held.get(row["zoho_id"]) if held is not None else None
    if holding is None or not (_stands(row) or holding.total):
        return DocumentState(state, row["total_cents"], currency=currency)
    meant = row["total_cents"] if _stands(row) else 0
    return DocumentState(state, meant, _held_cents(row, holding), holding.copies, currency)


def _ever_in_books(rows: Sequence[_Row]) -> list[_Row]:
    """Of the revisions of one part, oldest first, those in whose place another stands, and those that stand."""
    standing = [row for row in rows if _stands(row)]
    last = max((row["revision"] for row in standing), default=0)
    replaced = [row for row in rows if row["zoho_id"] is not None and row["revision"] < last and not _stands(row)]
    return [*replaced, *standing]


def _stands(row: _Row) -> bool:
    return row["zoho_id"] is not None and row["state"] in ("posted", "review")


def _held_cents(row: _Row, holding: Holding) -> int:
    if not holding.total:
        return 0
    cents = int(holding.total.scaleb(2).to_integral_value())
    if row["kind"] == "vendor_credit":
        return -cents
    # A journal shows the sum of its debits, which a refund makes larger than what it stands for.
    refunded: int = row["shown_total_cents"] - row["total_cents"]
    return cents - refunded
