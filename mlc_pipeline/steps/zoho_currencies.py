"""Currencies that the Zoho Books organization keeps, with their decimals."""

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import CURRENCIES
from mlc_pipeline.steps.metadata import materialized
from mlc_pipeline.zoho.client import ZohoBooksClient


def step(connection: Connection, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        return materialized(read_currencies(zoho.client(connection)))


def read_currencies(client: ZohoBooksClient) -> pd.DataFrame:
    """One row each, as Zoho Books lists them."""
    return frame_of(
        CURRENCIES,
        (
            {
                "currency_id": row.currency_id,
                "code": row.code,
                "precision": row.price_precision,
                "exchange_rate": None if row.exchange_rate is None else str(row.exchange_rate),
            }
            for row in client.currencies()
        ),
    )
