"""Vendors of the Zoho Books organization, inactive ones included."""

from collections.abc import Iterable

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import VENDORS
from mlc_pipeline.steps.metadata import materialized, posts_nothing, reading
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.models import Vendor


def step(connection: Connection, context: dg.AssetExecutionContext, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        read = zoho.vendors(connection, whole=posts_nothing(context, connection))
    return materialized(vendors_frame(connection, read.contacts), **reading("vendors", read))


def read_vendors(connection: Connection, client: ZohoBooksClient) -> pd.DataFrame:
    """All vendors, as Zoho Books lists them now."""
    return vendors_frame(connection, client.vendors())


def vendors_frame(connection: Connection, vendors: Iterable[Vendor]) -> pd.DataFrame:
    """One row each in the order of their ids; the number is that of the field that mlc.yaml names, if any."""
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
            for row in sorted(vendors, key=lambda vendor: vendor.vendor_id)
        ),
    )
