"""The reconciliation of a period: Expensify's approved totals, the posted documents, and what Zoho holds now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.documents import PARTS, Part
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.reconciliation import (
    DocumentState,
    PartTotals,
    ReconciledReport,
    ReportTotals,
    Totals,
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
    off = frame_of(RECONCILIATION, filter(is_off, records(frame)))
    return materialized(
        frame,
        balanced=totals(rows).balanced,
        totals=money_table(frame, *_MONEY),
        differences=preview(off, "report_id", "currency", *_MONEY, "remark"),
    )


def is_off(row: Mapping[str, Any]) -> bool:
    """Whether a row of the asset keeps its period from balancing; its remark says why."""
    return bool(row["difference_cents"] or row["zoho_cents"] != row["zoho_expected_cents"])


def report_totals(
    connection: Connection, expenses: pd.DataFrame, documents: pd.DataFrame, held: Mapping[str, Holding] | None
) -> Iterator[ReportTotals]:
    """One value a report of the period, with its documents and what Zoho Books holds of them (None: not asked)."""
    rows_of: dict[str, list[dict[str, Any]]] = {}
    for row in records(documents):
        rows_of.setdefault(row["report_id"], []).append(row)
    wanted = wanted_parts(connection)
    for report_id, report in approved_parts(expenses).items():
        rows = rows_of.pop(report_id, [])
        by_part = {part: report[part] for part in PARTS}
        total = report["report_total_cents"]
        yield ReportTotals(
            report_id=report_id,
            currency=report["currency"] or "",
            approved_cents=sum(by_part.values()) if total is None else total,
            parts=tuple(
                PartTotals(part, cents, part in wanted, tuple(_states(rows, part, held)))
                for part, cents in by_part.items()
            ),
        )
    for report_id, rows in rows_of.items():  # posted in this period once, not approved in it any more
        parts = tuple(PartTotals(part, 0, True, tuple(_states(rows, part, held))) for part in PARTS)
        yield ReportTotals(report_id, rows[0]["currency"] or "", 0, parts)


def _held(
    connection: Connection, client: ZohoBooksClient, posting: PostingAccess, documents: pd.DataFrame
) -> dict[str, Holding]:
    rows = [row for row in records(documents) if _is_in_books(row)]
    if not rows:
        return {}
    ledger = posting.ledger(connection, client.organization().organization_id, "reconciliation", None)
    held: dict[str, Holding] = {}
    for kind in sorted({row["kind"] for row in rows}):
        posted = [
            Posted(row["zoho_id"], row["number"], row["report_id"], date.fromisoformat(row["date"]))
            for row in rows
            if row["kind"] == kind
        ]
        held |= held_now(client, ledger, kind, posted)
    return held


def read_totals(frame: pd.DataFrame) -> Totals:
    """The sums of a stored partition."""
    return totals(ReconciledReport(**row) for row in records(frame.fillna({"currency": "", "remark": ""})))


def _states(
    rows: Iterable[Mapping[str, Any]], part: Part, held: Mapping[str, Holding] | None
) -> Iterator[DocumentState]:
    for row in rows:
        if row["part"] != part:
            continue
        holding = held.get(row["zoho_id"]) if _is_in_books(row) and held is not None else None
        zoho_cents = _held_cents(row, holding) if holding else None
        copies = holding.copies if holding else ()
        dismissed = row["reason_code"] == Reason.DISMISSED
        yield DocumentState("dismissed" if dismissed else row["state"], row["total_cents"], zoho_cents, copies)


def _is_in_books(row: Mapping[str, Any]) -> bool:
    return row["zoho_id"] is not None and row["state"] in ("posted", "review")


def _held_cents(row: Mapping[str, Any], holding: Holding) -> int:
    if not holding.total:
        return 0
    cents = int(holding.total.scaleb(2).to_integral_value())
    if row["kind"] == "vendor_credit":
        return -cents
    # A journal shows the sum of its debits, which a refund makes larger than what it stands for.
    refunded: int = row["shown_total_cents"] - row["total_cents"]
    return cents - refunded
