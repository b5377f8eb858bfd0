"""Taxes and tax groups of the Zoho Books organization."""

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.editions import edition_named
from mlc_pipeline.assets.naming import described, materialized
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import TAXES, frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import NotFound, UnexpectedAnswer


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `zoho_taxes` asset of a connection."""

    @dg.asset(**described(connection, "zoho_taxes", TAXES, "zoho"))
    def zoho_taxes(zoho: dg.ResourceParam[ZohoAccess]) -> dg.Output[pd.DataFrame]:
        """Taxes and tax groups of the Zoho Books organization; none in editions without a tax per line."""
        with explained():
            frame = read_taxes(zoho.client(connection))
        return materialized(frame)

    return zoho_taxes


def read_taxes(client: ZohoBooksClient) -> pd.DataFrame:
    """One row each, as Zoho Books lists them."""
    # The US edition has sales taxes, but a bill's line takes none (OpenAPI, bills: tax_id).
    if not edition_named(client.organization().edition).takes_line_taxes:
        return frame_of(TAXES, ())
    try:
        taxes = client.taxes()
    except (NotFound, UnexpectedAnswer):
        taxes = ()
    return frame_of(
        TAXES,
        (
            {
                "tax_id": row.tax_id,
                "name": row.name,
                "percentage": None if row.percentage is None else str(row.percentage),
                "is_active": row.is_active,
            }
            for row in taxes
        ),
    )
