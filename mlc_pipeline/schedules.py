"""When a period is posted by itself: some days after its end, at an hour of the connection's day."""

from datetime import datetime, timedelta

import dagster as dg

from mlc_pipeline.config import Connection
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.periods import ApprovalPeriod, ApprovalPeriods, approval_periods


def period_schedule(connection: Connection) -> dg.ScheduleDefinition:
    """Every day asks for the latest period that is due; Dagster runs each period's key only once.

    So a period that fell due while nothing was running is posted at the next tick, unless a later one is due by
    then: what a longer outage left out is backfilled by a person, who may want to see it first.
    """
    settings = connection.schedule
    periods = approval_periods(connection.period)
    status = dg.DefaultScheduleStatus.RUNNING if settings.enabled else dg.DefaultScheduleStatus.STOPPED

    @dg.schedule(
        name=f"{connection.name}_schedule",
        job_name=period_job_name(connection.name),
        cron_schedule=f"0 {settings.hour} * * *",
        execution_timezone=connection.period.timezone,
        default_status=status,
        description=f"Posts each period at {settings.hour}:00, {_days_after(settings.delay_days)} its end.",
    )
    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        period = latest_due(periods, settings.delay_days, context.scheduled_execution_time)
        if period is None:
            return dg.SkipReason("No approval period is due yet.")
        # Before the runs of a backfill, which may wait for hours.
        return dg.RunRequest(run_key=period.key, partition_key=period.key, tags={"dagster/priority": "10"})

    return due


def _days_after(days: int) -> str:
    return "on the day of" if days == 0 else "a day after" if days == 1 else f"{days} days after"


def latest_due(periods: ApprovalPeriods, delay_days: int, now: datetime) -> ApprovalPeriod | None:
    """The latest period that ended at least `delay_days` days before the aware `now`, counted in calendar days."""
    ended = periods.closed_by(now)
    today = now.astimezone(ended[-1].end.tzinfo).date() if ended else now.date()
    due = [period for period in ended if period.end.date() + timedelta(days=delay_days) <= today]
    return due[-1] if due else None
