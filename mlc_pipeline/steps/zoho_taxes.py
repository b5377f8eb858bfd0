"""Taxes and tax groups of the Zoho Books organization."""

import logging
from decimal import Decimal

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.editions import edition_named
from mlc_pipeline.accounting.taxes import percentage_of_group
from mlc_pipeline.config import Connection
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import TAXES
from mlc_pipeline.steps.metadata import materialized
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import NotFound, Refused, UnexpectedAnswer
from mlc_pipeline.zoho.models import Tax

_log = logging.getLogger(__name__)

GROUP, COMPOUND = "tax_group", "compound_tax"
"""Types of taxes: several in one, and one that is charged on the others too."""


def step(connection: Connection, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained():
        return materialized(read_taxes(zoho.client(connection)))


def read_taxes(client: ZohoBooksClient) -> pd.DataFrame:
    """One row each, as Zoho Books lists them."""
    # The US edition has sales taxes, but a bill's line takes none (OpenAPI, bills: tax_id).
    if not edition_named(client.organization().edition).takes_line_taxes:
        return frame_of(TAXES, ())
    try:
        taxes = client.taxes()
    except (NotFound, UnexpectedAnswer):
        taxes = ()
    # What Zoho lists as the percentage of a group is not documented; it only matters where one is on the others.
    has_compound = any(row.type == COMPOUND for row in taxes)
    return frame_of(
        TAXES,
        (
            {
                "tax_id": row.tax_id,
                "name": row.name,
                "percentage": _told(_percentage(client, row, has_compound=has_compound)),
                "is_active": row.is_active,
            }
            for row in taxes
        ),
    )


def _percentage(client: ZohoBooksClient, tax: Tax, *, has_compound: bool) -> Decimal | None:
    """What a tax adds to the net amount, in percent; None where it cannot be known."""
    if tax.type != GROUP or not has_compound:
        return tax.percentage
    try:
        members = client.taxes_of_group(tax.tax_id)
    except (Refused, UnexpectedAnswer) as error:
        _log.warning("The taxes of the group %s cannot be read: %s", tax.name, error)
        return None
    charged = [(one.percentage, one.type == COMPOUND) for one in members if one.percentage is not None]
    return percentage_of_group(charged) if charged and len(charged) == len(members) else None


def _told(percentage: Decimal | None) -> str | None:
    return None if percentage is None else str(percentage)
