"""The documents of a period in Zoho Books: what was posted, where, or why not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.documents import COMPANY_PAID_SUFFIX
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.planning import needed_rates, plan_period
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.assets.approved_parts import approved_parts, wanted_parts
from mlc_pipeline.assets.category_mappings import card_accounts
from mlc_pipeline.assets.naming import (
    asset_key,
    described,
    materialized,
    money_table,
    posting_pool,
    preview,
    traffic,
)
from mlc_pipeline.assets.zoho_organization import organization_of, with_locks, with_rates
from mlc_pipeline.cancelling import end_if_cancelled
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import NotSettled, explained, stopped
from mlc_pipeline.frames import DOCUMENTS, frame_of
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.posting.outcomes import counts, document_rows
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.progress import Pace, Progress
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
            for name in (
                "expensify_reports",
                "category_mappings",
                "zoho_currencies",
                "zoho_dimensions",
                "zoho_organization",
            )
        },
    )
    def zoho_bills(
        context: dg.AssetExecutionContext,
        expensify_reports: pd.DataFrame,
        category_mappings: pd.DataFrame,
        zoho_currencies: pd.DataFrame,
        zoho_dimensions: pd.DataFrame,
        zoho_organization: pd.DataFrame,
        zoho: dg.ResourceParam[ZohoAccess],
        posting: dg.ResourceParam[PostingAccess],
    ) -> dg.Output[pd.DataFrame]:
        """Posts each report of the period once: bills to employees, journals for what the company paid.

        What cannot be posted waits in review with the reason. A temporary failure fails the run, which can be
        repeated.
        """
        period = periods.period(context.partition_key)
        # So that a run of a backfill, which is none of the job, is found by its connection too.
        context.instance.add_run_tags(context.run.run_id, {"mlc/connection": connection.name})
        end_if_cancelled(context.instance, context.run)
        with explained():
            client = zoho.client(connection)
            organization = organization_of(zoho_organization, zoho_dimensions)
            plans = plan_now(
                connection, period, expensify_reports, category_mappings, organization, client, zoho_currencies
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
            postings, progress = post_period(ledger, poster, period.key, plans, connection.posting.on_amendment)
            rows = list(document_rows(postings, plans, dict(left_out(connection, expensify_reports))))
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

    return zoho_bills


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
    reimbursable, company_paid = _rules(connection, period)
    return plan_period(reports, read_mappings(mappings), reimbursable, company_paid, organization)


def rates_needed(
    connection: Connection, period: ApprovalPeriod, reports: pd.DataFrame, organization: Organization
) -> set[tuple[str, date]]:
    """The exchange rates (ISO currency, day of the document) that `plan` will look for in the organization."""
    needed: set[tuple[str, date]] = set()
    for rules in _rules(connection, period):
        if rules is not None and rules.kind != "skip":
            needed |= needed_rates(reports, rules, organization)
    return needed


def _rules(connection: Connection, period: ApprovalPeriod) -> tuple[DocumentRules, DocumentRules | None]:
    """The rules of the reimbursable and of the company-paid part; None where the latter is only listed."""
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
    if not card_accounts(connection) and posting.company_paid != "bill":
        return reimbursable, None
    suffix = COMPANY_PAID_SUFFIX if posting.company_paid == posting.reimbursable else ""
    return reimbursable, replace(reimbursable, kind=posting.company_paid, number_suffix=suffix)


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
