"""The approved Expensify reports of a period, one row an expense, each checked against the report's own total."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.assets.naming import asset_key, described, materialized, money_table, traffic
from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.expensify.errors import CredentialsRefused, ExpensifyError, LimitsClosed
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.expensify.windows import LONGEST_SLICE
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import EXPENSES
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.resources import ExpensifyAccess


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `expensify_reports` asset of a connection."""
    periods = approval_periods(connection.period)
    key = asset_key(connection, "expensify_reports")

    @dg.asset(
        **described(connection, "expensify_reports", EXPENSES, "expensify"),
        partitions_def=periods.partitions_def,
        # Expensify answers few requests: many periods are read at once, out of one export for most of a year.
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def expensify_reports(
        context: dg.AssetExecutionContext,
        expensify: dg.ResourceParam[ExpensifyAccess],
        io_manager: dg.ResourceParam[ParquetIOManager],
    ) -> dg.Output[Any]:
        """Approved reports of the period, one row per expense.

        A report belongs to the period in which its approval falls. What does not add up to the report's own
        total is kept with the reason, and waits for a person.
        """
        wanted = [periods.period(one) for one in sorted(context.partition_keys)]
        with explained(), expensify.client(connection) as client:
            if len(wanted) == 1:
                frame = read_reports(connection, client, wanted[0])
                return materialized(frame, **_told(frame), **traffic("expensify", client.traffic))
            frames, unread = _read_all(context.log, connection, client, wanted)
        if unread:
            for period, frame in frames.items():
                io_manager.keep(key, period, frame)
                context.log_event(dg.AssetMaterialization(key, metadata=_told(frame), partition=period))
            raise dg.Failure(f"Not read: {', '.join(unread)}. {' '.join(dict.fromkeys(unread.values()))}")
        for period, frame in frames.items():
            context.add_asset_metadata({"dagster/row_count": len(frame), **_told(frame)}, partition_key=period)
        return dg.Output(frames, metadata=traffic("expensify", client.traffic))

    return expensify_reports


def read_reports(connection: Connection, client: ExpensifyClient, period: ApprovalPeriod) -> pd.DataFrame:
    """Export the reports approved in the period, in the states and workspaces of the connection."""
    settings = connection.expensify
    return expenses_frame(client.export_reports(period, settings.states, settings.workspaces).reports)


def _read_all(
    log: dg.DagsterLogManager,
    connection: Connection,
    client: ExpensifyClient,
    wanted: Sequence[ApprovalPeriod],
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """The frames of the periods that could be read, and for the others why not."""
    settings = connection.expensify
    frames: dict[str, pd.DataFrame] = {}
    unread: dict[str, str] = {}
    for together in _exported_together(wanted):
        try:
            for period, export in zip(
                together, client.export_ranges(together, settings.states, settings.workspaces), strict=True
            ):
                frames[period.key] = expenses_frame(export.reports)
        except ExpensifyError as error:
            unread |= {period.key: str(error) for period in together if period.key not in frames}
            if isinstance(error, CredentialsRefused | LimitsClosed):
                return frames, unread | {one.key: str(error) for one in wanted if one.key not in frames}
        log.info("%d of %d periods are read", len(frames), len(wanted))
    return frames, unread


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
