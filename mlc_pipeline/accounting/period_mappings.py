"""The mappings of one period: every distinct value of its expenses that Zoho Books must know, resolved once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc

from mlc_pipeline.accounting.columns import Flags
from mlc_pipeline.accounting.expenses import Expenses, Rows
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
    NewVendors,
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


def resolve_period(rows: Rows, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    """Rows of the `category_mappings` asset, for the rows of the `expensify_reports` asset.

    An expense that is not reimbursable is mapped too, so that a gap is known before it is posted.
    """
    chart = ChartOfAccounts(reference.accounts)
    expenses = _Counted(Expenses.of(rows))
    levels = [(f"tag_{level}", f"tag_{level}_gl_code") for level in rules.tags]
    expenses.expenses.prepare([*_COMBINATIONS, *levels])
    kinds: tuple[Iterable[dict[str, Any]], ...] = (
        _categories(expenses, reference, chart, rules),
        _employees(expenses, reference, rules),
        _currencies(expenses, reference),
        _cards(expenses, reference, chart, rules),
        _payable(expenses, chart, rules),
        _dimensions(expenses, reference, rules),
        _taxes(expenses, reference, chart, rules),
    )
    for answers in kinds:
        yield from (row | {"version": rules.version} for row in answers)


_COMBINATIONS = (
    ("policy_id", "category", "category_gl_code"),
    ("employee_email", "employee_name"),
    ("employee_email", "employee_number"),
    ("employee_email", "currency"),
    ("card_name", "bank"),
    ("tax_name", "tax_rate", "tax_code"),
)


class _Counted:
    """How many expenses have which texts."""

    def __init__(self, expenses: Expenses) -> None:
        self.expenses = expenses
        # The one row of a report without expenses is none.
        self.spent: Flags = pc.not_equal(expenses.texts("transaction_id"), "").to_numpy(zero_copy_only=False)

    def distinct(self, *columns: str, of: Flags | None = None) -> Iterator[tuple[tuple[str, ...], int]]:
        """Each combination of texts in order, and of how many rows it is, all or some."""
        numbers, found = self.expenses.distinct(columns)
        counts = np.bincount(numbers if of is None else numbers[of], minlength=len(found))
        yield from sorted((tuple(row), count) for row, count in zip(found, counts.tolist(), strict=True) if count)


def _categories(
    expenses: _Counted, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    for (workspace, category, code), count in expenses.distinct(
        "policy_id", "category", "category_gl_code", of=expenses.spent
    ):
        gl_code = code or reference.gl_codes.get((workspace, category), "")
        answer = resolve_category(category, gl_code, chart, rules.categories)
        yield _row("category", category, code, count, answer) | {"workspace": workspace}


def _employees(expenses: _Counted, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    # Of several names for one address the last in order, whatever the order of the rows.
    names = {email: name for (email, name), _ in expenses.distinct("employee_email", "employee_name")}
    numbers = {email: number for (email, number), _ in expenses.distinct("employee_email", "employee_number")}
    namesakes, shared = _people_by(names), _people_by(numbers)
    # A vendor without an address that several employees' name fits is nobody's.
    everybody = Vendors(reference.vendors)
    addressed = Vendors(vendor for vendor in reference.vendors if vendor.email)
    new = NewVendors()
    for (email, currency), count in expenses.distinct("employee_email", "currency"):
        name, number = names.get(email, ""), numbers.get(email, "")
        vendors = addressed if namesakes[name_key(name)] > 1 else everybody
        own_number = number if shared[name_key(number)] == 1 else ""
        employee = Employee(email, name, currency, own_number, new.has_another(email, currency))
        answer = new.told_apart(resolve_employee(employee, vendors, rules.employees), email)
        yield _row("employee", email, currency, count, answer)


def _people_by(texts: Mapping[str, str]) -> Counter[str]:
    """How many people, told apart by their addresses as vendors are, have each text as vendors are found by it."""
    return Counter(text for _, text in {(name_key(email), name_key(text)) for email, text in texts.items()})


def _currencies(expenses: _Counted, reference: ReferenceData) -> Iterator[dict[str, Any]]:
    for (code,), count in expenses.distinct("currency"):
        yield _row("currency", code, "", count, resolve_currency(code, reference.currencies))


def _cards(
    expenses: _Counted, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    accounts, vendors = rules.cards.accounts, rules.cards.vendors
    company_paid = ~expenses.expenses.flags("reimbursable", unless_said=True)
    if accounts is not None:
        for (card_name, bank), count in expenses.distinct("card_name", "bank", of=company_paid):
            yield _row("card", card_name, bank, count, resolve_card(card_name, bank, accounts, chart))
    if vendors is not None:
        known = Vendors(reference.vendors)
        for (card_name, bank, currency), count in expenses.distinct(
            "card_name", "bank", "currency", of=company_paid
        ):
            answer = resolve_card_vendor(card_name, bank, currency, vendors, known)
            yield _row("card_vendor", card_name, bank, count, answer, level=currency)


def _payable(expenses: _Counted, chart: ChartOfAccounts, rules: MappingRules) -> Iterator[dict[str, Any]]:
    if rules.payable_code is not None:
        count = int(expenses.expenses.flags("reimbursable", unless_said=False).sum())
        yield _row("payable", "", "", count, resolve_payable(rules.payable_code, chart))


def _dimensions(expenses: _Counted, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    """Every configured level and field has a row for "none of it" too: so the frame says what is configured."""
    known = Dimensions(reference.reporting_tags, reference.dimensions)
    for level, rule in sorted(rules.tags.items()):
        counts = dict(expenses.distinct(f"tag_{level}", f"tag_{level}_gl_code", of=expenses.spent))
        for (name, code), count in sorted({("", ""): 0, **counts}.items()):
            answer = resolve_dimension(Term(f"tag level {level}", name, code), rule, known)
            yield _row("tag", name, code, count, answer, level=level)
    for name, rule in sorted(rules.report_fields.items()):
        for value, count in sorted({"": 0, **_values_of(field_name(name), expenses)}.items()):
            answer = resolve_dimension(Term(f"report field {name}", value), rule, known)
            yield _row("report_field", value, "", count, answer, level=field_name(name))


def _values_of(name: str, expenses: _Counted) -> Counter[str]:
    values: Counter[str] = Counter()
    known = "report_fields" in expenses.expenses
    for (text,), count in expenses.distinct("report_fields", of=expenses.spent) if known else ():
        values[read_fields(text).get(name, "")] += count
    return values


def _taxes(
    expenses: _Counted, reference: ReferenceData, chart: ChartOfAccounts, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    names = expenses.expenses.shared("tax_name")
    named = np.array([bool(name) for name in names.texts] + [False], dtype=np.bool_)[names.numbers]
    taxed = expenses.spent & (named | (expenses.expenses.whole("tax_cents") != 0))
    resolvers: Mapping[str, Callable[[ExpenseTax], Resolution | None]] = {
        "tax": lambda tax: resolve_tax(tax, reference.taxes, rules.taxes),
        "tax_account": lambda tax: resolve_tax_account(tax, chart, rules.taxes),
    }
    for (name, rate, code), count in expenses.distinct("tax_name", "tax_rate", "tax_code", of=taxed):
        for kind, resolve in resolvers.items():
            answer = resolve(ExpenseTax(name, rate, code))
            if answer is not None:
                yield _row(kind, name, code, count, answer, level=rate)


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
