"""The approved Expensify reports of a period, one row an expense, each checked against the report's own total."""

import dagster as dg
import pandas as pd

from mlc_pipeline.assets.naming import described, materialized, money_table
from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import EXPENSES
from mlc_pipeline.periods import ApprovalPeriod, approval_periods
from mlc_pipeline.resources import ExpensifyAccess


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `expensify_reports` asset of a connection."""
    periods = approval_periods(connection.period)

    @dg.asset(
        **described(connection, "expensify_reports", EXPENSES, "expensify"),
        partitions_def=periods.partitions_def,
    )
    def expensify_reports(
        context: dg.AssetExecutionContext, expensify: dg.ResourceParam[ExpensifyAccess]
    ) -> dg.Output[pd.DataFrame]:
        """Approved reports of the period, one row per expense.

        A report belongs to the period in which its approval falls. What does not add up to the report's own
        total is kept with the reason, and waits for a person.
        """
        with explained(), expensify.client(connection) as client:
            frame = read_reports(connection, client, periods.period(context.partition_key))
        reports = frame.drop_duplicates("report_id")
        return materialized(
            frame,
            reports=len(reports),
            reports_with_problems=int((reports["problems"] != "[]").sum()),
            totals=money_table(reports, "report_total_cents"),
        )

    return expensify_reports


def read_reports(connection: Connection, client: ExpensifyClient, period: ApprovalPeriod) -> pd.DataFrame:
    """Export the reports approved in the period, in the states and workspaces of the connection."""
    settings = connection.expensify
    return expenses_frame(client.export_reports(period, settings.states, settings.workspaces).reports)
