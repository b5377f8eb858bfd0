"""The reconciliation of a period: Expensify's approved totals, the posted documents, and what Zoho holds now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.reconciliation import (
    DocumentState,
    ReconciledReport,
    ReportTotals,
    Totals,
    reconcile,
    totals,
)
from mlc_pipeline.assets.category_mappings import card_accounts
from mlc_pipeline.assets.naming import asset_key, described, money_table, preview
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import RECONCILIATION, frame_of, records
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.posting.holdings import totals_held
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.zoho.client import ZohoBooksClient

_MONEY = (
    "expensify_cents",
    "posted_cents",
    "in_review_cents",
    "dismissed_cents",
    "not_yet_posted_cents",
    "zoho_cents",
    "difference_cents",
)


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `reconciliation` asset of a connection."""

    @dg.asset(
        **described(connection, "reconciliation", RECONCILIATION, "python"),
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={name: dg.AssetIn(key=asset_key(connection, name)) for name in ("expensify_reports", "zoho_bills")},
    )
    def reconciliation(
        expensify_reports: pd.DataFrame, zoho_bills: pd.DataFrame, zoho: dg.ResourceParam[ZohoAccess]
    ) -> dg.Output[pd.DataFrame]:
        """For every report: approved = posted + in review + not yet posted, and what Zoho Books holds now."""
        with explained():
            held = _held(zoho.client(connection), zoho_bills)
        rows = [reconcile(report) for report in report_totals(connection, expensify_reports, zoho_bills, held)]
        frame = frame_of(RECONCILIATION, (asdict(row) for row in rows))
        off = frame[(frame["difference_cents"] != 0) | (frame["zoho_cents"] != frame["posted_cents"])]
        metadata: dict[str, Any] = {
            "dagster/row_count": len(frame),
            "balanced": totals(rows).balanced,
            "totals": money_table(frame, *_MONEY),
            "differences": preview(off, "report_id", "currency", *_MONEY, "remark"),
        }
        return dg.Output(frame, metadata=metadata)

    return reconciliation


def report_totals(
    connection: Connection, expenses: pd.DataFrame, documents: pd.DataFrame, held: Mapping[str, Decimal] | None
) -> Iterator[ReportTotals]:
    """One value a report of the period, with its documents and what Zoho Books holds of them (None: not asked)."""
    journals = bool(card_accounts(connection))
    by_report = dict(iter(documents.groupby("report_id")))
    paid_by_employee = expenses["reimbursable"].fillna(value=True)
    cents = expenses["effective_cents"].fillna(0)
    company_paid = cents.where(~paid_by_employee, 0).groupby(expenses["report_id"]).sum()
    reimbursable = cents.where(paid_by_employee, 0).groupby(expenses["report_id"]).sum()
    reports: Iterable[Any] = expenses.drop_duplicates("report_id").itertuples(index=False)
    for report in reports:
        effective = int(company_paid[report.report_id] + reimbursable[report.report_id])
        skips = connection.posting.reimbursable == "skip"
        yield ReportTotals(
            report_id=report.report_id,
            currency=report.currency if isinstance(report.currency, str) else "",
            approved_cents=effective if pd.isna(report.report_total_cents) else int(report.report_total_cents),
            company_paid_cents=0 if journals else int(company_paid[report.report_id]),
            skipped_cents=int(reimbursable[report.report_id]) if skips else 0,
            documents=tuple(_states(by_report.pop(report.report_id, None), held)),
        )
    for report_id, rows in by_report.items():  # posted in this period once, not approved in it any more
        yield ReportTotals(
            report_id=str(report_id),
            currency=str(rows["currency"].iloc[0]),
            approved_cents=0,
            company_paid_cents=0,
            skipped_cents=0,
            documents=tuple(_states(rows, held)),
        )


def _held(client: ZohoBooksClient, documents: pd.DataFrame) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for kind, posted in documents[documents["zoho_id"].notna()].groupby("kind"):
        held |= totals_held(client, str(kind), posted["date"].map(date.fromisoformat), posted["zoho_id"])
    return held


def read_totals(frame: pd.DataFrame) -> Totals:
    """The sums of a stored partition."""
    return totals(ReconciledReport(**row) for row in records(frame.fillna({"currency": "", "remark": ""})))


def _states(documents: pd.DataFrame | None, held: Mapping[str, Decimal] | None) -> Iterator[DocumentState]:
    for row in records(documents) if documents is not None else ():
        dismissed = row["reason_code"] == Reason.DISMISSED
        in_zoho = None if held is None else _held_cents(row, held.get(row["zoho_id"]))
        yield DocumentState("dismissed" if dismissed else row["state"], row["total_cents"], in_zoho)


def _held_cents(row: Mapping[str, Any], shown: Decimal | None) -> int:
    if not shown:
        return 0
    # A journal shows the sum of its debits, which a refund makes larger than what it stands for.
    return int(shown.scaleb(2).to_integral_value()) - (row["shown_total_cents"] - row["total_cents"])
