"""The organization that the connection posts to: its currency and edition."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import ORGANIZATION


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_organization` asset of a connection."""

    @dg.asset(**described(connection, "zoho_organization", ORGANIZATION, "zoho"), description=__doc__)
    def zoho_organization(zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_organization import step

        return step(connection, zoho)

    return zoho_organization
