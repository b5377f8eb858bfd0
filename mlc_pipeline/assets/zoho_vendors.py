"""Vendors of the Zoho Books organization, inactive ones included.

Of many vendors a run that posts reads what is new, where that can be proven; any other run reads all.
"""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import VENDORS


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_vendors` asset of a connection."""

    @dg.asset(**described(connection, "zoho_vendors", VENDORS, "zoho"), description=__doc__)
    def zoho_vendors(context: dg.AssetExecutionContext, zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_vendors import step

        return step(connection, context, zoho)

    return zoho_vendors
