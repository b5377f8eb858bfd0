"""Sensors: what died is ended, so that nothing waits for it, and what a limit stopped goes on when it may."""

import json
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import dagster as dg

from mlc_pipeline.config import Connection
from mlc_pipeline.failures import GOES_ON_AT
from mlc_pipeline.heartbeats import Look, forget, looked_on, silent_runs
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.resources import Database

_UNENDED = frozenset({dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING})
_LOOKS_BACK = timedelta(days=3)  # no limit closes for longer than a day
_PARTITION = "dagster/partition"


def upkeep(database: Database, pools: Collection[str]) -> dg.SensorDefinition:
    """Ends the runs whose heartbeat stopped; the instance's `run_retries` then runs them once more.

    Dagster applies the default limit to a pool only once it has met it: here all `pools` are made known.
    """

    @dg.sensor(
        name="upkeep",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs that died with their machine, which would stay “started” for ever.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        for pool in pools:
            context.instance.event_log_storage.initialize_concurrency_limit_to_default(pool)
        dead, looks = looked_on(silent_runs(database.engine), _looks(context.cursor))
        ended = [run_id for run_id in dead if _ended(context.instance, run_id)]
        for run_id in ended:
            forget(database.engine, run_id)
        told = f"Runs that had died: {', '.join(ended)}." if ended else "No run has died."
        if looks:
            told += f" Late, looked at again at the next tick: {', '.join(looks)}."
        return dg.SensorResult(skip_reason=told, cursor=json.dumps(looks))

    return sensor


def going_on(connection: Connection) -> dg.SensorDefinition:
    """Runs a period again that a limit had stopped, at the time that the failure named."""

    @dg.sensor(
        name=f"{connection.name}_goes_on",
        job_name=period_job_name(connection.name),
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING
        if connection.schedule.enabled
        else dg.DefaultSensorStatus.STOPPED,
        description="Runs a period again that a limit of Zoho Books or Expensify stopped, once it may go on.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        stopped = _stopped(context.instance, connection.name)
        now = time.time()
        due = [(period, run_id) for period, (run_id, moment) in sorted(stopped.items()) if moment <= now]
        if due:
            requests = [dg.RunRequest(run_key=run_id, partition_key=period) for period, run_id in due]
            return dg.SensorResult(run_requests=requests)
        if not stopped:
            return dg.SkipReason("No limit has stopped a period.")
        next_moment = datetime.fromtimestamp(min(moment for _, moment in stopped.values()), UTC)
        return dg.SkipReason(f"A limit has stopped {', '.join(sorted(stopped))}; on at {next_moment:%H:%M} UTC.")

    return sensor


def _looks(cursor: str | None) -> dict[str, Look]:
    return {run_id: (until_ms, since) for run_id, (until_ms, since) in json.loads(cursor or "{}").items()}


def _ended(instance: dg.DagsterInstance, run_id: str) -> bool:
    """End a run of this instance; that of another instance is left to its own sensor."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        return False
    if run.status in _UNENDED:
        instance.report_run_failed(run, "The process or machine of this run died: it gave no sign of life.")
    return True


def _stopped(instance: dg.DagsterInstance, connection: str) -> dict[str, tuple[str, float]]:
    """By period whose newest run a limit had stopped: that run, and when it goes on (seconds since 1970)."""
    since = datetime.now(UTC) - _LOOKS_BACK
    filters = dg.RunsFilter(tags={"mlc/connection": connection}, created_after=since)
    newest: dict[str, dg.DagsterRun] = {}
    for record in instance.get_run_records(filters):  # newest first
        newest.setdefault(record.dagster_run.tags.get(_PARTITION, ""), record.dagster_run)
    return {
        period: (run.run_id, moment)
        for period, run in newest.items()
        if period and run.status == dg.DagsterRunStatus.FAILURE
        if (moment := _goes_on_at(instance, run.run_id)) is not None
    }


def _goes_on_at(instance: dg.DagsterInstance, run_id: str) -> float | None:
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    for record in failures:
        event = record.event_log_entry.dagster_event
        data = event.step_failure_data.user_failure_data if event else None
        if data is not None and GOES_ON_AT in data.metadata:
            return float(str(data.metadata[GOES_ON_AT].value))
    return None
