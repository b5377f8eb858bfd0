"""Puts records into an organization as its administrator would in the web application: tags, taxes, locks ...

Tests and the company generator use it; each function returns the live record, in Zoho's own shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from mlc_pipeline.sandbox.zoho.amounts import decimal
from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: Options by name with their children, at most five levels deep (Zoho Books reference, reporting tags).
Options = Mapping[str, Any]


def add_reporting_tag(
    books: ZohoBooks,
    organization: Organization,
    name: str,
    options: Options | Sequence[str],
    *,
    preference: str = "line_item",
    entities: Sequence[str] = ("sales", "purchases", "journals"),
    **facts: Any,
) -> Record:
    """Add a tag, active and no draft unless `facts` say so.

    `preference` is `line_item` or `transaction`, for all documents that `entities` name.
    """
    known = ("sales", "purchases", "journals", "inventory_adjustment")
    tag: Record = {
        "tag_id": books.new_id(),
        "tag_name": name,
        "tag_order": len(organization.reporting_tags) + 1,
        "description": "",
        "is_active": True,
        "is_mandatory": False,
        "is_class": False,
        "is_draft": False,
        "multi_preference_entities": {
            "preference": preference,
            "entities": [{"entity_name": each, "is_enabled": each in entities} for each in known],
        },
        "options": [],
        **facts,
    }
    tree = options if isinstance(options, Mapping) else {each: {} for each in options}
    _add_options(books, tag["options"], tree, {"option_id": "", "option_name": ""})
    organization.reporting_tags[tag["tag_id"]] = tag
    return tag


def _add_options(books: ZohoBooks, kept: list[Record], tree: Options, parent: Record) -> None:
    for order, (name, children) in enumerate(tree.items(), start=1):
        option = {
            "option_id": books.new_id(),
            "option_name": name,
            "option_order": order,
            "parent_id": parent["option_id"],
            "parent_name": parent["option_name"],
            "is_active": True,
            "is_default": False,
        }
        kept.append(option)
        _add_options(books, kept, children, option)


def add_tax(
    books: ZohoBooks, organization: Organization, name: str, percentage: int | Decimal, **facts: Any
) -> Record:
    """Add a tax of type `tax` unless `facts` say `compound_tax`; India's have a `tax_specific_type`."""
    tax: Record = {
        "tax_id": books.new_id(),
        "tax_name": name,
        "tax_percentage": percentage,
        "tax_type": "tax",
        "is_default_tax": False,
        "is_editable": True,
        **facts,
    }
    organization.taxes[tax["tax_id"]] = tax
    return tax


def add_tax_group(books: ZohoBooks, organization: Organization, name: str, members: Sequence[Record]) -> Record:
    """Add a group of taxes, which is listed among them with the type `tax_group`."""
    together = sum((decimal(member["tax_percentage"]) for member in members), Decimal(0))
    ids = [member["tax_id"] for member in members]
    return add_tax(books, organization, name, together, tax_type="tax_group", member_ids=ids)


def add_project(
    books: ZohoBooks, organization: Organization, name: str, customer: Record, status: str = "active"
) -> Record:
    """Add a project of a customer."""
    project: Record = {
        "project_id": books.new_id(),
        "project_name": name,
        "customer_id": customer["contact_id"],
        "customer_name": customer["contact_name"],
        "description": "",
        "status": status,
        "billing_type": "based_on_task_hours",
        "created_time": books.timestamp(),
    }
    organization.projects[project["project_id"]] = project
    return project


def add_location(books: ZohoBooks, organization: Organization, name: str, parent: Record | None = None) -> Record:
    """Add a location (once called branch)."""
    location: Record = {
        "location_id": books.new_id(),
        "location_name": name,
        "type": "general",
        "parent_location_id": parent["location_id"] if parent else "",
    }
    organization.locations[location["location_id"]] = location
    return location


def add_exchange_rate(books: ZohoBooks, organization: Organization, code: str, day: str, rate: Decimal) -> Record:
    """Add the price of one unit of a currency in the organization's own, from a day (yyyy-mm-dd) on."""
    currency = organization.currency(code)
    record: Record = {
        "exchange_rate_id": books.new_id(),
        "currency_id": currency["currency_id"],
        "currency_code": code,
        "effective_date": day,
        "rate": rate,
    }
    organization.exchange_rates[record["exchange_rate_id"]] = record
    return record


def add_lock(books: ZohoBooks, organization: Organization, day: str, *modules: str, reason: str = "") -> Record:
    """Lock the books up to a day for these modules (`purchase`, `bills`, `accountant` ...), or for all."""
    lock: Record = {"transaction_lock_id": books.new_id(), "transaction_lock_date": day, "reason": reason}
    if modules:
        lock["modules"] = list(modules)
    organization.locks.append(lock)
    return lock


def pay_bill(books: ZohoBooks, bill: Record) -> None:
    """Pay a bill in full, as a person or another program would."""
    bill["payments"].append(
        {
            "payment_id": books.new_id(),
            "bill_id": bill["bill_id"],
            "bill_payment_id": books.new_id(),
            "amount": bill["balance"],
            "date": books.clock().date().isoformat(),
            "payment_mode": "Bank Transfer",
        }
    )
    bill |= {"status": "paid", "payment_made": bill["total"], "balance": Decimal(0)}
    bill["last_modified_time"] = books.timestamp()
