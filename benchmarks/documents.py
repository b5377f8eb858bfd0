"""From Expensify's file to the documents of a period: next to a plain loop, and per expense at every size.

Measured is the whole way: read, checked, mapped, added up and put into words. Then every document stands in
columns: amounts, accounts, dimensions, descriptions, notes, numbers, days, transactions, the hash of its content.
That both sides make the same documents is checked first.

The loop has one thread, as one writes it at first; the chain has as many as there are cores. For a million
expenses the loop needs about 5.5 GiB of memory.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from os import cpu_count
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import workload
from benchmarks.expenses import FEW, MANY, read
from benchmarks.measuring import Row
from benchmarks.plain_documents import planned
from benchmarks.plain_mapping import Key
from benchmarks.plain_reading import Fields
from benchmarks.processes import in_own_process, measured, written
from mlc_pipeline.accounting.documents import Document, DocumentLine, Part, ReportPlan
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.mapping import (
    Account,
    CategoryRules,
    Currency,
    DimensionRule,
    DimensionValue,
    EmployeeRules,
    ReportingTagHead,
    Tax,
    TaxOverride,
    TaxRules,
    Vendor,
)
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.organization import Organization, ReportingTag
from mlc_pipeline.accounting.period_mappings import CardRules, MappingRules, ReferenceData, resolve_period
from mlc_pipeline.accounting.planning import DocumentRules, Plans, plan_period
from mlc_pipeline.frames import frame_of
from mlc_pipeline.schemas import MAPPINGS

_CHEAPEST, _ROUNDS = 50_000, 3  # a loop over dicts is dearer the more of them it holds
_BILLS = DocumentRules(
    "2026-01-01", date(2026, 12, 31), workload.ZONE.key, "bill", "category", "approved", names_customers=True
)
_ORGANIZATION = Organization("EUR", reporting_tags=(ReportingTag("CC", "Cost Center"),))


def measure(few: int = FEW, many: int = MANY, cheapest: int = _CHEAPEST) -> Iterator[Row]:
    """The chain against the loop in turn, the chain at two sizes, and its memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = (written(folder, workload.as_lines, size) for size in (few, many))
        same, cheap = (written(folder, workload.as_json, size) for size in (many, cheapest))
        check_that_both_agree(small.warm_up.read_bytes(), same.warm_up.read_bytes())
        rounds = [
            [
                measured("benchmarks.documents", large),
                measured("benchmarks.plain_documents", same),
                measured("benchmarks.plain_documents", cheap),
            ]
            for _ in range(_ROUNDS)
        ]
        at_few = statistics.median(measured("benchmarks.documents", small).microseconds for _ in range(5))
    sides = [*zip(*rounds, strict=True)]
    at_many, loop, cheap_loop = (statistics.median(one.microseconds for one in side) for side in sides)
    memory, loop_memory, _ = (max(one.gibibytes for one in side) for side in sides)
    words = "from the file to the last document in words"
    plain, chain = "plain loop over dicts with Decimal, one thread", f"{words}, {cpu_count()} cores"
    one = f"{chain}, an expense of {many:,}"
    yield Row(f"{plain}, an expense of {many:,}", one, loop / at_many, at_least=20)
    yield Row(f"{plain}, an expense of {cheapest:,}", one, cheap_loop / at_many)
    yield Row(one, f"of {few:,}", at_many / at_few, at_most=1.2)
    yield Row(f"peak memory {words}, {many:,}", "2 GiB", memory / 2, at_most=1)
    yield Row(f"peak memory {words}, {many:,}", f"of the loop: {loop_memory:.1f} GiB", memory / loop_memory)


def plans(body: bytes) -> Plans:
    """The plans of a file as our template prints it."""
    expenses = Expenses(read(body))
    del body
    mappings = read_mappings(_mapped(expenses))
    rules: dict[Part, DocumentRules] = {"reimbursable": _BILLS, "company_paid": replace(_BILLS, kind="journal")}
    return plan_period(expenses, mappings, rules, _ORGANIZATION)


