"""`mlc run`: materializes one partition of all assets of a connection, and tells what became of each report."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.reconciliation import Totals, reconcile, totals
from mlc_pipeline.assets import AFTER_POSTING
from mlc_pipeline.build import build_defs
from mlc_pipeline.commands.instances import dagster_instance
from mlc_pipeline.config import Configuration, Connection
from mlc_pipeline.database import DatabaseError
from mlc_pipeline.frames import frame_of, records
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.naming import asset_key
from mlc_pipeline.periods import ApprovalPeriod, UnknownPeriod, approval_periods
from mlc_pipeline.posting.outcomes import document_rows
from mlc_pipeline.posting.postings import Posting, of_connection
from mlc_pipeline.resources import Database
from mlc_pipeline.schemas import DOCUMENTS
from mlc_pipeline.settings import Settings
from mlc_pipeline.steps.reconciliation import read_reports, read_totals, report_totals

_log = logging.getLogger(__name__)

POSTED_AND_RECONCILED, SOME_IN_REVIEW, FAILED = 0, 1, 2

_MOST_REMARKS = 3
_MAYBE_ANOTHER_RUN = (
    "If a report was approved anew or another run posted meanwhile, run the period again; else `reconciliation` "
    "names every report that is off."
)

_TOLD = ("report_id", "part", "revision", "kind", "state", "zoho_id", "number", "currency", "total_cents")


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What came of an asset that follows a posted period: how many in which state, and why it failed, if so."""

    asset: str
    states: str
    failure: str | None


