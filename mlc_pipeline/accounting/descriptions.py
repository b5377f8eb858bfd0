"""Descriptions and notes: what a document says in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mlc_pipeline.accounting.approved import Row
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.wording import one_line, shortened

# Zoho documents no lengths for bills; these stay below what its other documents allow.
_LONGEST_DESCRIPTION = 200
_LONGEST_TITLE = 500
_LONGEST_NAME = 80


def employee_name(report: Row) -> str:
    """The submitter's name, else the address."""
    return one_line(report.employee_name or "") or one_line(report.employee_email or "")


def of_expenses(report: Row, group: Sequence[Row]) -> str:
    """The categories, the employee and how many expenses."""
    categories = dict.fromkeys(one_line(row.category or "") or "no category" for row in group)
    return _described(", ".join(categories), report, group)


def of_tax(report: Row, group: Sequence[Row], name: str) -> str:
    """The tax within these expenses, as an amount of its own."""
    categories = dict.fromkeys(one_line(row.category or "") or "no category" for row in group)
    return _described(f"{one_line(name)}: {', '.join(categories)}", report, group)


def of_card(report: Row, group: Sequence[Row], account: str) -> str:
    """What these expenses were paid with."""
    return f"Paid by {account}{_tail(report, group)}"


def of_payable(report: Row, group: Sequence[Row]) -> str:
    """What the employee is owed for these expenses."""
    return f"To be reimbursed{_tail(report, group)}"


def notes(report: Row, rules: DocumentRules, original: date | None, day: date, left_out: Iterable[str]) -> str:
    """Report, title, employee, approval, approver and period; a moved day; reporting tags that had no place."""
    approved = approval(report, rules).isoformat(timespec="seconds")
    approver = one_line(report.approver_email or "")
    address = one_line(report.employee_email or "")
    title = shortened(one_line(report.report_name or ""), _LONGEST_TITLE)
    lines = [
        f"Expensify report {report.report_id}: {title}",
        f"Employee: {employee_name(report)} <{address}>",
        f"Approved: {approved} ({rules.timezone})" + (f" by {approver}" if approver else ""),
        f"Period: {rules.period}",
    ]
    if original is not None:
        lines.append(f"Original date: {original}, in a closed period; posted on the first open day, {day}")
    if missing := ", ".join(sorted(set(left_out))):
        lines.append(f"Reporting tags that Zoho Books does not take on a {rules.kind}: {one_line(missing)}")
    return "\n".join(lines)


def approval(report: Row, rules: DocumentRules) -> datetime:
    """The approval in the time zone of the connection."""
    if report.approved_at is None:
        raise ValueError(f"report {report.report_id} has no approval date and cannot become a document")
    approved: datetime = report.approved_at.to_pydatetime()
    return approved.astimezone(ZoneInfo(rules.timezone))


def _described(what: str, report: Row, group: Sequence[Row]) -> str:
    tail = _tail(report, group)
    return shortened(what, _LONGEST_DESCRIPTION - len(tail)) + tail


def _tail(report: Row, group: Sequence[Row]) -> str:
    count = f"{len(group)} expense" + ("s" if len(group) > 1 else "")
    return f" · {shortened(employee_name(report), _LONGEST_NAME)} · {count}"
