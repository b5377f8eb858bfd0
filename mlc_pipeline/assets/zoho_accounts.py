"""Chart of accounts of the Zoho Books organization, inactive accounts included."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import ACCOUNTS


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_accounts` asset of a connection."""

    @dg.asset(**described(connection, "zoho_accounts", ACCOUNTS, "zoho"), description=__doc__)
    def zoho_accounts(zoho: Zoho) -> dg.Output[Frame]:
        from mlc_pipeline.steps.zoho_accounts import step

        return step(connection, zoho)

    return zoho_accounts
