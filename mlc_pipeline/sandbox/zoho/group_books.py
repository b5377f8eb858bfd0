"""The Zoho Books side of a generated group: three organizations behind one login."""

from __future__ import annotations

from decimal import Decimal

from mlc_pipeline.sandbox.company.group import Group, GroupEntity
from mlc_pipeline.sandbox.company.group.entity import Entity
from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.company_books import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline.sandbox.zoho.records import (
    add_exchange_rate,
    add_project,
    add_reporting_tag,
    add_tax,
    add_tax_group,
)

_PRICE_PRECISION = {"JPY": 0, "KWD": 3}


def books_for_group(group: Group) -> ZohoBooks:
    """Return books that a group starts with: nothing posted, one application with every scope.

    Mandatory reporting tags are asked for on the cost lines of journals, not on the line of what was paid with.
    """
    books = ZohoBooks()
    books.settings.mandatory_tags_on_every_journal_line = False
    books.allow_client(CLIENT_ID, CLIENT_SECRET)
    books.allow_refresh_token(CLIENT_ID, REFRESH_TOKEN)
    for entity in group.entities:
        _add_organization(books, entity)
    return books


def _add_organization(books: ZohoBooks, entity: GroupEntity) -> None:
    facts = entity.facts
    organization = Organization(
        facts.organization_id,
        facts.organization_name,
        edition=facts.edition,
        currency_code=facts.currency,
        time_zone=facts.zone,
        state_code=facts.state_code,
    )
    books.add_currency(organization, facts.currency)
    books.add_organization(organization)
    _add_currencies(books, organization, facts)
    for name, code, account_type, is_active in facts.accounts:
        books.add_account(organization, name, account_code=code, account_type=account_type, is_active=is_active)
    for vendor in entity.vendors:
        books.add_contact(organization, vendor["contact_name"], **_without_name(vendor))
    _add_dimensions(books, organization, facts)
    _add_taxes(books, organization, facts)


def _add_currencies(books: ZohoBooks, organization: Organization, facts: Entity) -> None:
    for code, rate_ppm in facts.foreign_rates_ppm.items():
        rate = Decimal(rate_ppm).scaleb(-6)
        precision = _PRICE_PRECISION.get(code, 2)
        books.add_currency(organization, code, price_precision=precision, exchange_rate=rate)
        add_exchange_rate(books, organization, code, "2025-12-31", rate)


def _add_dimensions(books: ZohoBooks, organization: Organization, facts: Entity) -> None:
    for tag in facts.reporting_tags:
        add_reporting_tag(books, organization, tag.name, tag.options, is_mandatory=tag.is_mandatory)
    for project in facts.projects:
        customer = books.add_contact(organization, project.customer, contact_type="customer")
        add_project(books, organization, project.name, customer)


def _add_taxes(books: ZohoBooks, organization: Organization, facts: Entity) -> None:
    """India's central and state tax are also one group."""
    taxes = {}
    for name, percent in facts.zoho_taxes.items():
        kind = {"tax_specific_type": name[:4].casefold()} if facts.edition == "in" else {}
        taxes[name] = add_tax(books, organization, name, percent, **kind)
    if facts.edition == "in":
        add_tax_group(books, organization, "GST18", [taxes["CGST9"], taxes["SGST9"]])


def _without_name(vendor: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in vendor.items() if name != "contact_name"}
