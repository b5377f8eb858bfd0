"""Organizations, the chart of accounts, currencies and their rates, as a connector reads them before it posts."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: The account types behind the `filter_by` values of the chart of accounts.
ACCOUNT_FILTERS: dict[str, frozenset[str]] = {
    "Asset": frozenset(
        {"other_asset", "other_current_asset", "cash", "bank", "fixed_asset", "accounts_receivable", "stock"}
    ),
    "Liability": frozenset(
        {"other_current_liability", "credit_card", "long_term_liability", "other_liability", "accounts_payable"}
    ),
    "Equity": frozenset({"equity"}),
    "Income": frozenset({"income", "other_income"}),
    "Expense": frozenset({"expense", "cost_of_goods_sold", "other_expense"}),
}

#: How an organization names its edition where that was seen live; the others are taken to use their mark.
VERSIONS = {"in": "india"}


def list_organizations(call: Call) -> Record:
    """GET /organizations: every organization the login sees, on one page without a context."""
    return {"organizations": [_organization_row(call, each) for each in call.books.organizations.values()]}


def get_organization(call: Call) -> Record:
    """GET /organizations/{organization_id}: without the plan."""
    organization = call.books.organizations.get(call.path["organization_id"])
    if organization is None:
        raise errors.wrong_organization(call.path["organization_id"])
    row = _organization_row(call, organization)
    return {"organization": _without(row, "plan_type", "plan_name", "plan_period", "tax_group_enabled")}


def list_chart_of_accounts(call: Call) -> Record:
    """GET /chartofaccounts."""
    kind = listing.filter_value(call, "AccountType", ("All", "Active", "Inactive", *ACCOUNT_FILTERS))
    rows = [account for account in call.organization.accounts.values() if _is_of_kind(account, kind)]
    for parameter in ("account_code", "account_name", "account_id"):
        rows = listing.keep_text(call, rows, parameter)
    rows = listing.keep_search(call, rows, "account_name", "account_code")
    rows = listing.keep_modified(call, rows)
    rows = listing.in_order(call, rows, "account_name", ("account_type", "account_code"))
    rows = [
        {name: value for name, value in row.items() if name not in ("currency_id", "currency_code")}
        for row in rows
    ]
    return listing.one_page(call, "chartofaccounts", rows, documented=False)


def get_chart_of_account(call: Call) -> Record:
    """GET /chartofaccounts/{account_id}: the properties stand in the envelope itself, with the currency."""
    account = call.organization.accounts.get(call.path["account_id"])
    if account is None:
        raise errors.does_not_exist("Account")
    base = call.organization.base_currency
    names = (
        "account_id", "account_name", "account_code", "account_type", "is_active", "is_system_account",
        "is_involved_in_transaction", "parent_account_id", "created_time", "last_modified_time",
    )  # fmt: skip
    return {
        "currency_id": account.get("currency_id", base["currency_id"]),
        "currency_code": account.get("currency_code", base["currency_code"]),
        **{name: account[name] for name in names},
    }


def list_currencies(call: Call) -> Record:
    """GET /settings/currencies."""
    kind = listing.filter_value(call, "Currencies", ("All", "ExcludeBaseCurrency"))
    rows = [
        currency
        for currency in call.organization.currencies.values()
        if kind == "All" or not currency["is_base_currency"]
    ]
    return listing.one_page(call, "currencies", rows, documented=False)


def get_currency(call: Call) -> Record:
    """GET /settings/currencies/{currency_id}: without the rate."""
    currency = call.organization.currencies.get(call.path["currency_id"])
    if currency is None:
        raise errors.does_not_exist("Currency")
    return {"currency": _without(currency, "exchange_rate", "effective_date")}


def list_exchange_rates(call: Call) -> Record:
    """GET /settings/currencies/{currency_id}/exchangerates: that date's rate or the closest before it."""
    currency = call.organization.currencies.get(call.path["currency_id"])
    if currency is None:
        raise errors.does_not_exist("Currency")
    rates = sorted(
        (
            rate
            for rate in call.organization.exchange_rates.values()
            if rate["currency_id"] == currency["currency_id"]
        ),
        key=lambda rate: str(rate["effective_date"]),
        reverse=True,
    )
    day = call.query.get("from_date")
    if call.query.get("is_current_date") == "true":
        day = call.books.clock().date().isoformat()
    if day:
        lookups.iso_date("from_date", day)
        rates = [rate for rate in rates if rate["effective_date"] <= day][:1]
    return {"exchange_rates": rates}


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def _is_of_kind(account: Record, kind: str) -> bool:
    match kind:
        case "All":
            return True
        case "Active" | "Inactive":
            return bool(account["is_active"]) == (kind == "Active")
        case _:
            return account["account_type"] in ACCOUNT_FILTERS[kind]


def _organization_row(call: Call, organization: Organization) -> Record:
    currency = organization.base_currency
    by_name = call.books.settings.fiscal_year_month_by_name
    return {
        "organization_id": organization.organization_id,
        "name": organization.name,
        "is_default_org": organization.is_default_org,
        "is_org_active": True,
        "version": VERSIONS.get(organization.edition, organization.edition),
        "plan_type": 1,
        "plan_name": organization.plan.value,
        "plan_period": "yearly",
        "tax_group_enabled": False,
        "language_code": "en",
        "fiscal_year_start_month": "january" if by_name else 0,
        "account_created_date": "2020-01-01",
        "time_zone": organization.time_zone,
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "currency_symbol": currency["currency_symbol"],
        "currency_format": currency["currency_format"],
        "price_precision": currency["price_precision"],
    }
