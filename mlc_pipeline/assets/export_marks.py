"""Marks the reports of the period that are posted and reconciled, once for each content.

The label cannot be taken away again. A failure leaves everything as posted, and can be repeated alone.
"""

import dagster as dg

from mlc_pipeline.assets.given import Expensify, Frame, Posting, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import asset_key, described
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import EXPORT_MARKS


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `export_marks` asset of a connection that names a label."""

    @dg.asset(
        **described(connection, "export_marks", EXPORT_MARKS, "expensify"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={name: dg.AssetIn(key=asset_key(connection, name)) for name in ("zoho_bills", "reconciliation")},
    )
    def export_marks(
        context: dg.AssetExecutionContext,
        zoho_bills: Frame,
        reconciliation: Frame,
        expensify: Expensify,
        zoho: Zoho,
        posting: Posting,
    ) -> dg.Output[Frame]:
        from mlc_pipeline.steps.export_marks import posted_reports, step

        reports = posted_reports(connection, zoho_bills, reconciliation)
        return step(connection, context, reports, expensify, zoho, posting)

    return export_marks
