"""An invented company: expenses as the frame has them, a chart of accounts, and what becomes of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import pandas as pd

from mlc_pipeline.accounting.documents import Document, Part, ReportPlan
from mlc_pipeline.accounting.mapping import (
    Account,
    CategoryRules,
    Currency,
    DimensionRule,
    EmployeeRules,
    TaxRules,
    Vendor,
)
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.period_mappings import (
    CardRules,
    MappingRules,
    ReferenceData,
    read_mappings,
    resolve_period,
)
from mlc_pipeline.accounting.planning import DocumentRules, plan_period
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline.frames import frame_of
from mlc_pipeline.schemas import EXPENSES, MAPPINGS

MEALS = Account("A-6640", "Meals & Entertainment", "6640", "expense", is_active=True)
TRAVEL = Account("A-6650", "Travel", "6650", "expense", is_active=True)
AMEX = Account("A-2110", "Amex Corporate", "2110", "credit_card", is_active=True)
VISA = Account("A-2120", "Visa", "2120", "credit_card", is_active=True)
BANK = Account("A-1000", "Checking", "1000", "bank", is_active=True)
OTHER = Account("A-6999", "Other", "6999", "other_expense", is_active=True)
ANN = Vendor("V-ann", "Ann Example", "ann@example.com", "", is_active=True)
DOLLAR, EURO, YEN = Currency("C-usd", "USD", 2), Currency("C-eur", "EUR", 2), Currency("C-jpy", "JPY", 0)

BOOKS = ReferenceData((MEALS, TRAVEL, BANK, OTHER, AMEX, VISA), (ANN,), (DOLLAR, EURO, YEN), {})

REPORT = {
    "report_id": "R1",
    "report_name": "January",
    "state": "APPROVED",
    "policy_id": "P1",
    "currency": "USD",
    "employee_email": "ann@example.com",
    "employee_name": "Ann Example",
    "approved_at": datetime(2026, 1, 7, 15, 30, tzinfo=UTC),
    "approver_email": "boss@example.com",
    "problems": "[]",
}
EXPENSE = {
    "transaction_id": "T1",
    "expense_date": "2026-01-03",
    "category": "Meals & Entertainment",
    "category_gl_code": "6640",
    "effective_cents": 1234,
    "reimbursable": True,
}
WEEK = DocumentRules("2026-01-05", date(2026, 1, 11), "America/New_York", "bill", "category", "approved")


@dataclass(frozen=True)
class Company:
    """What decides how expenses are posted, beside the expenses."""

    reference: ReferenceData = BOOKS
    categories: CategoryRules = field(default_factory=CategoryRules)
    create_vendors: bool = True
    card_accounts: Mapping[str, str] = field(default_factory=dict)
    card_vendors: Mapping[str, str] | None = None
    tags: Mapping[str, DimensionRule] = field(default_factory=dict)
    report_fields: Mapping[str, DimensionRule] = field(default_factory=dict)
    taxes: TaxRules = field(default_factory=TaxRules)
    payable_code: str | None = None
    rules: DocumentRules = WEEK
    organization: Organization | None = None

    def mapped(self, expenses: pd.DataFrame) -> pd.DataFrame:
        """The `category_mappings` of these expenses."""
        rules = MappingRules(
            categories=self.categories,
            employees=EmployeeRules(self.create_vendors),
            version="v1",
            cards=CardRules(self.card_accounts or None, self.card_vendors),
            tags=self.tags,
            report_fields=self.report_fields,
            taxes=self.taxes,
            payable_code=self.payable_code,
        )
        return frame_of(MAPPINGS, resolve_period(expenses, self.reference, rules))

    def plans(self, expenses: pd.DataFrame) -> Plans:
        """The plans for these expenses, mapped by this company."""
        return self.planned(expenses, {"reimbursable": self.rules})

    def company_paid(self, expenses: pd.DataFrame, kind: Literal["bill", "journal", "skip"] = "journal") -> Plans:
        """The plans for what the company paid of these expenses."""
        return self.planned(expenses, {"company_paid": replace(self.rules, kind=kind)})

    def planned(self, expenses: pd.DataFrame, rules: Mapping[Part, DocumentRules]) -> Plans:
        """The plans for these parts of the expenses."""
        return plan_period(expenses, read_mappings(self.mapped(expenses)), rules, self.organization)

    def plan(self, *rows: Mapping[str, Any]) -> ReportPlan:
        """The plan of the one report that these rows are."""
        [plan] = self.plans(frame(*rows))
        return plan

    def document(self, *rows: Mapping[str, Any]) -> Document:
        """The document of the one report that these rows are."""
        plan = self.plan(*rows)
        assert plan.document is not None, plan.problems
        return plan.document

    def refusal(self, *rows: Mapping[str, Any]) -> tuple[str, str]:
        """The code and the sentence of the one problem that the one report has."""
        plan = self.plan(*rows)
        assert plan.document is None
        [problem] = plan.problems
        return problem.code, problem.message

    def under(self, **rules: Any) -> Company:
        """The same company with other posting rules."""
        return replace(self, rules=replace(self.rules, **rules))


def expense(transaction_id: str | None = "T1", cents: int | None = 1234, **others: Any) -> dict[str, Any]:
    """A row of report R1, approved on Wednesday morning in New York."""
    return {**REPORT, **EXPENSE, "transaction_id": transaction_id, "effective_cents": cents, **others}


def travel(transaction_id: str, cents: int, **others: Any) -> dict[str, Any]:
    """The same for the other account."""
    return expense(transaction_id, cents, **{"category": "Travel", "category_gl_code": "6650", **others})


def frame(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """The rows as the `expensify_reports` asset has them."""
    return frame_of(EXPENSES, rows)


def effect_cents(document: Document) -> int:
    """What a document adds to what was spent: a vendor credit takes its total away."""
    return -document.total_cents if document.kind == "vendor_credit" else document.total_cents