@dataclass(frozen=True, slots=True)
class PeriodRun:
    """What `mlc run` found at its end.

    `writes` counts the requests that posted to Zoho Books, None where posting was cut off before it could tell;
    `failure` is the sentence of what stopped the run, or of why its end is off without anything in review.
    `afterwards` are receipts and export marks, where they are configured: the exit code does not depend on them.
    """

    connection: str
    period: str
    run_id: str | None
    reports: int
    writes: int | None
    documents: tuple[dict[str, Any], ...]
    reconciliation: Totals
    failure: str | None
    afterwards: tuple[Afterwards, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all posted and reconciled, 1 some wait for a person, 2 failed, or off without a reason in review."""
        if self.failure is not None:
            return FAILED
        waits = any(document["state"] == "review" for document in self.documents)
        if waits:
            return SOME_IN_REVIEW
        return POSTED_AND_RECONCILED if self.reconciliation.balanced else FAILED

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "connection": self.connection,
            "period": self.period,
            "run_id": self.run_id,
            "reports": self.reports,
            "writes": self.writes,
            "documents": list(self.documents),
            "reconciliation": asdict(self.reconciliation),
            "failure": self.failure,
            "afterwards": [asdict(one) for one in self.afterwards],
        }


def run_period(settings: Settings, connection: Connection, key: str) -> PeriodRun:
    """Materialize the partition `key` of all assets of the connection on the Dagster instance.

    Raises:
        UnknownPeriod: there is no such period, or it has not ended yet.
    """
    closed_period(connection, key)
    defs = build_defs(settings=settings, configuration=Configuration((connection,), ()))
    job = defs.resolve_job_def(period_job_name(connection.name))
    with dagster_instance(settings) as instance:
        result = job.execute_in_process(
            instance=instance,
            partition_key=key,
            raise_on_error=False,
            # Dagster's own log goes to its event log; people get one sentence.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return _told(settings, connection, key, result)


def without_a_run(connection: str, period: str, failure: str) -> PeriodRun:
    """What is told where there could be no run at all."""
    return PeriodRun(connection, period, None, 0, 0, (), Totals(balanced=False), failure)


def closed_period(connection: Connection, key: str) -> ApprovalPeriod:
    """The period with this key, which must have ended."""
    period = approval_periods(connection.period).period(key)
    if not period.is_closed(datetime.now(UTC)):
        raise UnknownPeriod(
            f"The period {key} of {connection.name} ends only at {period.end.isoformat()}: run it after that."
        )
    return period


def _told(settings: Settings, connection: Connection, key: str, result: dg.ExecuteInProcessResult) -> PeriodRun:
    done = _materialized(result)
    expenses = _output(result, connection, "expensify_reports") if "expensify_reports" in done else None
    if "zoho_bills" in done:
        frame = _output(result, connection, "zoho_bills")
    else:
        frame = frame_of(DOCUMENTS, document_rows(_ledger(settings, connection, key), ()))
    documents = tuple(_document(row) for row in records(frame))
    waits = any(document["state"] == "review" for document in documents)
    return PeriodRun(
        connection=connection.name,
        period=key,
        run_id=result.run_id,
        reports=0 if expenses is None else int(expenses["report_id"].nunique()),
        writes=_writes(result),
        documents=documents,
        reconciliation=_totals(connection, result, done, expenses, frame),
        failure=_failure(result) or (None if waits else _why_off(connection, result, done)),
        afterwards=tuple(_afterwards(result)),
    )


def _ledger(settings: Settings, connection: Connection, key: str) -> Sequence[Posting]:
    """The postings of the period; none where a database that is away has stopped the run: its failure says so."""
    try:
        return of_connection(Database(settings).engine, connection.name, key)
    except DatabaseError as error:
        _log.warning("What was posted before is not told: %s", error)
        return ()


def _totals(
    connection: Connection,
    result: dg.ExecuteInProcessResult,
    done: Iterable[str],
    expenses: pd.DataFrame | None,
    documents: pd.DataFrame,
) -> Totals:
    if "reconciliation" in done:
        return read_totals(_output(result, connection, "reconciliation"))
    if expenses is None:
        return Totals(balanced=False)
    # Zoho Books was not asked: what the ledger says is told, but not called balanced.
    partial = totals(reconcile(report) for report in report_totals(connection, expenses, documents, None))
    return replace(partial, balanced=False, zoho_total_cents={})


def _document(row: dict[str, Any]) -> dict[str, Any]:
    reason = " ".join(part for part in (row["reason_code"] and f"[{row['reason_code']}]", row["reason"]) if part)
    return {name: row[name] for name in _TOLD} | {"reason": reason or None, "reason_code": row["reason_code"]}


def _materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.path[-1] for event in result.get_asset_materialization_events() if event.asset_key}


def _why_off(connection: Connection, result: dg.ExecuteInProcessResult, done: Iterable[str]) -> str | None:
    """What the reconciliation remarks on reports that do not balance; None where all do, or nothing was told."""
    rows = read_reports(_output(result, connection, "reconciliation")) if "reconciliation" in done else ()
    off = [row for row in rows if row.is_off]
    if not off:
        return None
    told = " ".join(f"{row.report_id}: {row.remark}" for row in off[:_MOST_REMARKS])
    more = f" And {len(off) - _MOST_REMARKS} more reports." if len(off) > _MOST_REMARKS else ""
    return f"The period does not balance. {told}{more} {_MAYBE_ANOTHER_RUN}"


def _writes(result: dg.ExecuteInProcessResult) -> int | None:
    for event in (*result.get_asset_materialization_events(), *result.get_step_failure_events()):
        metadata = _metadata(event)
        if "writes_to_zoho" in metadata:
            return int(str(metadata["writes_to_zoho"].value))
    return None if any(_asset(event) == "zoho_bills" for event in result.get_step_failure_events()) else 0


def _metadata(event: dg.DagsterEvent) -> Mapping[str, dg.MetadataValue[Any]]:
    if event.is_step_failure:
        failure = event.step_failure_data.user_failure_data
        return failure.metadata if failure is not None else {}
    return event.materialization.metadata


def _output(result: dg.ExecuteInProcessResult, connection: Connection, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = result.asset_value(asset_key(connection, name))
    return frame


def _failure(result: dg.ExecuteInProcessResult) -> str | None:
    if result.success:
        return None
    failures = result.get_step_failure_events()
    sentences = [_sentence(event) for event in failures if _asset(event) not in AFTER_POSTING]
    if failures and not sentences:
        return None
    return " ".join(dict.fromkeys(sentences)) or "The run failed before its first step: see it in the Dagster UI."


def _afterwards(result: dg.ExecuteInProcessResult) -> Iterator[Afterwards]:
    for event in (*result.get_asset_materialization_events(), *result.get_step_failure_events()):
        if _asset(event) in AFTER_POSTING:
            states = _metadata(event).get("states")
            told = str(states.value) if states is not None else "none"
            yield Afterwards(_asset(event), told, _sentence(event) if event.is_step_failure else None)


def _asset(event: dg.DagsterEvent) -> str:
    """The name of the asset that the event's step makes; Dagster names the step after its key."""
    return (event.step_key or "").rpartition("__")[2]


def _sentence(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.error is not None and data.error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
        return "The run was interrupted. Nothing is lost: run the period again."
    if data.user_failure_data is not None and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    causes: Sequence[str] = [
        error.message.strip() for error in (data.error, getattr(data.error, "cause", None)) if error
    ]
    return f"{event.step_key} failed: {causes[-1] if causes else 'see the run in the Dagster UI'}"
