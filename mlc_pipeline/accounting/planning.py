"""Planning: the expenses of a period and the resolved mappings become a plan for every report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from mlc_pipeline.accounting.documents import Document, DocumentLine, Part, ReportPlan, document_number
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.money import NotRepresentable, format_money, to_rate
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.wording import one_line, shortened

# Zoho documents no lengths for bills; these stay below what its other documents allow.
_LONGEST_DESCRIPTION = 200
_LONGEST_TITLE = 500
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """What of mlc.yaml and of the period decides how a document looks."""

    period: str
    period_last_day: date
    timezone: str
    kind: Literal["bill", "journal", "skip"]
    lines: Literal["category", "expense"]
    date: Literal["approved", "last_expense", "period_end"]


@dataclass(frozen=True, slots=True)
class Mappings:
    """The answers that documents are built from.

    Keys: (policy id, category, GL code), (employee e-mail, currency), ISO currency and (card name, bank). What the
    mappings do not know, because the reports were read again after them, is unresolved.
    """

    categories: Mapping[tuple[str, str, str], Resolution]
    employees: Mapping[tuple[str, str], Resolution]
    currencies: Mapping[str, Resolution]
    cards: Mapping[tuple[str, str], Resolution] = field(default_factory=dict)
    version: str = ""

    def category(self, row: Any) -> Resolution:
        """The account of an expense."""
        key = _text(row.policy_id), _text(row.category), _text(row.category_gl_code)
        return self.categories.get(key) or _stale(Reason.UNMAPPED_CATEGORY, f"category “{key[1]}”")

    def employee(self, row: Any) -> Resolution:
        """The vendor of a report."""
        key = _text(row.employee_email), _text(row.currency)
        return self.employees.get(key) or _stale(Reason.VENDOR_MISSING, f"employee {key[0]}")

    def currency(self, row: Any) -> Resolution:
        """The currency of a report."""
        code = _text(row.currency)
        return self.currencies.get(code) or _stale(Reason.UNKNOWN_CURRENCY, f"currency {code}")

    def card(self, row: Any) -> Resolution:
        """The account that a company-paid expense was paid from."""
        key = _text(row.card_name), _text(row.bank)
        return self.cards.get(key) or _stale(Reason.UNMAPPED_CARD, f"card “{key[0] or key[1]}”")


def plan_reimbursable(expenses: pd.DataFrame, mappings: Mappings, rules: DocumentRules) -> tuple[ReportPlan, ...]:
    """One plan for every report of the frame, in the order of the report ids.

    Args:
        expenses: rows of the `expensify_reports` asset, one per expense (see `mlc_pipeline.frames`).
        mappings: the rows of the `category_mappings` asset, indexed.
        rules: the posting rules of the connection and the period.
    """
    return tuple(
        _plan(rows[0], [row for row in rows if _is_reimbursable(row)], "reimbursable", mappings, rules)
        for rows in _by_report(expenses)
    )


def plan_company_paid(expenses: pd.DataFrame, mappings: Mappings, rules: DocumentRules) -> tuple[ReportPlan, ...]:
    """One plan for every report of the frame that has company-paid expenses: a journal that credits the card."""
    parts = ((rows[0], [row for row in rows if not _is_reimbursable(row)]) for rows in _by_report(expenses))
    return tuple(_plan(report, part, "company_paid", mappings, rules) for report, part in parts if part)


def _by_report(expenses: pd.DataFrame) -> Iterator[list[Any]]:
    rows = expenses.sort_values(["report_id", "transaction_id"], kind="stable", na_position="first")
    for _, group in groupby(rows.itertuples(index=False), key=attrgetter("report_id")):
        yield list(group)


def _plan(report: Any, part: Sequence[Any], name: Part, mappings: Mappings, rules: DocumentRules) -> ReportPlan:
    plan = ReportPlan(
        report_id=report.report_id,
        part=name,
        currency=_text(report.currency),
        total_cents=sum(_cents(row) for row in part),
        content_hash=content_hash(report, part),
        transactions=_transactions(part),
        approved_at="" if pd.isna(report.approved_at) else report.approved_at.isoformat(),
        approver=_text(report.approver_email),
        mapping_version=mappings.version,
    )
    found = [Problem(**problem) for problem in json.loads(report.problems)] or [*_unreadable(part)]
    if found:
        return replace(plan, problems=tuple(found))
    amounts = [row for row in part if _cents(row)]
    if rules.kind == "skip" or not amounts:
        return plan
    problems = tuple(dict.fromkeys(_problems(plan, report, amounts, mappings, rules)))
    if problems:
        return replace(plan, problems=problems)
    document = _document(plan, report, amounts, mappings, rules)
    if not document.lines and not document.offsets:
        return plan
    if document.kind == "bill" and document.total_cents <= 0:
        return replace(plan, problems=(_not_positive(plan),))
    return replace(plan, document=document)


def content_hash(report: Any, part: Sequence[Any]) -> str:
    """A hash over the approved content of a part: what a re-approval must change to be a new revision.

    Not in it: approval times, comments and merchants, and our own mapping.
    """
    content = [
        [
            _text(row.transaction_id),
            _cents(row),
            _text(row.category),
            _text(row.category_gl_code),
            _text(row.tag),
            None if pd.isna(row.tax_cents) else int(row.tax_cents),
            _text(row.tax_name),
            *([] if _is_reimbursable(row) else [_text(row.card_name), _text(row.bank)]),
        ]
        for row in part
    ]
    head = [_text(report.report_id), _text(report.currency), _text(report.employee_email).casefold()]
    text = json.dumps([head, sorted(content, key=str)])
    return hashlib.sha256(text.encode()).hexdigest()


def _transactions(part: Sequence[Any]) -> dict[str, int]:
    cents: dict[str, int] = {}
    for row in part:
        transaction_id = _text(row.transaction_id)
        if transaction_id:
            cents[transaction_id] = cents.get(transaction_id, 0) + _cents(row)
    return cents


def _unreadable(part: Sequence[Any]) -> Iterator[Problem]:
    """What must never be left out in silence, should the reader have let it pass."""
    for row in part:
        named, counted = bool(_text(row.transaction_id)), not pd.isna(row.effective_cents)
        if named != counted or (named and pd.isna(row.reimbursable)):
            yield Problem(
                Reason.UNREADABLE,
                f"Expense {_text(row.transaction_id) or 'without an id'} does not say its id, its amount and who "
                "paid it. Correct it in Expensify.",
            )


def _problems(
    plan: ReportPlan, report: Any, lines: Sequence[Any], mappings: Mappings, rules: DocumentRules
) -> Iterator[Problem]:
    supported = "bill" if plan.part == "reimbursable" else "journal"
    if rules.kind != supported:
        text = f"posting.{plan.part}: {rules.kind} is not supported yet: set it to {supported}, or to skip."
        yield Problem(Reason.NOT_SUPPORTED, text)
    if pd.isna(report.approved_at):
        yield Problem(Reason.NO_APPROVAL_DATE, "The report has no approval date. Approve it again in Expensify.")
    currency = mappings.currency(report)
    payers = [mappings.employee(report)] if plan.part == "reimbursable" else [*map(mappings.card, lines)]
    for answer in (currency, *payers, *map(mappings.category, lines)):
        if answer.problem is not None:
            yield answer.problem
    if currency.problem is None:
        yield from _not_representable(lines, int(currency.detail))


def _not_representable(lines: Sequence[Any], precision: int) -> Iterator[Problem]:
    for row in lines:
        try:
            to_rate(_cents(row), precision)
        except NotRepresentable as error:
            yield Problem(
                Reason.CURRENCY_PRECISION,
                f"Expense {row.transaction_id}: {error} in Zoho Books. Correct the amount in Expensify.",
            )


def _not_positive(plan: ReportPlan) -> Problem:
    return Problem(
        Reason.NEGATIVE_TOTAL,
        f"The reimbursable part sums to {format_money(plan.total_cents, plan.currency)}: a bill must be "
        "positive. Post the refund by hand in Zoho Books and dismiss this entry.",
    )


def _document(
    plan: ReportPlan, report: Any, rows: Sequence[Any], mappings: Mappings, rules: DocumentRules
) -> Document:
    is_bill = plan.part == "reimbursable"
    currency = mappings.currency(report)
    return Document(
        kind="bill" if is_bill else "journal",
        number=document_number(report.report_id, 1),
        reference=report.report_id,
        date=_document_date(report, rows, rules),
        currency=report.currency,
        currency_id=currency.target_id,
        precision=int(currency.detail),
        vendor_id=mappings.employee(report).target_id if is_bill else "",
        employee_name=_employee_name(report),
        employee_email=_text(report.employee_email),
        notes=_notes(report, rules),
        lines=tuple(_lines(report, rows, mappings, rules)),
        offsets=() if is_bill else tuple(_offsets(report, rows, mappings)),
    )


def _lines(report: Any, rows: Sequence[Any], mappings: Mappings, rules: DocumentRules) -> Iterator[DocumentLine]:
    """One line per account, or per expense, ordered by account code; accounts that cancel out are left out."""

    def account(row: Any) -> tuple[str, str]:
        answer = mappings.category(row)
        return answer.target_code, answer.target_id

    ordered = sorted(rows, key=account)
    groups = (list(group) for _, group in groupby(ordered, key=account))
    if rules.lines == "expense":
        groups = ([row] for row in ordered)
    for group in groups:
        cents = sum(_cents(row) for row in group)
        if cents == 0:
            continue
        answer = mappings.category(group[0])
        yield DocumentLine(
            account_id=answer.target_id,
            account_code=answer.target_code,
            account_name=answer.target_name,
            amount_cents=cents,
            description=_description(report, group),
            transaction_ids=tuple(row.transaction_id for row in group),
        )


def _offsets(report: Any, rows: Sequence[Any], mappings: Mappings) -> Iterator[DocumentLine]:
    """What was paid with: one line per card account; cards that cancel out are left out."""

    def account(row: Any) -> tuple[str, str]:
        answer = mappings.card(row)
        return answer.target_code, answer.target_id

    for _, grouped in groupby(sorted(rows, key=account), key=account):
        group = list(grouped)
        cents = sum(_cents(row) for row in group)
        if cents == 0:
            continue
        answer = mappings.card(group[0])
        yield DocumentLine(
            account_id=answer.target_id,
            account_code=answer.target_code,
            account_name=answer.target_name,
            amount_cents=cents,
            description=f"Paid by {answer.target_name}{_tail(report, group)}",
            transaction_ids=tuple(row.transaction_id for row in group),
        )


def _description(report: Any, group: Sequence[Any]) -> str:
    categories = ", ".join(dict.fromkeys(one_line(_text(row.category)) or "no category" for row in group))
    tail = _tail(report, group)
    return shortened(categories, _LONGEST_DESCRIPTION - len(tail)) + tail


def _tail(report: Any, group: Sequence[Any]) -> str:
    count = f"{len(group)} expense" + ("s" if len(group) > 1 else "")
    return f" · {shortened(_employee_name(report), _LONGEST_NAME)} · {count}"


def _notes(report: Any, rules: DocumentRules) -> str:
    approved = _approved(report, rules).isoformat(timespec="seconds")
    approver = one_line(_text(report.approver_email))
    parts = (
        f"Expensify report {report.report_id}: {shortened(one_line(_text(report.report_name)), _LONGEST_TITLE)}",
        f"Employee: {_employee_name(report)} <{one_line(_text(report.employee_email))}>",
        f"Approved: {approved} ({rules.timezone})" + (f" by {approver}" if approver else ""),
        f"Period: {rules.period}",
    )
    return "\n".join(parts)


def _approved(report: Any, rules: DocumentRules) -> datetime:
    approved: datetime = report.approved_at.to_pydatetime()
    return approved.astimezone(ZoneInfo(rules.timezone))


def _document_date(report: Any, rows: Sequence[Any], rules: DocumentRules) -> date:
    if rules.date == "period_end":
        return rules.period_last_day
    if rules.date == "last_expense":
        days = [row.expense_date for row in rows if _text(row.expense_date)]
        if days:
            return date.fromisoformat(max(days))
    return _approved(report, rules).date()


def _employee_name(report: Any) -> str:
    return one_line(_text(report.employee_name)) or one_line(_text(report.employee_email))


def _stale(code: Reason, what: str) -> Resolution:
    message = one_line(
        f"The {what} is not in the period's category_mappings: materialise category_mappings again."
    )
    return Resolution(problem=Problem(code, message))


def _is_reimbursable(row: Any) -> bool:
    # A row that does not say who paid has a problem of its own; it is counted on the side that would be posted.
    return bool(pd.isna(row.reimbursable) or row.reimbursable)


def _cents(row: Any) -> int:
    return 0 if pd.isna(row.effective_cents) else int(row.effective_cents)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
