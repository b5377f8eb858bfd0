"""The documents of a period in Zoho Books: what was posted, where, or why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.documents import COMPANY_PAID_SUFFIX, PARTS, Part
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.planning import needed_rates, plan_period
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import NotSettled, explained, stopped
from mlc_pipeline.frames import frame_of
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.posting.outcomes import counts, document_rows
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.progress import Pace, Progress
from mlc_pipeline.posting.refusals import may_be_of_a_contact
from mlc_pipeline.resources import PostingAccess, ZohoAccess
from mlc_pipeline.schemas import DOCUMENTS
from mlc_pipeline.steps.approved_parts import approved_parts, wanted_parts
from mlc_pipeline.steps.category_mappings import card_accounts
from mlc_pipeline.steps.metadata import (
    materialized,
    money_table,
    preview,
    traffic,
)
from mlc_pipeline.steps.zoho_organization import organization_of, with_locks, with_rates
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
    with explained():
        client = zoho.client(connection)
        organization = organization_of(inputs.organization, inputs.dimensions)
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
        rows = list(document_rows(postings, plans, dict(left_out(connection, inputs.reports))))
        frame = frame_of(DOCUMENTS, rows)
        metadata = {
            **_metadata(frame, progress, rows, client),
            **_pace(pace),
            **traffic("zoho", client.traffic),
        }
    failure = progress.failure or _unsettled(rows)
    if failure is not None:
        error = progress.error or NotSettled(failure)
        raise stopped(f"{failure}\nRun the period again to post the rest.", error, metadata)
    return materialized(frame, **metadata)


def plan_now(
    connection: Connection,
    period: ApprovalPeriod,
    reports: pd.DataFrame,
    mappings: pd.DataFrame,
    organization: Organization,
    client: ZohoBooksClient,
    currencies: pd.DataFrame,
) -> Plans:
    """`plan` with the locks of this moment and the rates that are needed: those of mlc.yaml, else Zoho's.

    Raises:
        ZohoError: the locks or rates cannot be read.
    """
    organization = with_locks(organization, client)
    needed = rates_needed(connection, period, reports, organization)
    configured = connection.posting.exchange_rates
    rates = {(code, day): Decimal(configured[code]) for code, day in needed if code in configured}
    organization = with_rates(replace(organization, rates=rates), client, currencies, needed)
    return plan(connection, period, reports, mappings, organization)


def plan(
    connection: Connection,
    period: ApprovalPeriod,
    reports: pd.DataFrame,
    mappings: pd.DataFrame,
    organization: Organization | None = None,
) -> Plans:
    """What should stand in Zoho Books for the period; without an organization every currency counts as its own."""
    return plan_period(reports, read_mappings(mappings), _rules(connection, period), organization)


def rates_needed(
    connection: Connection, period: ApprovalPeriod, reports: pd.DataFrame, organization: Organization
) -> set[tuple[str, date]]:
    """The exchange rates (ISO currency, day of the document) that `plan` will look for in the organization."""
    needed: set[tuple[str, date]] = set()
    for rules in _rules(connection, period).values():
        if rules.kind != "skip":
            needed |= needed_rates(reports, rules, organization)
    return needed


def planned_parts(connection: Connection) -> tuple[Part, ...]:
    """The parts of reports that are planned; what the company paid may only be listed."""
    posts_cards = card_accounts(connection) or connection.posting.company_paid == "bill"
    return PARTS if posts_cards else ("reimbursable",)


def _rules(connection: Connection, period: ApprovalPeriod) -> dict[Part, DocumentRules]:
    """The rules of each part that is planned; the company-paid one may only be listed."""
    posting, mapping = connection.posting, connection.mapping
    dimensions = {target.dimension for target in (*mapping.tags.values(), *mapping.report_fields.values())}
    reimbursable = DocumentRules(
        period=period.key,
        period_last_day=(period.end - timedelta(days=1)).date(),
        timezone=connection.period.timezone,
        kind=posting.reimbursable,
        lines=posting.lines,
        date=posting.date,
        on_locked_period=posting.on_locked_period,
        names_customers=bool(dimensions & {"customer", "project"}),
    )
    if "company_paid" not in planned_parts(connection):
        return {"reimbursable": reimbursable}
    suffix = COMPANY_PAID_SUFFIX if posting.company_paid == posting.reimbursable else ""
    company_paid = replace(reimbursable, kind=posting.company_paid, number_suffix=suffix)
    return {"reimbursable": reimbursable, "company_paid": company_paid}


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
