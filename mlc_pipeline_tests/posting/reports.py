"""Approved reports, as short as a test can say them, and the plans that are made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mlc_pipeline.accounting.documents import Document, DocumentLine, Part, ReportPlan, document_number
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline_tests.posting.runs import PERIOD

ACCOUNTS = {"Meals": "6640", "Travel": "6670", "Lodging": "6660"}
CARD, CARD_CODE = "Corporate Visa", "2110"
ADA, BOB = "Ada Example", "Bob Example"


@dataclass(frozen=True, slots=True)
class Expense:
    """One expense of a report; `account` is the name of the account that its category reaches."""

    cents: int
    account: str = "Meals"


@dataclass(frozen=True, slots=True)
class Report:
    """One part of an approved report: its expenses by transaction id. The employee may be a vendor already.

    `coding` is what of its content reaches no document, such as a GL code that an override goes before.
    `former_hashes` are what earlier versions made of its content. `description` is how its lines are described.
    """

    report_id: str
    expenses: Mapping[str, Expense] = field(default_factory=dict)
    part: Part = "reimbursable"
    employee: str = ADA
    currency: str = "USD"
    approved_at: str = "2026-01-07T10:00:00+00:00"
    day: date = date(2026, 1, 7)
    coding: str = ""
    customer_id: str = ""
    is_billable: bool = False
    is_dated_by_expense: bool = False
    original_date: str = ""
    former_hashes: tuple[str, ...] = ()
    description: str = "expenses"

    @property
    def email(self) -> str:
        """The employee's address."""
        return f"{self.employee.split()[0].lower()}@traders.example"

    @property
    def cents(self) -> int:
        """What is to be paid to the employee."""
        return sum(one.cents for one in self.expenses.values())


def report(report_id: str, *expenses: int | Expense, **facts: object) -> Report:
    """A report with these expenses; a number is so many cents of meals. Transaction ids count from 1."""
    read = [Expense(one) if isinstance(one, int) else one for one in expenses]
    numbered = {f"{report_id}-T{at}": one for at, one in enumerate(read, start=1)}
    return Report(report_id, **{"expenses": numbered, **facts})  # type: ignore[arg-type]


def plan_of(approved: Report, books: Organization) -> ReportPlan:
    """The plan of a report: one line for each account, nothing to post when it sums to nothing."""
    return ReportPlan(
        report_id=approved.report_id,
        part=approved.part,
        currency=approved.currency,
        total_cents=approved.cents,
        content_hash=_content_hash(approved),
        transactions={name: one.cents for name, one in approved.expenses.items()},
        approved_at=approved.approved_at,
        approver="boss@traders.example",
        mapping_version="m1",
        document=_document(approved, books) if approved.cents else None,
        former_hashes=approved.former_hashes,
    )


def _content_hash(approved: Report) -> str:
    expenses = sorted((name, one.cents, one.account) for name, one in approved.expenses.items())
    said = (approved.coding, approved.customer_id, approved.is_billable)
    days = approved.day if approved.is_dated_by_expense else None
    content = repr((approved.report_id, approved.currency, approved.employee, said, days, expenses))
    return hashlib.sha256(content.encode()).hexdigest()


def _document(approved: Report, books: Organization) -> Document:
    currency = books.currency(approved.currency)
    is_bill = approved.part == "reimbursable"
    return Document(
        kind="bill" if is_bill else "journal",
        number=document_number(approved.report_id, 1),
        reference=approved.report_id,
        date=approved.day,
        currency=approved.currency,
        currency_id=currency["currency_id"],
        precision=currency["price_precision"],
        vendor_id=_vendor_id(approved, books) if is_bill else "",
        employee_name=approved.employee,
        employee_email=approved.email,
        notes=f"Expensify report {approved.report_id}\nPeriod: {PERIOD}",
        lines=tuple(
            _coded(_line(name, _of_account(name, approved), books), approved) for name in _used_accounts(approved)
        ),
        offsets=() if is_bill else (_line(CARD, approved.expenses, books),),
        original_date=approved.original_date,
        is_dated_by_expense=approved.is_dated_by_expense,
    )


def _coded(line: DocumentLine, approved: Report) -> DocumentLine:
    said = f"{line.account_name} · {len(line.transaction_ids)} {approved.description}"
    return replace(line, customer_id=approved.customer_id, is_billable=approved.is_billable, description=said)


def _used_accounts(approved: Report) -> list[str]:
    return sorted({one.account for one in approved.expenses.values()}, key=ACCOUNTS.__getitem__)


def _of_account(account: str, approved: Report) -> dict[str, Expense]:
    return {name: one for name, one in approved.expenses.items() if one.account == account}


def _line(account: str, expenses: Mapping[str, Expense], books: Organization) -> DocumentLine:
    record = next(one for one in books.accounts.values() if one["account_name"] == account)
    return DocumentLine(
        account_id=record["account_id"],
        account_code=record["account_code"],
        account_name=account,
        amount_cents=sum(one.cents for one in expenses.values()),
        description=f"{account} · {len(expenses)} expenses",
        transaction_ids=tuple(expenses),
    )


def _vendor_id(approved: Report, books: Organization) -> str:
    for contact in books.contacts.values():
        emails = [person["email"] for person in contact["contact_persons"]]
        if approved.email in emails and contact["currency_code"] == approved.currency:
            return str(contact["contact_id"])
    return ""
