"""Chart of accounts of the Zoho Books organization, inactive accounts included."""

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import ACCOUNTS
from mlc_pipeline.steps.metadata import materialized
from mlc_pipeline.zoho.client import ZohoBooksClient


def step(connection: Connection, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        return materialized(read_accounts(zoho.client(connection)))


def read_accounts(client: ZohoBooksClient) -> pd.DataFrame:
    """One row each, as Zoho Books lists them."""
    return frame_of(
        ACCOUNTS,
        (
            {
                "account_id": row.account_id,
                "name": row.name,
                "code": row.code,
                "type": row.type,
                "is_active": row.is_active,
            }
            for row in client.accounts()
        ),
    )
