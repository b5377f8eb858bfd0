"""Currencies that the Zoho Books organization keeps, with their decimals."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import CURRENCIES


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_currencies` asset of a connection."""

    @dg.asset(**described(connection, "zoho_currencies", CURRENCIES, "zoho"), description=__doc__)
    def zoho_currencies(zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_currencies import step

        return step(connection, zoho)

    return zoho_currencies
