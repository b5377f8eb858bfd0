"""What a posted document refers to must exist, be active and fit; each look-up refuses what does not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

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


def refuse_locked(call: Call, day: str, *modules: str) -> None:
    """Refuse a date that a lock of one of these modules covers."""
    for lock in call.organization.locks:
        end = lock["transaction_lock_date"]
        covered = day < end or (day == end and call.books.settings.lock_includes_its_date)
        if covered and set(modules) & set(lock.get("modules", modules)):
            raise errors.transaction_locked(end)


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


def check_tags(organization: Organization, tags: Iterable[Record]) -> None:
    """Refuse reporting tags or options that do not exist or are not active."""
    for given in tags:
        tag = known(organization.reporting_tags, given, "tag_id")
        options = {option["option_id"]: option for option in tag.get("options", ())}
        option = known(options, given, "tag_option_id")
        if not tag.get("is_active") or not option.get("is_active", True):
            raise errors.invalid_value("tags")


def check_mandatory_tags(organization: Organization, *tag_lists: Iterable[Record]) -> None:
    """Refuse a document that gives a mandatory tag neither in its header nor on its lines."""
    given = {tag["tag_id"] for tags in tag_lists for tag in tags}
    for tag in organization.reporting_tags.values():
        if tag["is_active"] and tag["is_mandatory"] and tag["tag_id"] not in given:
            raise errors.mandatory_tag_missing(tag["tag_name"])
