"""Every distinct category, employee and currency of a period with its Zoho answer, or why there is none."""

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.mapping import Account, CategoryRules, Currency, Vendor, mapping_version
from mlc_pipeline.accounting.period_mappings import MappingRules, ReferenceData, resolve_period
from mlc_pipeline.assets.naming import asset_key, described, materialized, preview
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import MAPPINGS, frame_of, records
from mlc_pipeline.periods import approval_periods


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `category_mappings` asset of a connection."""

    @dg.asset(
        **described(connection, "category_mappings", MAPPINGS, "python"),
        partitions_def=approval_periods(connection.period).partitions_def,
        ins={
            name: dg.AssetIn(key=asset_key(connection, name))
            for name in (
                "expensify_reports",
                "expensify_categories",
                "zoho_accounts",
                "zoho_vendors",
                "zoho_currencies",
            )
        },
    )
    def category_mappings(
        expensify_reports: pd.DataFrame,
        expensify_categories: pd.DataFrame,
        zoho_accounts: pd.DataFrame,
        zoho_vendors: pd.DataFrame,
        zoho_currencies: pd.DataFrame,
    ) -> dg.Output[pd.DataFrame]:
        """What each category, employee and currency of the period is in Zoho Books, and how that was found."""
        frame = resolve(
            connection, expensify_reports, expensify_categories, zoho_accounts, zoho_vendors, zoho_currencies
        )
        open_rows = frame[frame["reason_code"].notna()]
        return materialized(
            frame,
            unresolved=len(open_rows),
            waiting=preview(open_rows, "kind", "workspace", "name", "code", "reason"),
        )

    return category_mappings


def resolve(
    connection: Connection,
    reports: pd.DataFrame,
    categories: pd.DataFrame,
    accounts: pd.DataFrame,
    vendors: pd.DataFrame,
    currencies: pd.DataFrame,
) -> pd.DataFrame:
    """Resolve the period's categories, employees and currencies against the reference frames."""
    reference = ReferenceData(
        accounts=tuple(Account(**row) for row in records(accounts.fillna({"code": "", "type": ""}))),
        vendors=tuple(Vendor(**row) for row in records(vendors.fillna({"email": "", "currency": ""}))),
        currencies=tuple(Currency(**row) for row in records(currencies)),
        gl_codes={
            (row["policy_id"], row["category"]): row["gl_code"] or ""
            for row in records(categories)
            if row["category"]
        },
    )
    return frame_of(MAPPINGS, resolve_period(reports, reference, _rules(connection, reference)))


def _rules(connection: Connection, reference: ReferenceData) -> MappingRules:
    settings = connection.mapping
    fallback = None if settings.unmapped_category == "review" else settings.unmapped_category.account
    return MappingRules(
        categories=CategoryRules(dict(settings.categories), fallback),
        create_vendors=connection.posting.create_vendors,
        card_accounts=card_accounts(connection),
        version=mapping_version(
            settings.model_dump(mode="json"),
            connection.posting.create_vendors,
            card_accounts(connection),
            reference.accounts,
            reference.vendors,
            reference.currencies,
            sorted(reference.gl_codes.items()),
        ),
    )


def card_accounts(connection: Connection) -> dict[str, str]:
    """The accounts of company cards, if company-paid expenses are posted; without any they are only listed."""
    wanted = connection.posting.company_paid == "journal"
    return dict(connection.posting.company_card_accounts) if wanted else {}
