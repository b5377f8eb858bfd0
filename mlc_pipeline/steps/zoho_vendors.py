"""Vendors of the Zoho Books organization, inactive ones included."""

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import VENDORS
from mlc_pipeline.steps.metadata import materialized
from mlc_pipeline.zoho.client import ZohoBooksClient


def step(connection: Connection, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        return materialized(read_vendors(connection, zoho.client(connection)))


def read_vendors(connection: Connection, client: ZohoBooksClient) -> pd.DataFrame:
    """One row each, as Zoho Books lists them; the number is that of the field that mlc.yaml names, if any."""
    field = connection.mapping.employee_number_field or "contact_number"
    return frame_of(
        VENDORS,
        (
            {
                "vendor_id": row.vendor_id,
                "name": row.name,
                "email": row.email,
                "currency": row.currency_code,
                "is_active": row.is_active,
                "number": row.contact_number if field == "contact_number" else row.custom_fields.get(field),
            }
            for row in client.vendors()
        ),
    )
