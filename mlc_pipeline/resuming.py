"""Sensors that let go on what was stopped for a while: periods, and backfills with what is left of them."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from mlc_pipeline.cancelling import BACKFILL
from mlc_pipeline.config import Connection
from mlc_pipeline.going_on import GOES_ON_AS, GOES_ON_AT, GONE_ON, NOT_READ
from mlc_pipeline.jobs import period_job_name

_LOOKS_BACK = timedelta(days=3)  # nothing pauses for longer than a day
_MOST_BACKFILLS = 100
_PARTITION = "dagster/partition"
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_CONTINUES = "mlc/continues"
"""The tag of a backfill: which one it continues."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """When something goes on (seconds since 1970), and how many times in a row it will have done so then.

    `periods` are those that a run of several did not read.
    """

    moment: float
    times: int
    periods: tuple[str, ...] = ()

    @property
    def tags(self) -> dict[str, str]:
        return {GONE_ON: str(self.times)}


def going_on(connection: Connection) -> dg.SensorDefinition:
    """Runs a period again that was stopped for a while, at the time that the failure named."""

    @dg.sensor(
        name=f"{connection.name}_goes_on",
        job_name=period_job_name(connection.name),
        minimum_interval_seconds=60,
        default_status=_status(connection.schedule.enabled),
        description="Runs a period again that a limit, an outage or a busy database stopped, once it may go on.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        stopped = _stopped_periods(context.instance, connection.name)
        due = [again for _, again in sorted(stopped.items()) if again[1].moment <= time.time()]
        if due:
            return dg.SensorResult(run_requests=[_again(run, stop) for run, stop in due])
        return _waits("period", {period: stop for period, (_, stop) in stopped.items()})

    return sensor


def backfills_going_on(connections: Iterable[Connection]) -> dg.SensorDefinition:
    """Continues a backfill of which runs were stopped for a while, with what it has not materialized."""

    @dg.sensor(
        name="backfills_go_on",
        asset_selection=dg.AssetSelection.all(),
        minimum_interval_seconds=60,
        default_status=_status(any(connection.schedule.enabled for connection in connections)),
        description="Continues a backfill that a limit, an outage or a busy database stopped, once it may go on.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        graph = context.repository_def.asset_graph if context.repository_def else None
        backfills = {one.backfill_id: one for one in context.instance.get_backfills(limit=_MOST_BACKFILLS)}
        continued = {one.tags.get(_CONTINUES) for one in backfills.values()}
        since = time.time() - _LOOKS_BACK.total_seconds()
        stopped = {
            backfill_id: stop
            for backfill_id, backfill in backfills.items()
            if backfill.status.value == "COMPLETED_FAILED" and backfill.is_asset_backfill
            if backfill.backfill_timestamp > since and backfill_id not in continued
            if (stop := _stop_of_backfill(context.instance, backfill_id)) is not None
        }
        requests = []
        for backfill_id, stop in stopped.items():
            if graph is not None and stop.moment <= time.time():
                data = backfills[backfill_id].get_asset_backfill_data(graph)
                left = data.target_subset - data.materialized_subset
                tags = {**stop.tags, _CONTINUES: backfill_id}
                requests.append(dg.RunRequest.for_asset_graph_subset(asset_graph_subset=left, tags=tags))
        return dg.SensorResult(run_requests=requests) if requests else _waits("backfill", stopped)

    return sensor


def _status(running: bool) -> dg.DefaultSensorStatus:
    return dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED


def _waits(what: str, stopped: dict[str, _Stop]) -> dg.SkipReason:
    if not stopped:
        return dg.SkipReason(f"No {what} was stopped.")
    next_moment = datetime.fromtimestamp(min(stop.moment for stop in stopped.values()), UTC)
    return dg.SkipReason(f"Stopped: {what} {', '.join(sorted(stopped))}; on at {next_moment:%H:%M} UTC.")


def _again(run: dg.DagsterRun, stop: _Stop) -> dg.RunRequest:
    if _PARTITION in run.tags:
        return dg.RunRequest(run_key=run.run_id, partition_key=run.tags[_PARTITION], tags=stop.tags)
    # What was read between two of them comes with the same exports.
    periods = stop.periods or [run.tags[name] for name in _RANGE]
    of_range = dict(zip(_RANGE, (min(periods), max(periods)), strict=True))
    selection = sorted(run.asset_selection) if run.asset_selection else None
    return dg.RunRequest(run_key=run.run_id, asset_selection=selection, tags=stop.tags | of_range)


def _periods(run: dg.DagsterRun) -> str:
    """The period of a run, or the first and the last; empty for one of no period."""
    return run.tags.get(_PARTITION) or " to ".join(run.tags[name] for name in _RANGE if name in run.tags)


def _stopped_periods(instance: dg.DagsterInstance, connection: str) -> dict[str, tuple[dg.DagsterRun, _Stop]]:
    """By period whose newest run was stopped for a while: that run, and when it goes on."""
    since = datetime.now(UTC) - _LOOKS_BACK
    filters = dg.RunsFilter(tags={"mlc/connection": connection}, created_after=since)
    newest: dict[str, dg.DagsterRun] = {}
    for record in instance.get_run_records(filters):  # newest first
        newest.setdefault(_periods(record.dagster_run), record.dagster_run)
    return {
        period: (run, stop)
        for period, run in newest.items()
        if period and run.status == dg.DagsterRunStatus.FAILURE
        if BACKFILL not in run.tags  # it goes on with all that is left of its backfill
        if (stop := _stop(instance, [run.run_id])) is not None
    }


def _stop_of_backfill(instance: dg.DagsterInstance, backfill_id: str) -> _Stop | None:
    filters = dg.RunsFilter(tags={BACKFILL: backfill_id}, statuses=[dg.DagsterRunStatus.FAILURE])
    return _stop(instance, [run.run_id for run in instance.get_runs(filters)])


def _stop(instance: dg.DagsterInstance, run_ids: Iterable[str]) -> _Stop | None:
    """The last moment that the failures of these runs named; None when none of them passes by itself."""
    stops = []
    for run_id in run_ids:
        for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
            event = record.event_log_entry.dagster_event
            data = event.step_failure_data.user_failure_data if event else None
            if data is not None and GOES_ON_AT in data.metadata:
                stops.append(_read(data.metadata))
    if not stops:
        return None
    periods = tuple(period for one in stops for period in one.periods)
    return _Stop(max(one.moment for one in stops), max(one.times for one in stops), periods)


def _read(metadata: Mapping[str, dg.MetadataValue[Any]]) -> _Stop:
    moment, times = (str(metadata[name].value) for name in (GOES_ON_AT, GOES_ON_AS))
    periods = str(metadata[NOT_READ].value).split(", ") if NOT_READ in metadata else ()
    return _Stop(float(moment), int(times), tuple(periods))
