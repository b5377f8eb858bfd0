"""What each category, tag, tax, card, employee and currency of the period is in Zoho Books, and why."""

import dagster as dg

from mlc_pipeline.assets.given import Frame, Zoho
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import asset_key, described
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.schemas import MAPPINGS

REFERENCE = {
    "categories": "expensify_categories",
    "accounts": "zoho_accounts",
    "vendors": "zoho_vendors",
    "currencies": "zoho_currencies",
    "taxes": "zoho_taxes",
    "dimensions": "zoho_dimensions",
    "organization": "zoho_organization",
}
"""Which asset each frame of the reference data is, by its name in `ReferenceFrames`."""


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `category_mappings` asset of a connection."""

    @dg.asset(
        **described(connection, "category_mappings", MAPPINGS, "python"),
        description=__doc__,
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={
            argument: dg.AssetIn(key=asset_key(connection, name))
            for argument, name in ({"reports": "expensify_reports"} | REFERENCE).items()
        },
    )
    def category_mappings(
        reports: Frame,
        categories: Frame,
        accounts: Frame,
        vendors: Frame,
        currencies: Frame,
        taxes: Frame,
        dimensions: Frame,
        organization: Frame,
        zoho: Zoho,
    ) -> dg.Output[Frame]:
        from mlc_pipeline.steps.category_mappings import step
        from mlc_pipeline.steps.reference import ReferenceFrames

        reference = ReferenceFrames(categories, accounts, vendors, currencies, taxes, dimensions, organization)
        return step(connection, reports, reference, zoho)

    return category_mappings