def _mapped(expenses: Expenses) -> pd.DataFrame:
    books = workload.books()
    accounts = [*books.accounts.values(), *({**card, "type": "credit_card"} for card in books.cards.values())]
    accounts += [{**books.tax_account, "type": "other_current_asset"}]
    reference = ReferenceData(
        accounts=tuple(Account(one["id"], one["name"], one["code"], one["type"], True) for one in accounts),
        vendors=tuple(Vendor(one, *key[:1], *key, True) for key, one in books.vendors.items()),
        currencies=tuple(Currency(code, code, precision) for code, precision in books.decimals.items()),
        gl_codes={},
        taxes=tuple(Tax(one["id"], one["name"], Decimal(one["rate"])) for one in books.taxes.values()),
        reporting_tags=(ReportingTagHead("CC", "Cost Center", True),),
        dimensions=(
            *(DimensionValue("reporting_tag", one["id"], name, (name,), True, one["tag_id"])
              for name, one in books.options.items()),
            *(DimensionValue("project", one["id"], name, (name,), True, one["customer_id"])
              for name, one in books.projects.items()),
        ),
    )  # fmt: skip
    rules = MappingRules(
        CategoryRules(),
        EmployeeRules(create=False),
        "v1",
        CardRules({name: account["code"] for name, account in books.cards.items()}),
        tags={"1": DimensionRule("reporting_tag", "Cost Center"), "2": DimensionRule("project")},
        taxes=TaxRules({name: TaxOverride(name, books.tax_account["code"]) for name in books.taxes}),
    )
    return frame_of(MAPPINGS, resolve_period(expenses, reference, rules))


def check_that_both_agree(lines: bytes, objects: bytes) -> None:
    """Raise RuntimeError when the chain makes other documents of the lines than the loop makes of the objects."""
    mapped, by_loop = planned(objects)
    if _targets(_mapped(Expenses(read(lines)))) != mapped:
        raise RuntimeError("the two sides map otherwise")
    found = sorted(plans(lines), key=lambda plan: (plan.report_id, plan.part))
    for one, other in zip(found, by_loop, strict=True):
        if not _is_said_by(other, _plan(one)):
            raise RuntimeError(f"the two sides make different plans of report {one.report_id}")
    if not any(plan.document for plan in found):
        raise RuntimeError("the file became no documents, so nothing is measured")


def _targets(mappings: pd.DataFrame) -> dict[Key, tuple[int, str]]:
    """The mappings as the plain loop has them."""
    names = ("kind", "workspace", "level", "name", "code", "expenses", "target_id")
    rows: Any = mappings[[*names]].itertuples(index=False)
    return {tuple(row[:5]): (int(row.expenses), row.target_id) for row in rows}


def _is_said_by(plain: Any, found: Any) -> bool:
    """Whether the plain loop says all that was found; it may say more."""
    if isinstance(found, dict):
        return isinstance(plain, dict) and all(_is_said_by(plain[name], value) for name, value in found.items())
    if isinstance(found, list):
        return len(plain) == len(found) and all(map(_is_said_by, plain, found))
    return bool(plain == found)


def _plan(plan: ReportPlan) -> Fields:
    """A plan as the plain loop has it."""
    return {
        "report_id": plan.report_id,
        "part": plan.part,
        "currency": plan.currency,
        "approved_at": plan.approved_at,
        "approver": plan.approver,
        "total": plan.total_cents,
        "transactions": plan.transactions,
        "content_hash": plan.content_hash,
        "document": plan.document and _document(plan.document),
    }


def _document(document: Document) -> Fields:
    return {
        "kind": document.kind,
        "number": document.number,
        "date": document.date,
        "currency": document.currency,
        "currency_id": document.currency_id,
        "precision": document.precision,
        "reference": document.reference,
        "vendor_id": document.vendor_id,
        "employee_name": document.employee_name,
        "employee_email": document.employee_email,
        "notes": document.notes,
        "lines": [*_lines(document.lines)],
        "offsets": [*_lines(document.offsets)],
        "tolerance": document.tolerance_cents,
    }


def _lines(lines: Iterable[DocumentLine]) -> Iterator[Fields]:
    for line in lines:
        yield {
            "account_id": line.account_id,
            "account_code": line.account_code,
            "account_name": line.account_name,
            "tags": line.tags,
            "project_id": line.project_id,
            "customer_id": line.customer_id,
            "is_billable": line.is_billable,
            "amount": line.amount_cents,
            "tax_id": line.tax_id,
            "tax": line.tax_cents,
            "description": line.description,
            "transaction_ids": [*line.transaction_ids],
        }


if __name__ == "__main__":
    in_own_process(plans)
