"""Descriptions and notes: what a document says in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from mlc_pipeline.accounting.batches import Head
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.wording import one_line, shortened

# Zoho documents no lengths for bills; these stay below what its other documents allow.
_LONGEST_DESCRIPTION = 200
_LONGEST_TITLE = 500
_LONGEST_NAME = 80

# Names and addresses come again and again.
_one_line = lru_cache(maxsize=4096)(one_line)


def employee_name(report: Head) -> str:
    """The submitter's name, else the address."""
    return _one_line(report.employee_name) or _one_line(report.employee_email)


def tails(reports: Sequence[Head], of_lines: Iterable[int], counts: Iterable[int]) -> list[str]:
    """What the description of a line ends in: the employee and how many expenses.

    Args:
        reports: the reports of the lines.
        of_lines: by line, which of the reports is its own.
        counts: by line, how many expenses it has.
    """
    names = [f" · {shortened(employee_name(report), _LONGEST_NAME)} · " for report in reports]
    pairs = zip(of_lines, counts, strict=True)
    return [f"{names[report]}{count} expense{'s' if count > 1 else ''}" for report, count in pairs]


def of_expenses(categories: str, tail: str) -> str:
    """The categories, the employee and how many expenses."""
    return shortened(categories, _LONGEST_DESCRIPTION - len(tail)) + tail


def of_tax(name: str, categories: str, tail: str) -> str:
    """The tax within these expenses, as an amount of its own."""
    return shortened(f"{one_line(name)}: {categories}", _LONGEST_DESCRIPTION - len(tail)) + tail


def of_card(account: str, tail: str) -> str:
    """What these expenses were paid with."""
    return f"Paid by {account}{tail}"


def of_payable(tail: str) -> str:
    """What the employee is owed for these expenses."""
    return f"To be reimbursed{tail}"


def moved_from(day: str) -> str:
    """What notes say of the day of a document that a closed period has moved."""
    return f"Original date: {day}"


def notes(
    report: Head,
    rules: DocumentRules,
    original: date | None,
    day: date,
    left_out: Iterable[str],
    unbilled: Mapping[str, int],
) -> str:
    """Report, title, employee, approval, approver and period; a moved day; what had no place on the document.

    Raises:
        ValueError: the report has no approval date.
    """
    if not report.approved_locally:
        raise ValueError(f"report {report.report_id} has no approval date and cannot become a document")
    approver = _one_line(report.approver_email)
    title = shortened(one_line(report.report_name), _LONGEST_TITLE)
    text = (
        f"Expensify report {report.report_id}: {title}\n"
        f"Employee: {employee_name(report)} <{_one_line(report.employee_email)}>\n"
        f"Approved: {report.approved_locally} ({rules.timezone}){f' by {approver}' if approver else ''}\n"
        f"Period: {rules.period}"
    )
    if original is not None:
        text += f"\n{moved_from(original.isoformat())}, in a closed period; posted on the first open day, {day}"
    if missing := ", ".join(sorted(set(left_out))):
        text += f"\nReporting tags that Zoho Books does not take on a {rules.kind}: {one_line(missing)}"
    if unbilled:
        amounts = "; ".join(f"{name} {format_money(cents, report.currency)}" for name, cents in unbilled.items())
        text += (
            "\nBillable, but a vendor credit in Zoho Books names no customer; bill or refund it by hand: "
            f"{one_line(amounts)}"
        )
    return text
