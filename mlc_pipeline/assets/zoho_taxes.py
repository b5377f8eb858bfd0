"""Taxes and tax groups of the Zoho Books organization; none in editions without a tax per line."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import TAXES


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_taxes` asset of a connection."""

    @dg.asset(**described(connection, "zoho_taxes", TAXES, "zoho"), description=__doc__)
    def zoho_taxes(zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_taxes import step

        return step(connection, zoho)

    return zoho_taxes
