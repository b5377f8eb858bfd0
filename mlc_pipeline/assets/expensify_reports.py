"""Approved reports of the period, one row per expense.

A report belongs to the period in which its approval falls. What does not add up to the report's own total is kept
with the reason, and waits for a person.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from mlc_pipeline.assets.given import Expensify, Frames
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import EXPENSES


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `expensify_reports` asset of a connection."""

    @dg.asset(
        **described(connection, "expensify_reports", EXPENSES, "expensify"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        # Expensify answers few requests: many periods are read at once, out of one export for most of a year.
        backfill_policy=dg.BackfillPolicy.single_run(),
        # Of several periods each is kept and told by itself: there is nothing left to be returned then.
        output_required=False,
    )
    def expensify_reports(
        context: dg.AssetExecutionContext, expensify: Expensify, io_manager: Frames
    ) -> Iterator[Any]:
        from mlc_pipeline.steps.expensify_reports import step

        yield from step(connection, context, expensify, io_manager)

    return expensify_reports
