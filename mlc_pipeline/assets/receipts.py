"""Attaches the receipts of posted expenses to their documents, each once.

A receipt that Zoho Books does not take is skipped with the reason. What could not be attached fails this asset
alone, which can be repeated alone: the documents stay posted.
"""

import dagster as dg

from mlc_pipeline.assets.given import Expensify, Frame, Posting, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import asset_key, described
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import RECEIPTS


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `receipts` asset of a connection."""

    @dg.asset(
        **described(connection, "receipts", RECEIPTS, "zoho"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={"expensify_reports": dg.AssetIn(key=asset_key(connection, "expensify_reports"))},
        # After the reconciliation: it must not lack the requests that many receipts use up.
        deps=[asset_key(connection, name) for name in ("zoho_bills", "reconciliation")],
    )
    def receipts(
        context: dg.AssetExecutionContext,
        expensify_reports: Frame,
        expensify: Expensify,
        zoho: Zoho,
        posting: Posting,
    ) -> dg.Output[Frame]:
        from mlc_pipeline.steps.receipts import step

        return step(connection, context, expensify_reports, expensify, zoho, posting)

    return receipts
