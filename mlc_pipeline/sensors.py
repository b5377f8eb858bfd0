"""The sensor that keeps the instance in order: what died is ended, so that it is retried and nothing waits."""

from collections.abc import Collection

import dagster as dg

from mlc_pipeline.heartbeats import forget, silent_runs
from mlc_pipeline.resources import Database

_UNENDED = frozenset({dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING})


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
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        for pool in pools:
            context.instance.event_log_storage.initialize_concurrency_limit_to_default(pool)
        ended = [run_id for run_id in silent_runs(database.engine) if _ended(context.instance, run_id)]
        for run_id in ended:
            forget(database.engine, run_id)
        return dg.SkipReason(f"Runs that had died: {', '.join(ended)}." if ended else "No run has died.")

    return sensor


def _ended(instance: dg.DagsterInstance, run_id: str) -> bool:
    """End a run of this instance; that of another instance is left to its own sensor."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        return False
    if run.status in _UNENDED:
        instance.report_run_failed(run, "The process or machine of this run died: it gave no sign of life.")
    return True
