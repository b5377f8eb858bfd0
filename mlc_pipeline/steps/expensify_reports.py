"""The approved Expensify reports of a period, one row an expense, each checked against the report's own total."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.expensify.errors import CredentialsRefused, ExpensifyError, LimitsClosed
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.expensify.windows import LONGEST_SLICE
from mlc_pipeline.failures import EXPLAINED, explained, passes, stopped
from mlc_pipeline.going_on import NOT_READ
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.naming import REPORTS_ADD_UP
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.resources import ExpensifyAccess
from mlc_pipeline.steps.checks import evaluated, reports_add_up
from mlc_pipeline.steps.metadata import (
    materialized,
    money_table,
    partition_materialized,
    traffic,
)


def step(
    connection: Connection, context: dg.AssetExecutionContext, expensify: ExpensifyAccess, files: ParquetIOManager
) -> Iterator[Any]:
    """What the asset does: one period is returned, several are kept one after the other."""
    periods = approval_periods(connection.period)
    wanted = [periods.period(one) for one in sorted(context.partition_keys)]
    with explained(), expensify.client(connection) as client:
        if len(wanted) == 1:
            frame = read_reports(connection, client, wanted[0])
            yield materialized(frame, **_told(frame), **traffic("expensify", client.traffic))
            return
        context.instance.add_run_tags(context.run.run_id, {"mlc/connection": connection.name})
        key, reading = context.asset_key, _Reading(connection, client, wanted)
        for period, frame in reading.frames():
            files.keep(key, period, frame)
            told = {**_told(frame), **traffic("expensify", client.traffic)}
            yield partition_materialized(key, period, frame, **told)
            yield evaluated(key, REPORTS_ADD_UP, period, reports_add_up(frame))
            context.log.info("%s is read, %d of %d periods are left", period, len(reading.left), len(wanted))
        if reading.error is not None:
            left = ", ".join(reading.left)
            sent = traffic("expensify", client.traffic)
            raise stopped(f"Not read: {left}. {reading.error}", reading.error, {NOT_READ: left, **sent})


def read_reports(connection: Connection, client: ExpensifyClient, period: ApprovalPeriod) -> pd.DataFrame:
    """Export the reports approved in the period, in the states and workspaces of the connection."""
    settings = connection.expensify
    return expenses_frame(client.export_reports(period, settings.states, settings.workspaces).reports)


class _Reading:
    """Many periods, read an export at a time; what is `left` could not be read for `error`."""

    def __init__(self, connection: Connection, client: ExpensifyClient, wanted: Sequence[ApprovalPeriod]) -> None:
        self._settings = connection.expensify
        self._client = client
        self._wanted = wanted
        self.left = [period.key for period in wanted]
        self.error: Exception | None = None

    def frames(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The periods that can be read, each as soon as its export is there, by their keys."""
        for together in _exported_together(self._wanted):
            try:
                yield from self._exported(together)
            except EXPLAINED as error:
                self._note(error)
                if isinstance(error, CredentialsRefused | LimitsClosed) or not isinstance(error, ExpensifyError):
                    return

    def _exported(self, together: Sequence[ApprovalPeriod]) -> Iterator[tuple[str, pd.DataFrame]]:
        settings = self._settings
        exports = self._client.export_ranges(together, settings.states, settings.workspaces)
        for period, export in zip(together, exports, strict=True):
            frame = expenses_frame(export.reports)
            self.left.remove(period.key)
            yield period.key, frame

    def _note(self, error: Exception) -> None:
        # What passes by itself decides when the run goes on; of those, what names the time.
        if self.error is None or isinstance(error, LimitsClosed) or not passes(self.error):
            self.error = error


def _exported_together(periods: Sequence[ApprovalPeriod]) -> Iterator[list[ApprovalPeriod]]:
    """Periods without a gap between them, as many as fit into one export."""
    together = [periods[0]]
    for before, period in pairwise(periods):
        if period.key != before.end.date().isoformat() or period.end - together[0].start > LONGEST_SLICE:
            yield together
            together = []
        together.append(period)
    yield together


def _told(frame: pd.DataFrame) -> dict[str, Any]:
    reports = frame.drop_duplicates("report_id")
    return {
        "reports": len(reports),
        "reports_with_problems": int((reports["problems"] != "[]").sum()),
        "totals": money_table(reports, "report_total_cents"),
    }
