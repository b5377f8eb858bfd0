"""The mappings of one period: every distinct value of its expenses that Zoho Books must know, resolved once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlc_pipeline.accounting.columns import distinct
from mlc_pipeline.accounting.mapping import (
    Account,
    CategoryRules,
    ChartOfAccounts,
    Currency,
    DimensionRule,
    Dimensions,
    DimensionValue,
    Employee,
    EmployeeRules,
    ExpenseTax,
    ReportingTagHead,
    Resolution,
    Tax,
    TaxRules,
    Term,
    Vendor,
    Vendors,
    resolve_card,
    resolve_card_vendor,
    resolve_category,
    resolve_currency,
    resolve_dimension,
    resolve_employee,
    resolve_payable,
    resolve_tax,
    resolve_tax_account,
)
from mlc_pipeline.accounting.mappings import field_name, read_fields, read_mappings
from mlc_pipeline.accounting.wording import name_key

__all__ = ["CardRules", "MappingRules", "ReferenceData", "read_mappings", "resolve_period"]


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What Zoho Books has to map to, and the GL codes that Expensify's workspaces give to categories.

    `gl_codes`: by (policy id, category name); used where an expense itself brings no code.
    """

    accounts: tuple[Account, ...]
    vendors: tuple[Vendor, ...]
    currencies: tuple[Currency, ...]
    gl_codes: Mapping[tuple[str, str], str]
    taxes: tuple[Tax, ...] = ()
    reporting_tags: tuple[ReportingTagHead, ...] = ()
    dimensions: tuple[DimensionValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CardRules:
    """Where company-paid expenses come from: None for what is not posted that way.

    `accounts` are those of `posting.company_card_accounts` (journals), `vendors` those of
    `posting.company_card_vendors` (bills).
    """

    accounts: Mapping[str, str] | None = None
    vendors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MappingRules:
    """What of mlc.yaml decides a mapping, and the version of the answers.

    `payable_code` is the account code that journals for employees credit; None where there are none.
    """

    categories: CategoryRules
    employees: EmployeeRules
    version: str
    cards: CardRules = CardRules()
    tags: Mapping[str, DimensionRule] = field(default_factory=dict)
    report_fields: Mapping[str, DimensionRule] = field(default_factory=dict)
    taxes: TaxRules = field(default_factory=TaxRules)
    payable_code: str | None = None


def resolve_period(
    expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    """Rows of the `category_mappings` asset, for the rows of the `expensify_reports` asset.

    An expense that is not reimbursable is mapped too, so that a gap is known before it is posted.
    """
    chart = ChartOfAccounts(reference.accounts)
    is_expense = expenses["transaction_id"].fillna("") != ""
    spent = expenses if is_expense.all() else expenses[is_expense]  # a copy takes longer than all that follows
    kinds: tuple[Iterable[dict[str, Any]], ...] = (
        _categories(spent, reference, chart, rules),
        _employees(expenses, reference, rules),
        _currencies(expenses, reference),
        _cards(expenses, reference, chart, rules),
        _payable(expenses, chart, rules),
        _dimensions(spent, reference, rules),
        _taxes(spent, reference, chart, rules),
    )
    for rows in kinds:
        yield from (row | {"version": rules.version} for row in rows)


def _categories(
    spent: pd.DataFrame, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    for (workspace, category, code), count in _distinct(spent, "policy_id", "category", "category_gl_code"):
        gl_code = code or reference.gl_codes.get((workspace, category), "")
        answer = resolve_category(category, gl_code, chart, rules.categories)
        yield _row("category", category, code, count, answer) | {"workspace": workspace}


def _employees(expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    # Of several names for one address the last in order, whatever the order of the rows.
    names = {email: name for (email, name), _ in _distinct(expenses, "employee_email", "employee_name")}
    numbers = {email: number for (email, number), _ in _distinct(expenses, "employee_email", "employee_number")}
    namesakes, shared = _people_by(names), _people_by(numbers)
    # A vendor without an address that several employees' name fits is nobody's.
    everybody = Vendors(reference.vendors)
    addressed = Vendors(vendor for vendor in reference.vendors if vendor.email)
    for (email, currency), count in _distinct(expenses, "employee_email", "currency"):
        name, number = names.get(email, ""), numbers.get(email, "")
        vendors = addressed if namesakes[name_key(name)] > 1 else everybody
        employee = Employee(email, name, currency, number if shared[name_key(number)] == 1 else "")
        yield _row("employee", email, currency, count, resolve_employee(employee, vendors, rules.employees))


def _people_by(texts: Mapping[str, str]) -> Counter[str]:
    """How many people, told apart by their addresses as vendors are, have each text as vendors are found by it."""
    return Counter(text for _, text in {(name_key(email), name_key(text)) for email, text in texts.items()})


def _currencies(expenses: pd.DataFrame, reference: ReferenceData) -> Iterator[dict[str, Any]]:
    for (code,), count in _distinct(expenses, "currency"):
        yield _row("currency", code, "", count, resolve_currency(code, reference.currencies))


def _cards(
    expenses: pd.DataFrame, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    accounts, vendors = rules.cards.accounts, rules.cards.vendors
    cards = expenses[["card_name", "bank"]]
    company_paid = cards[~expenses["reimbursable"].fillna(value=True).astype(bool)]
    for (card_name, bank), count in _distinct(company_paid, "card_name", "bank"):
        if accounts is not None:
            answer = resolve_card(card_name, bank, accounts, chart)
            yield _row("card", card_name, bank, count, answer)
        if vendors is not None:
            answer = resolve_card_vendor(card_name, bank, vendors, reference.vendors)
            yield _row("card_vendor", card_name, bank, count, answer)


def _payable(expenses: pd.DataFrame, chart: ChartOfAccounts, rules: MappingRules) -> Iterator[dict[str, Any]]:
    if rules.payable_code is not None:
        count = int(expenses["reimbursable"].fillna(value=False).astype(bool).sum())
        yield _row("payable", "", "", count, resolve_payable(rules.payable_code, chart))


def _dimensions(spent: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    """Every configured level and field has a row for "none of it" too: so the frame says what is configured."""
    known = Dimensions(reference.reporting_tags, reference.dimensions)
    for level, rule in sorted(rules.tags.items()):
        counts = dict(_distinct(spent, f"tag_{level}", f"tag_{level}_gl_code"))
        for (name, code), count in sorted({("", ""): 0, **counts}.items()):
            answer = resolve_dimension(Term(f"tag level {level}", name, code), rule, known)
            yield _row("tag", name, code, count, answer, level=level)
    for name, rule in sorted(rules.report_fields.items()):
        for value, count in sorted({"": 0, **_values_of(field_name(name), spent)}.items()):
            answer = resolve_dimension(Term(f"report field {name}", value), rule, known)
            yield _row("report_field", value, "", count, answer, level=field_name(name))


def _values_of(name: str, spent: pd.DataFrame) -> Counter[str]:
    values: Counter[str] = Counter()
    for (text,), count in _distinct(spent, "report_fields") if "report_fields" in spent else ():
        values[read_fields(text).get(name, "")] += count
    return values


def _taxes(
    spent: pd.DataFrame, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    named = spent["tax_name"].fillna("") != ""
    taxed = spent[["tax_name", "tax_rate", "tax_code"]][named | (spent["tax_cents"].fillna(0) != 0)]
    resolvers: Mapping[str, Callable[[ExpenseTax], Resolution | None]] = {
        "tax": lambda tax: resolve_tax(tax, reference.taxes, rules.taxes),
        "tax_account": lambda tax: resolve_tax_account(tax, chart, rules.taxes),
    }
    for (name, rate, code), count in _distinct(taxed, "tax_name", "tax_rate", "tax_code"):
        for kind, resolve in resolvers.items():
            answer = resolve(ExpenseTax(name, rate, code))
            if answer is not None:
                yield _row(kind, name, code, count, answer, level=rate)


def _distinct(expenses: pd.DataFrame, *columns: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each combination of the texts in order, and of how many rows it is; what is missing is empty."""
    numbers, found = distinct({name: expenses[name] for name in columns})
    counts: Counter[tuple[str, ...]] = Counter()
    keys = found.astype("object").fillna("").itertuples(index=False, name=None)
    for key, count in zip(keys, np.bincount(numbers), strict=True):
        counts[key] += int(count)
    yield from sorted(counts.items())


def _row(kind: str, name: str, code: str, count: int, answer: Resolution, *, level: str = "") -> dict[str, Any]:
    problem = answer.problem
    return {
        "kind": kind,
        "workspace": "",
        "level": level,
        "name": name,
        "code": code,
        "expenses": count,
        "how": answer.how,
        "target_id": answer.target_id,
        "target_code": answer.target_code,
        "target_name": answer.target_name,
        "detail": answer.detail,
        "dimension": answer.dimension,
        "group_id": answer.group_id,
        "reason_code": problem.code if problem else None,
        "reason": problem.message if problem else None,
    }
