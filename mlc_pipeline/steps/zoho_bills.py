"""The documents of a period in Zoho Books: what was posted, where, or why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.rates import DoubtfulRate
from mlc_pipeline.cancelling import end_if_cancelled
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import NotSettled, explained, stopped
from mlc_pipeline.frames import frame_of
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.posting.outcomes import COMES_TO_NOTHING, counts, document_rows, with_nothing_to_post
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.progress import Pace, Progress
from mlc_pipeline.posting.refusals import may_be_of_a_contact
from mlc_pipeline.resources import PostingAccess, ZohoAccess
from mlc_pipeline.schemas import DOCUMENTS
from mlc_pipeline.steps.approved_parts import approved_parts, wanted_parts
from mlc_pipeline.steps.metadata import (
    materialized,
    money_table,
    preview,
    traffic,
)
from mlc_pipeline.steps.planning import plan_now, planned_parts, with_doubts
from mlc_pipeline.steps.zoho_organization import organization_of
from mlc_pipeline.zoho.client import ZohoBooksClient


@dataclass(frozen=True, slots=True)
class Inputs:
    """The frames that the documents of a period are made of."""

    reports: pd.DataFrame
    mappings: pd.DataFrame
    currencies: pd.DataFrame
    dimensions: pd.DataFrame
    organization: pd.DataFrame


def step(
    connection: Connection,
    context: dg.AssetExecutionContext,
    inputs: Inputs,
    zoho: ZohoAccess,
    posting: PostingAccess,
) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    period = approval_periods(connection.period).period(context.partition_key)
    # So that a run of a backfill, which is none of the job, is found by its connection too.
    context.instance.add_run_tags(context.run.run_id, {"mlc/connection": connection.name})
    end_if_cancelled(context.instance, context.run)
    with explained():
        client = zoho.client(connection)
        organization = organization_of(inputs.organization, inputs.dimensions)
        organization = with_doubts(connection, inputs.reports, organization, inputs.currencies)
        for rate in organization.doubtful_rates:
            context.log.warning(str(rate))
        plans = plan_now(
            connection, period, inputs.reports, inputs.mappings, organization, client, inputs.currencies
        )
        ledger = posting.ledger(
            connection, client.organization().organization_id, f"run of {connection.name}", context.run.run_id
        )
        pace = Pace(0, 0, 0, 0.0)

        def tell(now: Pace) -> None:
            nonlocal pace
            pace = now
            context.log.info(str(now))

        workers = connection.zoho.concurrency
        poster = Poster(ledger, client, posting.patience, workers, on_progress=tell)
        postings, progress = post_period(
            ledger, poster, period.key, plans, connection.posting.on_amendment, planned_parts(connection)
        )
        if may_be_of_a_contact(progress.refused):
            zoho.doubt_lists(connection)
        why = dict(left_out(connection, inputs.reports))
        nothing = list(with_nothing_to_post(postings, plans))
        if nothing:
            reasons = [(one, why.get(one.report_id, COMES_TO_NOTHING)) for one in nothing]
            ledger.note_nothing(reasons, period.key)
        rows = list(document_rows(postings, nothing, why))
        frame = frame_of(DOCUMENTS, rows)
        metadata = {
            **_metadata(frame, progress, rows, client),
            **_pace(pace),
            **_in_doubt(organization.doubtful_rates),
            **traffic("zoho", client.traffic),
        }
    failure = progress.failure or _unsettled(rows)
    if failure is not None:
        error = progress.error or NotSettled(failure)
        raise stopped(f"{failure}\nRun the period again to post the rest.", error, metadata)
    return materialized(frame, **metadata)


def left_out(connection: Connection, expenses: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """By report what is not posted of it, as it was configured, and why."""
    wanted = wanted_parts(connection)
    for report_id, report in approved_parts(expenses).items():
        reasons = [
            f"{format_money(report[part], report['currency'] or '')} {why}"
            for part, why in (("reimbursable", _SKIPPED), ("company_paid", _company_paid_why(connection)))
            if report[part] and part not in wanted
        ]
        if reasons:
            yield report_id, " ".join(reasons)


_SKIPPED = "that the employee paid are left out: posting.reimbursable is skip in mlc.yaml."


def _company_paid_why(connection: Connection) -> str:
    if connection.posting.company_paid == "skip":
        return "that the company paid are left out: posting.company_paid is skip in mlc.yaml."
    return (
        "that the company paid are not posted yet: name the accounts of its cards under "
        "posting.company_card_accounts in mlc.yaml and run the period again."
    )


def _unsettled(rows: Sequence[dict[str, Any]]) -> str | None:
    open_rows = [row for row in rows if row["state"] in ("unknown", "failed")]
    if not open_rows:
        return None
    numbers = ", ".join(str(row["number"]) for row in open_rows[:5])
    return f"{len(open_rows)} documents are not settled yet ({numbers}): their outcome is unknown or not sent."


def _in_doubt(rates: Sequence[DoubtfulRate]) -> dict[str, Any]:
    return {"doubtful_exchange_rates": "\n".join(map(str, rates))} if rates else {}


def _pace(pace: Pace) -> dict[str, Any]:
    if not pace.total:
        return {}
    return {"documents_per_minute": round(pace.per_minute, 1), "posting_seconds": round(pace.seconds, 1)}


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
