"""One organization's books: its reference data and its documents, each record in Zoho's own shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlc_pipeline.sandbox.zoho.settings import Plan

Record = dict[str, Any]


@dataclass(slots=True)
class Organization:
    """One organization with its books; each table maps an id to a record in Zoho's own shape.

    `edition` is one of the country marks of the OpenAPI files (us, in, uk, eu, au, ca, mx, za, ke, gcc, uae,
    global). A lock is `{"modules": [...], "transaction_lock_date": "yyyy-mm-dd", ...}`. `tax_enabled` says whether
    taxes were switched on in the web application. `state_code` is the home state, of India's editions.
    """

    organization_id: str
    name: str
    edition: str = "us"
    plan: Plan = Plan.PROFESSIONAL
    currency_code: str = "USD"
    time_zone: str = "America/New_York"
    is_default_org: bool = False
    multi_currency_per_contact: bool = False
    tax_enabled: bool = True
    state_code: str = ""
    accounts: dict[str, Record] = field(default_factory=dict)
    contacts: dict[str, Record] = field(default_factory=dict)
    currencies: dict[str, Record] = field(default_factory=dict)
    exchange_rates: dict[str, Record] = field(default_factory=dict)
    taxes: dict[str, Record] = field(default_factory=dict)
    bills: dict[str, Record] = field(default_factory=dict)
    journals: dict[str, Record] = field(default_factory=dict)
    vendor_credits: dict[str, Record] = field(default_factory=dict)
    projects: dict[str, Record] = field(default_factory=dict)
    locations: dict[str, Record] = field(default_factory=dict)
    reporting_tags: dict[str, Record] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)
    locks: list[Record] = field(default_factory=list)

    def currency(self, code: str) -> Record:
        """Return the currency record of an ISO code; raises LookupError when the organization lacks it."""
        for record in self.currencies.values():
            if record["currency_code"] == code:
                return record
        raise LookupError(f"{self.name} has no currency {code}")

    @property
    def base_currency(self) -> Record:
        """The record of the organization's own currency."""
        return self.currency(self.currency_code)
