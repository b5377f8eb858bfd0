"""The reference data that a mapping is decided by: the frames of its assets, or the same read at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from mlc_pipeline.accounting.mapping import (
    Account,
    Currency,
    DimensionValue,
    ReportingTagHead,
    Tax,
    Vendor,
)
from mlc_pipeline.accounting.period_mappings import ReferenceData
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import records
from mlc_pipeline.steps.zoho_accounts import read_accounts
from mlc_pipeline.steps.zoho_currencies import read_currencies
from mlc_pipeline.steps.zoho_dimensions import read_dimensions
from mlc_pipeline.steps.zoho_organization import read_organization
from mlc_pipeline.steps.zoho_taxes import read_taxes
from mlc_pipeline.steps.zoho_vendors import read_vendors
from mlc_pipeline.zoho.client import ZohoBooksClient


@dataclass(frozen=True, slots=True)
class ReferenceFrames:
    """The frames of the reference assets, see `mlc_pipeline.schemas`."""

    categories: pd.DataFrame
    accounts: pd.DataFrame
    vendors: pd.DataFrame
    currencies: pd.DataFrame
    taxes: pd.DataFrame
    dimensions: pd.DataFrame
    organization: pd.DataFrame

    @property
    def edition(self) -> str:
        """The organization's country version; empty where Zoho does not say."""
        [row] = records(self.organization)
        return row["edition"] or ""

    def to_reference_data(self) -> ReferenceData:
        """The same as plain values for the mapping."""
        return ReferenceData(
            accounts=tuple(Account(**row) for row in records(self.accounts.fillna({"code": "", "type": ""}))),
            vendors=tuple(
                Vendor(**row) for row in records(self.vendors.fillna({"email": "", "currency": "", "number": ""}))
            ),
            currencies=tuple(
                Currency(row["currency_id"], row["code"], row["precision"]) for row in records(self.currencies)
            ),
            gl_codes={
                (row["policy_id"], row["category"]): row["gl_code"] or ""
                for row in records(self.categories)
                if row["category"]
            },
            taxes=tuple(
                Tax(row["tax_id"], row["name"], _decimal(row["percentage"]), row["is_active"])
                for row in records(self.taxes)
            ),
            reporting_tags=tuple(
                ReportingTagHead(row["id"], row["name"], row["is_active"])
                for row in records(self.dimensions)
                if row["dimension"] == "tag"
            ),
            dimensions=tuple(
                _dimension_value(row) for row in records(self.dimensions) if row["dimension"] != "tag"
            ),
        )


def read_reference(connection: Connection, categories: pd.DataFrame, zoho: ZohoBooksClient) -> ReferenceFrames:
    """All that Zoho Books has of it, beside the frame of `expensify_categories`; without Dagster."""
    return ReferenceFrames(
        categories=categories,
        accounts=read_accounts(zoho),
        vendors=read_vendors(connection, zoho),
        currencies=read_currencies(zoho),
        taxes=read_taxes(zoho),
        dimensions=read_dimensions(connection, zoho),
        organization=read_organization(zoho),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _dimension_value(row: Mapping[str, object]) -> DimensionValue:
    path: list[str] = json.loads(str(row["path"]))
    return DimensionValue(
        dimension=row["dimension"],  # type: ignore[arg-type]
        id=str(row["id"]),
        name=str(row["name"]),
        path=tuple(path),
        is_active=bool(row["is_active"]),
        group_id=str(row["group_id"] or ""),
        code=str(row["code"] or ""),
    )
