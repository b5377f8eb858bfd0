"""The documents of a period in Zoho Books: what was posted, where, or why not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.period_mappings import read_mappings
from mlc_pipeline.accounting.planning import DocumentRules, plan_company_paid, plan_reimbursable
from mlc_pipeline.assets.category_mappings import card_accounts
from mlc_pipeline.assets.naming import asset_key, described, materialized, money_table, posting_pool, preview
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import DOCUMENTS, frame_of
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.posting.outcomes import counts, document_rows
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster, Progress
from mlc_pipeline.resources import PostingAccess, ZohoAccess
from mlc_pipeline.zoho.client import ZohoBooksClient


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_bills` asset of a connection."""
    periods = approval_periods(connection.period)

    @dg.asset(
        **described(connection, "zoho_bills", DOCUMENTS, "zoho"),
        partitions_def=periods.partitions_def,
        pool=posting_pool(connection),
        ins={
            name: dg.AssetIn(key=asset_key(connection, name))
            for name in ("expensify_reports", "category_mappings")
        },
    )
    def zoho_bills(
        context: dg.AssetExecutionContext,
        expensify_reports: pd.DataFrame,
        category_mappings: pd.DataFrame,
        zoho: dg.ResourceParam[ZohoAccess],
        posting: dg.ResourceParam[PostingAccess],
    ) -> dg.Output[pd.DataFrame]:
        """Posts each report of the period once: bills to employees, journals for what the company paid.

        What cannot be posted waits in review with the reason. A temporary failure fails the run, which can be
        repeated.
        """
        period = periods.period(context.partition_key)
        plans = plan(connection, period, expensify_reports, category_mappings)
        with explained():
            client = zoho.client(connection)
            organization = client.organization()
            ledger = posting.ledger(
                connection, organization.organization_id, f"run of {connection.name}", context.run.run_id
            )
            poster = Poster(ledger, client, posting.patience)
            postings, progress = post_period(ledger, poster, period.key, plans, connection.posting.on_amendment)
            rows = list(document_rows(postings, plans))
            frame = frame_of(DOCUMENTS, rows)
            metadata = _metadata(frame, progress, rows, client)
        failure = progress.failure or _unsettled(rows)
        if failure is not None:
            raise dg.Failure(f"{failure}\nRun the period again to post the rest.", metadata=metadata)
        return materialized(frame, **metadata)

    return zoho_bills


def plan(
    connection: Connection, period: ApprovalPeriod, reports: pd.DataFrame, mappings: pd.DataFrame
) -> tuple[ReportPlan, ...]:
    """What should stand in Zoho Books for the period."""
    rules = DocumentRules(
        period=period.key,
        period_last_day=(period.end - timedelta(days=1)).date(),
        timezone=connection.period.timezone,
        kind=connection.posting.reimbursable,
        lines=connection.posting.lines,
        date=connection.posting.date,
    )
    known = read_mappings(mappings)
    plans = plan_reimbursable(reports, known, rules)
    if card_accounts(connection) or connection.posting.company_paid == "bill":
        plans += plan_company_paid(reports, known, replace(rules, kind=connection.posting.company_paid))
    return plans


def _unsettled(rows: Sequence[dict[str, Any]]) -> str | None:
    open_rows = [row for row in rows if row["state"] in ("unknown", "failed")]
    if not open_rows:
        return None
    numbers = ", ".join(str(row["number"]) for row in open_rows[:5])
    return f"{len(open_rows)} documents are not settled yet ({numbers}): their outcome is unknown or not sent."


def _metadata(
    frame: pd.DataFrame, progress: Progress, rows: Sequence[dict[str, Any]], client: ZohoBooksClient
) -> dict[str, Any]:
    waiting = frame[frame["state"] == "review"]
    links = [
        f"- [{row['number']}]({url})"
        for row in rows
        if row.get("kind") == "bill" and row["zoho_id"] and (url := client.bill_url(row["zoho_id"]))
    ]
    return {
        "writes_to_zoho": progress.writes,
        "states": ", ".join(f"{count} {state}" for state, count in counts(rows).items()) or "none",
        "totals": money_table(frame[frame["state"] == "posted"], "total_cents"),
        "documents": preview(frame, "report_id", "kind", "number", "state", "currency", "total_cents", "zoho_id"),
        "review": preview(waiting, "report_id", "currency", "total_cents", "reason_code", "reason"),
        "in_zoho": dg.MetadataValue.md("\n".join(links[:50]) or "No links: nothing posted, or the sandbox."),
    }
