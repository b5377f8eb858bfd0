"""The assets of a connection, one file each, in the order of the lineage. They are thin: the rooms do the work."""

from __future__ import annotations

import dagster as dg

from mlc_pipeline.assets import (
    category_mappings,
    expensify_categories,
    expensify_reports,
    reconciliation,
    zoho_accounts,
    zoho_bills,
    zoho_currencies,
    zoho_vendors,
)
from mlc_pipeline.config import Connection

_IN_ORDER = (
    expensify_categories,
    zoho_accounts,
    zoho_vendors,
    zoho_currencies,
    expensify_reports,
    category_mappings,
    zoho_bills,
    reconciliation,
)


def connection_assets(connection: Connection) -> list[dg.AssetsDefinition]:
    """All assets of the connection under its key prefix."""
    return [module.build(connection) for module in _IN_ORDER]
