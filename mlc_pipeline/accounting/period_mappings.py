"""The mappings of one period: every distinct category, employee and currency of its expenses, resolved once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mlc_pipeline.accounting.mapping import (
    Account,
    CategoryRules,
    ChartOfAccounts,
    Currency,
    Resolution,
    Vendor,
    resolve_card,
    resolve_category,
    resolve_currency,
    resolve_employee,
)
from mlc_pipeline.accounting.planning import Mappings
from mlc_pipeline.accounting.problems import Problem


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What Zoho Books has to map to, and the GL codes that Expensify's workspaces give to categories.

    `gl_codes`: by (policy id, category name); used where an expense itself brings no code.
    """

    accounts: tuple[Account, ...]
    vendors: tuple[Vendor, ...]
    currencies: tuple[Currency, ...]
    gl_codes: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class MappingRules:
    """What of mlc.yaml decides a mapping, and the version of the answers."""

    categories: CategoryRules
    create_vendors: bool
    version: str
    card_accounts: Mapping[str, str] = field(default_factory=dict)


def resolve_period(
    expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules
) -> Iterator[dict[str, Any]]:
    """Rows of the `category_mappings` asset, for the rows of the `expensify_reports` asset.

    An expense that is not reimbursable is mapped too, so that a gap is known before it is posted.
    """
    yield from _categories(expenses, reference, rules)
    yield from _employees(expenses, reference, rules)
    yield from _currencies(expenses, reference, rules)
    if rules.card_accounts:
        yield from _cards(expenses, reference, rules)


def read_mappings(rows: pd.DataFrame) -> Mappings:
    """The rows of the `category_mappings` asset as what documents are built from."""
    categories: dict[tuple[str, str, str], Resolution] = {}
    employees: dict[tuple[str, str], Resolution] = {}
    currencies: dict[str, Resolution] = {}
    cards: dict[tuple[str, str], Resolution] = {}
    plain: Iterable[Any] = rows.astype("object").where(rows.notna(), "").itertuples(index=False)
    for row in plain:
        answer = _resolution(row)
        if row.kind == "category":
            categories[(row.workspace, row.name, row.code)] = answer
        elif row.kind == "employee":
            employees[(row.name, row.code)] = answer
        elif row.kind == "card":
            cards[(row.name, row.code)] = answer
        else:
            currencies[row.name] = answer
    version = str(rows["version"].iloc[0]) if len(rows) else ""
    return Mappings(categories, employees, currencies, cards, version)


def _categories(expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    chart = ChartOfAccounts(reference.accounts)
    spent = expenses[expenses["transaction_id"].fillna("") != ""]
    for (workspace, category, code), count in _distinct(spent, "policy_id", "category", "category_gl_code"):
        gl_code = code or reference.gl_codes.get((workspace, category), "")
        answer = resolve_category(category, gl_code, chart, rules.categories)
        yield _row("category", workspace, category, code, count, answer, rules)


def _employees(expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    people = expenses[["employee_email", "employee_name"]].astype("object").fillna("")
    # Of several names for one address the last in order, whatever the order of the rows.
    names: dict[str, str] = dict(sorted(people.itertuples(index=False, name=None)))
    namesakes = Counter(name.casefold() for name in names.values())
    # A vendor without an address that several employees' name fits is nobody's.
    addressed = [vendor for vendor in reference.vendors if vendor.email]
    for (email, currency), count in _distinct(expenses, "employee_email", "currency"):
        name = names.get(email, "")
        vendors = addressed if namesakes[name.casefold()] > 1 else reference.vendors
        answer = resolve_employee(email, name, currency, vendors, create=rules.create_vendors)
        yield _row("employee", "", email, currency, count, answer, rules)


def _currencies(expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    for (code,), count in _distinct(expenses, "currency"):
        yield _row("currency", "", code, "", count, resolve_currency(code, reference.currencies), rules)


def _cards(expenses: pd.DataFrame, reference: ReferenceData, rules: MappingRules) -> Iterator[dict[str, Any]]:
    chart = ChartOfAccounts(reference.accounts)
    company_paid = expenses[~expenses["reimbursable"].fillna(value=True).astype(bool)]
    for (card_name, bank), count in _distinct(company_paid, "card_name", "bank"):
        answer = resolve_card(card_name, bank, rules.card_accounts, chart)
        yield _row("card", "", card_name, bank, count, answer, rules)


def _distinct(expenses: pd.DataFrame, *columns: str) -> Iterator[tuple[tuple[str, ...], int]]:
    keys = expenses[list(columns)].astype("object").fillna("")
    for key, count in keys.groupby(list(columns), sort=True).size().items():
        yield (key if isinstance(key, tuple) else (key,)), int(count)


def _row(
    kind: str, workspace: str, name: str, code: str, count: int, answer: Resolution, rules: MappingRules
) -> dict[str, Any]:
    problem = answer.problem
    return {
        "kind": kind,
        "workspace": workspace,
        "name": name,
        "code": code,
        "expenses": count,
        "how": answer.how,
        "target_id": answer.target_id,
        "target_code": answer.target_code,
        "target_name": answer.target_name,
        "detail": answer.detail,
        "reason_code": problem.code if problem else None,
        "reason": problem.message if problem else None,
        "version": rules.version,
    }


def _resolution(row: Any) -> Resolution:
    return Resolution(
        how=row.how,
        target_id=row.target_id,
        target_code=row.target_code,
        target_name=row.target_name,
        detail=row.detail,
        problem=Problem(row.reason_code, row.reason) if row.reason_code else None,
    )
