"""The export label of posted reports in Expensify; only where `expensify.mark_exported` names one."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.reconciliation import ReconciledReport
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of, records
from mlc_pipeline.posting.export_marks import ExportMarker, Marked
from mlc_pipeline.posting.outcomes import counts
from mlc_pipeline.resources import ExpensifyAccess, PostingAccess, ZohoAccess
from mlc_pipeline.schemas import EXPORT_MARKS
from mlc_pipeline.steps.metadata import materialized, preview
from mlc_pipeline.steps.reconciliation import read_reports

_NOT_POSTED = "Not all of it is posted, so it is not marked."
_OFF = "The reconciliation shows a difference or an amount that is not posted, so it is not marked."


def step(
    connection: Connection,
    context: dg.AssetExecutionContext,
    reports: dict[str, tuple[str, str | None]],
    expensify: ExpensifyAccess,
    zoho: ZohoAccess,
    posting: PostingAccess,
) -> dg.Output[pd.DataFrame]:
    """What the asset does, with what `posted_reports` says of each report."""
    label = connection.expensify.mark_exported or ""
    ready = {report_id: revisions for report_id, (revisions, reason) in reports.items() if reason is None}
    with explained(), expensify.client(connection) as client:
        organization_id = zoho.client(connection).organization().organization_id
        ledger = posting.ledger(connection, organization_id, f"run of {connection.name}", context.run.run_id)
        marker = ExportMarker(ledger.engine, ledger.actor, client.export_marks, label)
        marked = marker.mark(context.partition_key, ready)
    frame = frame_of(EXPORT_MARKS, _rows(label, reports, marked))
    states = counts(records(frame))
    metadata: dict[str, Any] = {
        "states": ", ".join(f"{count} {state}" for state, count in states.items()) or "none",
        "not_marked": preview(frame[frame["state"] != "marked"], "report_id", "state", "reason"),
        "marking_jobs": marked.jobs,
    }
    if marked.unmarked:
        raise dg.Failure(_failure(marked), metadata=metadata)
    return materialized(frame, **metadata)


def posted_reports(
    connection: Connection, documents: pd.DataFrame, reconciliation: pd.DataFrame
) -> dict[str, tuple[str, str | None]]:
    """Each report of the period: which revisions of its parts are posted, and why it is not to be marked."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in records(documents):
        parts.setdefault(row["report_id"], []).append(row)
    off = {row.report_id for row in read_reports(reconciliation) if not _is_proven(connection, row)}
    reports = {}
    for report_id, rows in parts.items():
        posted = sorted(f"{row['part']} {row['revision']}" for row in rows if row["state"] == "posted")
        is_posted = posted and {row["state"] for row in rows} <= {"posted", "nothing_to_post"}
        reason = _NOT_POSTED if not is_posted else _OFF if report_id in off else None
        reports[report_id] = (", ".join(posted), reason)
    return reports


def _is_proven(connection: Connection, row: ReconciledReport) -> bool:
    """Whether the reconciliation accounts for all of a report, and Zoho Books holds it."""
    leaves_out = "skip" in (connection.posting.reimbursable, connection.posting.company_paid)
    complete = row.not_yet_posted_cents == 0 or leaves_out
    return complete and not (row.is_off or row.in_review_cents or row.dismissed_cents)


def _rows(label: str, reports: dict[str, tuple[str, str | None]], marked: Marked) -> Iterator[dict[str, Any]]:
    for report_id, (_, waits) in sorted(reports.items()):
        left = marked.unmarked.get(report_id)
        state = "waits" if waits else "failed" if left else "marked"
        yield {"report_id": report_id, "label": label, "state": state, "reason": waits or left}


def _failure(marked: Marked) -> str:
    why = marked.failure or next(iter(marked.unmarked.values()))
    return (
        f"{len(marked.unmarked)} reports are not marked as exported in Expensify: {why}\n"
        "They are posted. Materialize the asset export_marks of this period again."
    )
