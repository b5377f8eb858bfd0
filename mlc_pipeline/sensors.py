"""The sensor that ends what died, so that nothing waits for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    import sqlalchemy as sa

    from mlc_pipeline.heartbeats import Look

_UNENDED = frozenset({dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING})


def upkeep(engine: Callable[[], sa.Engine], pools: Collection[str]) -> dg.SensorDefinition:
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
        from mlc_pipeline.heartbeats import forget, looked_on, silent_runs

        for pool in pools:
            context.instance.event_log_storage.initialize_concurrency_limit_to_default(pool)
        dead, looks = looked_on(silent_runs(engine()), _looks(context.cursor))
        ended = [run_id for run_id in dead if _ended(context.instance, run_id)]
        for run_id in ended:
            forget(engine(), run_id)
        told = f"Runs that had died: {', '.join(ended)}." if ended else "No run has died."
        if looks:
            told += f" Late, looked at again at the next tick: {', '.join(looks)}."
        return dg.SensorResult(skip_reason=told, cursor=json.dumps(looks))

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
