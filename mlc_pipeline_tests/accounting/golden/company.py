"""The company of the golden set, how a case changes its settings, and how a plan is told in lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from mlc_pipeline.accounting.documents import Document, DocumentLine, Part, ReportPlan
from mlc_pipeline.accounting.mapping import (
    Account,
    CategoryRules,
    Currency,
    DimensionRule,
    DimensionValue,
    ReportingTagHead,
    Tax,
    TaxOverride,
    TaxRules,
    Vendor,
)
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.accounting.organization import Organization, ReportingTag
from mlc_pipeline.accounting.period_mappings import ReferenceData, read_mappings
from mlc_pipeline.accounting.planning import DocumentRules, plan_period
from mlc_pipeline_tests.accounting.books import WEEK, Company, expense, frame

_ACCOUNTS = (
    Account("meals", "Meals & Entertainment", "6640", "expense", is_active=True),
    Account("travel", "Travel", "6650", "expense", is_active=True),
    Account("mileage", "Mileage", "6660", "expense", is_active=True),
    Account("old", "Parties", "6670", "expense", is_active=False),
    Account("twin-1", "Software", "6680", "expense", is_active=True),
    Account("twin-2", "Software Licences", "6680", "expense", is_active=True),
    Account("checking", "Checking", "1000", "bank", is_active=True),
    Account("vat", "Input VAT", "1410", "other_current_asset", is_active=True),
    Account("amex", "Amex", "2110", "credit_card", is_active=True),
    Account("visa", "Visa", "2120", "credit_card", is_active=True),
    Account("owed", "Owed to Employees", "2200", "other_current_liability", is_active=True),
    Account("payable", "Accounts Payable", "2000", "accounts_payable", is_active=True),
)
_HOME = "USD"  # stands for the currency of the organization of a case
_VENDORS = (
    Vendor("ann", "Ann Example", "ann@example.com", _HOME, is_active=True),
    Vendor("ann-eur", "Ann Example (EUR)", "ann@example.com", "EUR", is_active=True),
    Vendor("cleo-1", "Cleo Example", "cleo@example.com", _HOME, is_active=True),
    Vendor("cleo-2", "C. Example", "cleo@example.com", _HOME, is_active=True),
    Vendor("dan", "Dan Example", "dan@old.example", _HOME, is_active=True, number="E-7"),
    Vendor("eve", "Eve Example", "eve@example.com", _HOME, is_active=False),
    Vendor("gus", "Gus Example", "gus@example.com", _HOME, is_active=True, number="E-9"),
    Vendor("jose", "José Example", "", _HOME, is_active=True),
    Vendor("amex-inc", "Amex Inc", "", _HOME, is_active=True),
    Vendor("visa-inc", "Visa Inc", "", _HOME, is_active=True),
    Vendor("visa-eur", "Visa Inc (EUR)", "", "EUR", is_active=True),
)
_CURRENCIES = tuple(
    Currency(f"C-{code}", code, precision)
    for code, precision in (("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("INR", 2))
)
_TAXES = (
    Tax("T20", "VAT 20%", Decimal(20)),
    Tax("T7", "VAT 7%", Decimal(7)),
    Tax("T8875", "NYC", Decimal("8.875")),
    Tax("T0", "Zero", Decimal(0)),
)
_TAGS = (ReportingTagHead("CC", "Cost Center", is_active=True), ReportingTagHead("ENT", "Entity", is_active=True))
_DIMENSIONS = (
    DimensionValue("reporting_tag", "berlin", "Berlin", ("Berlin",), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "paris", "Paris", ("Paris",), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "closed", "Rome", ("Rome",), is_active=False, group_id="CC"),
    DimensionValue("reporting_tag", "finance", "Finance", ("Finance",), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "finance-emea", "EMEA", ("Finance", "EMEA"), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "support", "Support", ("Support",), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "support-east", "East", ("Support", "East"), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "finance-east", "East", ("Finance", "East"), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "code-200", "200", ("200",), is_active=True, group_id="CC"),
    DimensionValue("reporting_tag", "north", "North", ("North",), is_active=True, group_id="ENT"),
    DimensionValue("project", "apollo", "Apollo", ("Apollo",), is_active=True, group_id="nasa"),
    DimensionValue("project", "r&d", "R: and D", ("R: and D",), is_active=True),
    DimensionValue("project", "vostok", "Vostok", ("Vostok",), is_active=True, group_id="gone"),
    DimensionValue("customer", "gone", "Gone Inc", ("Gone Inc",), is_active=False),
    DimensionValue("customer", "nasa", "NASA", ("NASA",), is_active=True),
    DimensionValue("customer", "esa", "ESA", ("ESA",), is_active=True),
    DimensionValue("location", "hq", "Headquarters", ("Headquarters",), is_active=True),
    DimensionValue("location", "lab", "Lab", ("Lab",), is_active=True),
)

GOLDEN = Company(
    reference=ReferenceData(
        _ACCOUNTS, _VENDORS, _CURRENCIES, {}, taxes=_TAXES, reporting_tags=_TAGS, dimensions=_DIMENSIONS
    ),
    card_accounts={"default": "2110", "Visa": "2120"},
    card_vendors={"default": "Amex Inc", "Visa": "Visa Inc"},
    tags={
        "1": DimensionRule("reporting_tag", "Cost Center", {"Old Sales": "Sales:EMEA", "Eastern": "Support:East"}),
        "2": DimensionRule("project"),
        "3": DimensionRule("reporting_tag", "Entity"),
    },
    report_fields={"Customer": DimensionRule("customer"), "Site": DimensionRule("location")},
    taxes=TaxRules(
        {
            "Exempt": TaxOverride("none"),
            "VAT 20%": TaxOverride("VAT 20%", "1410"),
            "7%": TaxOverride("VAT 7%", "1410"),
            "V9": TaxOverride("VAT 7%", "1410"),
        }
    ),
    payable_code="2200",
    rules=WEEK,
)
_ORGANIZATION = Organization("USD")


def told(case: Mapping[str, Any]) -> str:
    """What becomes of the report of a case, in text."""
    return in_words(plans(case), _organization(case.get("settings", {}).get("organization", {})))


def in_words(planned: Iterable[ReportPlan], organization: Organization = _ORGANIZATION) -> str:
    """Plans in text."""
    return "\n".join(line for plan in planned for line in _plan(plan, organization))


def plans(case: Mapping[str, Any]) -> list[ReportPlan]:
    """The plans of the one report of a case that say something."""
    return plans_of(frame(*(_row(case.get("report", {}), one) for one in case["expenses"])), case)


def plans_of(expenses: pd.DataFrame, case: Mapping[str, Any]) -> list[ReportPlan]:
    """The plans of these expenses, under the settings of a case, that say something."""
    settings = dict(case.get("settings", {}))
    company_paid_kind = settings.pop("company_paid", "journal")
    reimbursable_kind = settings.pop("reimbursable", "bill")
    organization = _organization(settings.pop("organization", {}))
    company = replace(
        GOLDEN,
        reference=replace(GOLDEN.reference, vendors=tuple(_kept_in(organization.currency))),
        payable_code=settings.pop("payable", GOLDEN.payable_code),
        card_accounts=settings.pop("cards", GOLDEN.card_accounts),
        categories=CategoryRules(settings.pop("categories", {}), settings.pop("unmapped", None)),
        create_vendors=settings.pop("create_vendors", True),
        taxes=replace(GOLDEN.taxes, edition=organization.edition),
    )
    reimbursable = replace(WEEK, **{"kind": reimbursable_kind, "names_customers": True, **settings})
    suffix = "-C" if company_paid_kind == reimbursable_kind else ""
    company_paid = replace(reimbursable, kind=company_paid_kind, number_suffix=suffix)
    mappings = read_mappings(company.mapped(expenses))
    rules: dict[Part, DocumentRules] = {"reimbursable": reimbursable, "company_paid": company_paid}
    return [
        plan for plan in plan_period(expenses, mappings, rules, organization) if plan.transactions or plan.problems
    ]


def _kept_in(currency: str) -> Iterator[Vendor]:
    for vendor in _VENDORS:
        if vendor.currency == _HOME:
            yield replace(vendor, currency=currency)
        elif vendor.currency != currency:
            yield vendor


def _organization(settings: Mapping[str, Any]) -> Organization:
    changes = dict(settings)
    tags = tuple(ReportingTag(**tag) for tag in changes.pop("reporting_tags", ()))
    rates = {
        (code, day): Decimal(rate) for code, days in changes.pop("rates", {}).items() for day, rate in days.items()
    }
    return replace(_ORGANIZATION, reporting_tags=tags, rates=rates, **changes)


def _row(report: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    spent = dict(one)
    return expense(spent.pop("id"), spent.pop("cents"), **{**report, **spent})


def _plan(plan: ReportPlan, organization: Organization) -> Iterator[str]:
    for problem in plan.problems:
        yield f"{plan.part} waits, {problem.code}: {problem.message}"
    if plan.document is None and not plan.problems:
        yield f"{plan.part}: nothing to post"
    if plan.document is not None:
        yield from _document(plan.document, organization)


def _document(document: Document, organization: Organization) -> Iterator[str]:
    header = [
        f"{document.kind} {document.number} {document.date} {_money(document.total_cents)} {document.currency}"
    ]
    if document.kind != "journal":
        header.append(f"to {document.vendor_name}" + ("" if document.vendor_id else _new(document)))
    if document.exchange_rate:
        own_total = organization.own_total(document.total_cents, document.exchange_rate)
        header.append(f"at {document.exchange_rate} = {own_total}")
    header += [f"{tag}={option}" for tag, option in document.tags]
    if document.location_id:
        header.append(f"location={document.location_id}")
    if document.original_date:
        header.append(f"moved from {document.original_date}")
    header += [f"as {said}" for said in (document.product_type, document.reimbursement_code) if said]
    if document.tolerance_cents:
        header.append(f"within {_money(document.tolerance_cents)}")
    yield ", ".join(header)
    is_journal = document.kind == "journal"
    for usual, lines in (("debit", document.lines), ("credit", document.offsets)):
        for line in lines:
            side = {"debit": "credit", "credit": "debit"}[usual] if line.amount_cents < 0 else usual
            yield f"  {side} {_line(line, abs(line.amount_cents))}" if is_journal else f"  {_line(line)}"


def _new(document: Document) -> str:
    return f" (new, number {document.vendor_number})" if document.vendor_number else " (new)"


def _line(line: DocumentLine, cents: int | None = None) -> str:
    words = [line.account_code, line.account_name, _money(line.amount_cents if cents is None else cents)]
    words += [f"{tag}={option}" for tag, option in line.tags]
    for name, value in (("project", line.project_id), ("customer", line.customer_id)):
        words += [f"{name}={value}"] if value else []
    words += ["billable"] if line.is_billable else []
    words += [f"location={line.location_id}"] if line.location_id else []
    words += [f"tax={line.tax_id} {_money(line.tax_cents)}"] if line.tax_id else []
    return f"{' '.join(words)} <- {' '.join(line.transaction_ids)}"


def _money(cents: int) -> str:
    return f"{to_decimal(cents):.2f}"
