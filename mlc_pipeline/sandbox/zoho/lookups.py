"""What a posted document refers to must exist, be active and fit; each look-up refuses what does not."""

from __future__ import annotations

from datetime import date
from typing import Any

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record
from mlc_pipeline.sandbox.zoho.transaction_locks import refuse_locked

#: Accounts that Zoho keeps itself or that hold what others owe: never the target of a bill line.
NOT_FOR_DOCUMENT_LINES = ("accounts_payable", "accounts_receivable", "bank", "cash", "credit_card")


def vendor(call: Call) -> Record:
    """Return the active vendor named by `vendor_id`."""
    contact = call.organization.contacts.get(call.body["vendor_id"])
    if contact is None:
        raise errors.invalid_value("vendor_id")
    if contact["contact_type"] != "vendor":
        raise errors.not_a_vendor(contact["contact_name"])
    if contact["status"] != "active":
        raise errors.contact_inactive(contact["contact_name"])
    return contact


def active_account(organization: Organization, account_id: Any) -> Record:
    """Return the active account of a line."""
    if not account_id:
        raise errors.account_missing()
    account = organization.accounts.get(account_id)
    if account is None:
        raise errors.invalid_value("account_id")
    if not account["is_active"]:
        raise errors.account_inactive(account["account_name"])
    return account


def line_account(organization: Organization, account_id: Any, where: str) -> Record:
    """Return the account of a bill's or vendor credit's line."""
    account = active_account(organization, account_id)
    if account["account_type"] in NOT_FOR_DOCUMENT_LINES:
        raise errors.account_not_allowed(account["account_name"], where)
    return account


def document_currency(call: Call, contact: Record) -> Record:
    """Return the currency of a vendor's document: the one given, else the vendor's own."""
    currency = call.organization.currencies.get(call.body.get("currency_id") or contact["currency_id"])
    if currency is None:
        raise errors.invalid_value("currency_id")
    allowed = call.organization.multi_currency_per_contact
    if currency["currency_id"] != contact["currency_id"] and not allowed:
        raise errors.other_currency(contact["contact_name"], contact["currency_code"])
    return currency


def exchange_rate(call: Call, currency: Record) -> Any:
    """Return the rate of a document: 1 in the base currency, else the one given or the currency's own."""
    if currency["is_base_currency"]:
        return 1
    rate: Any = call.body.get("exchange_rate", currency["exchange_rate"])
    if rate <= 0:
        raise errors.invalid_value("exchange_rate")
    return rate


def document_date(call: Call, name: str, *modules: str) -> str:
    """Return the document's date (today without one); refuses a malformed or locked one."""
    given = call.body.get(name) or call.books.clock().date().isoformat()
    day = iso_date(name, given).isoformat()
    refuse_locked(call, day, *modules)
    return day


def bound_account(call: Call, account: Record, currency: Record) -> None:
    """Refuse an account that is kept in one foreign currency, where the document has another."""
    bound = call.organization.currencies.get(account.get("currency_id", ""), currency)
    if bound["is_base_currency"] or not call.books.settings.bound_accounts_need_their_currency:
        return
    if bound["currency_id"] != currency["currency_id"]:
        raise errors.bound_account(account["account_name"], bound["currency_code"])


def project(call: Call, line: Record) -> Record:
    """Return the project of a line (an empty one if none is given); it is active and of the line's customer."""
    found = known(call.organization.projects, line, "project_id")
    if found and found.get("status", "active") != "active":
        raise errors.project_not_usable(found["project_name"], "is not active")
    customer_id = line.get("customer_id")
    if found and customer_id and found.get("customer_id") != customer_id:
        raise errors.project_not_usable(found["project_name"], "belongs to another customer")
    return found


def customer(call: Call, line: Record) -> Record:
    """Return the customer of a bill's line, an empty one if none is given."""
    contact = known(call.organization.contacts, line, "customer_id")
    if contact and contact["contact_type"] != "customer":
        raise errors.not_a_customer(contact["contact_name"])
    return contact


def iso_date(name: str, text: str) -> date:
    """Return the date of a yyyy-mm-dd text, refusing any other."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise errors.invalid_value(name) from None
    if day.isoformat() != text:
        raise errors.invalid_value(name)
    return day


def known(records: dict[str, Record], body: Record, name: str) -> Record:
    """Return the record an optional id names (an empty one if it is not given); refuses an unknown id."""
    if not body.get(name):
        return {}
    if body[name] not in records:
        raise errors.invalid_value(name)
    return records[body[name]]


def location(organization: Organization, body: Record) -> Record:
    """Return the location; required where the organization has several (bills and journals files)."""
    if len(organization.locations) > 1 and not body.get("location_id"):
        raise errors.invalid_value("location_id")
    return known(organization.locations, body, "location_id")
