"""The assets of a connection, one file each, in the order of the lineage. The words on top are those of the UI.

They are thin: what an asset does is in `mlc_pipeline.steps`, which is imported when it runs. Dagster loads the
definitions to show and schedule them, in many processes, and needs none of the work for it.
"""

from __future__ import annotations

import dagster as dg

from mlc_pipeline.assets import (
    category_mappings,
    expensify_categories,
    expensify_reports,
    export_marks,
    receipts,
    reconciliation,
    zoho_accounts,
    zoho_bills,
    zoho_currencies,
    zoho_dimensions,
    zoho_organization,
    zoho_taxes,
    zoho_vendors,
)
from mlc_pipeline.config import Connection

_IN_ORDER = (
    expensify_categories,
    zoho_accounts,
    zoho_vendors,
    zoho_currencies,
    zoho_taxes,
    zoho_dimensions,
    zoho_organization,
    expensify_reports,
    category_mappings,
    zoho_bills,
    reconciliation,
)

AFTER_POSTING = ("receipts", "export_marks")
"""Assets that follow a period that is posted already: what fails in them changes nothing of that."""


def connection_assets(connection: Connection) -> list[dg.AssetsDefinition]:
    """All assets of the connection under its key prefix; some only where its configuration asks for them."""
    modules = [*_IN_ORDER]
    if connection.posting.attach_receipts:
        modules.append(receipts)
    if connection.expensify.mark_exported is not None:
        modules.append(export_marks)
    return [module.build(connection) for module in modules]
