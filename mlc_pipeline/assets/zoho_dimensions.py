"""Reporting tags, and of options, projects, customers and locations what mlc.yaml maps tags to.

Of many customers a run that posts reads what is new, where that can be proven; any other run reads all.
"""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import DIMENSIONS


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_dimensions` asset of a connection."""

    @dg.asset(**described(connection, "zoho_dimensions", DIMENSIONS, "zoho"), description=__doc__)
    def zoho_dimensions(context: dg.AssetExecutionContext, zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_dimensions import step

        return step(connection, context, zoho)

    return zoho_dimensions
