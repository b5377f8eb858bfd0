"""Posts each report of the period once: bills to employees, journals for what the company paid.

What cannot be posted waits in review with the reason. A temporary failure fails the run, which can be repeated.
"""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Posting, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import asset_key, described, posting_pool
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import DOCUMENTS

_FROM = ("expensify_reports", "category_mappings", "zoho_currencies", "zoho_dimensions", "zoho_organization")


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_bills` asset of a connection."""

    @dg.asset(
        **described(connection, "zoho_bills", DOCUMENTS, "zoho"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        pool=posting_pool(connection),
        ins={name: dg.AssetIn(key=asset_key(connection, name)) for name in _FROM},
    )
    def zoho_bills(
        context: dg.AssetExecutionContext,
        expensify_reports: Frame,
        category_mappings: Frame,
        zoho_currencies: Frame,
        zoho_dimensions: Frame,
        zoho_organization: Frame,
        zoho: Zoho,
        posting: Posting,
    ) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_bills import Inputs, step

        inputs = Inputs(expensify_reports, category_mappings, zoho_currencies, zoho_dimensions, zoho_organization)
        return step(connection, context, inputs, zoho, posting)

    return zoho_bills
