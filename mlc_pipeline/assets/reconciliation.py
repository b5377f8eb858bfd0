"""For every report: approved = posted + in review + dismissed + not yet posted, and what Zoho Books holds now."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Posting, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import asset_key, described
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import RECONCILIATION


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `reconciliation` asset of a connection."""

    @dg.asset(
        **described(connection, "reconciliation", RECONCILIATION, "python"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={name: dg.AssetIn(key=asset_key(connection, name)) for name in ("expensify_reports", "zoho_bills")},
    )
    def reconciliation(
        expensify_reports: Frame, zoho_bills: Frame, zoho: Zoho, posting: Posting
    ) -> dg.Output[Frame]:
        from mlc_pipeline.steps.reconciliation import step

        return step(connection, expensify_reports, zoho_bills, zoho, posting)

    return reconciliation
