"""The Zoho Books side of a generated company: one organization with its accounts, vendors and currencies."""

from __future__ import annotations

from decimal import Decimal

from mlc_pipeline.sandbox.company import Company
from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.organization import Organization

ORGANIZATION_ID = "10234695"
CLIENT_ID = "1000.SANDBOXCLIENT"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - invented, opens nothing but the sandbox
REFRESH_TOKEN = "1000.sandbox.refresh"  # noqa: S105 - likewise

#: The edition an organization of this currency has; any other is the global one.
EDITIONS = {"USD": "us", "EUR": "eu", "GBP": "uk", "INR": "in", "CAD": "ca", "AUD": "au", "ZAR": "za"}

#: Invented prices of one unit in US dollars, fixed so that every run computes the same.
DOLLARS = {
    "USD": Decimal(1),
    "EUR": Decimal("1.08"),
    "GBP": Decimal("1.27"),
    "JPY": Decimal("0.0067"),
    "INR": Decimal("0.012"),
    "KWD": Decimal("3.25"),
}


def books_for(company: Company) -> ZohoBooks:
    """Return books that a company starts with: nothing posted, one application with every scope."""
    books = ZohoBooks()
    books.allow_client(CLIENT_ID, CLIENT_SECRET)
    books.allow_refresh_token(CLIENT_ID, REFRESH_TOKEN)
    base = company.base_currency
    organization = Organization(
        ORGANIZATION_ID,
        company.organization_name,
        edition=EDITIONS.get(base, "global"),
        currency_code=base,
        time_zone=company.zone,
    )
    for currency in company.currencies:
        code = currency["currency_code"]
        books.add_currency(
            organization,
            code,
            price_precision=currency["price_precision"],
            exchange_rate=exchange_rate(code, base),
        )
    books.add_organization(organization)
    for account in company.chart_of_accounts:
        facts = dict(account)
        books.add_account(organization, facts.pop("account_name"), **facts)
    for vendor in company.vendors:
        facts = dict(vendor)
        books.add_contact(organization, facts.pop("contact_name"), **facts)
    return books


def exchange_rate(currency_code: str, base_code: str) -> Decimal:
    """Return the invented price of one unit in the base currency, six decimals."""
    price = DOLLARS.get(currency_code, Decimal(1)) / DOLLARS.get(base_code, Decimal(1))
    return round(price, 6)
