"""Backfills that are cancelled: their runs end, also one that was just starting when Dagster looked for them.

Dagster cancels the runs of a backfill some time after it was told, those that it finds then; until it has, its
queue starts others. So each run of a backfill asks for itself, before it posts and with each of its heartbeats.
"""

from __future__ import annotations

import os
import signal

import dagster as dg

BACKFILL = "dagster/backfill"
"""The tag of a run: the backfill that it belongs to."""

_WHY = "Its backfill was cancelled: it posts nothing any more."


def end_if_cancelled(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Within a step: end the run cleanly when its backfill was cancelled."""
    if _is_cancelled(instance, run):
        _announce(instance, run)
        raise dg.DagsterExecutionInterruptedError


def interrupt_if_cancelled(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """From another thread: the same, as if Dagster had asked for it; once, so that it can end in peace."""
    if _is_cancelled(instance, run) and _announce(instance, run):
        os.kill(os.getpid(), signal.SIGINT)


def _is_cancelled(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    backfill_id = run.tags.get(BACKFILL)
    backfill = instance.get_backfill(backfill_id) if backfill_id else None
    return backfill is not None and backfill.status.value in ("CANCELING", "CANCELED")


def _announce(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Say that the run is being cancelled, or else it would count as failed; False when that was said before."""
    now = instance.get_run_by_id(run.run_id)
    if now is None or now.status == dg.DagsterRunStatus.CANCELING or now.is_finished:
        return False
    instance.report_run_canceling(now, _WHY)
    return True
