"""What is checked on every report that was read: each finding is a problem, so that it is reviewed, not posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from mlc_pipeline.expensify import values
from mlc_pipeline.expensify.models import ProblemCode, ReportProblem, ReportRecord, ReportState

_CORRECT = "Reopen the report in Expensify, correct it and have it approved again."
_ASK = "Ask Expensify's support about this report, or book it by hand and dismiss this entry."


def problems_of(report: ReportRecord) -> Iterator[ReportProblem]:
    """Reasons to review that show only on the report as a whole, its total against its expenses first of all."""
    yield from _wrong_total(report)
    yield from _unconverted_expenses(report)
    yield from _repeated_expenses(report)
    if not report.report_id:
        yield ReportProblem(ProblemCode.UNREADABLE, f"The report has no reportID. {_ASK}")
    if not report.currency:
        yield ReportProblem(ProblemCode.UNREADABLE, f"The report has no currency. {_ASK}")
    if report.state is None:
        yield ReportProblem(
            ProblemCode.UNKNOWN_STATE,
            f"Its status {values.quoted(report.status or report.display_status)} is none that Expensify "
            f"documents, so it is unknown whether it is approved. {_ASK}",
        )
    if report.state in (ReportState.APPROVED, ReportState.REIMBURSED) and report.approved is None:
        yield ReportProblem(
            ProblemCode.NO_APPROVAL_DATE,
            f"It is {report.state.lower()} but has no approval date; its period is that of its submission. "
            "Approve it once more in Expensify, or book it by hand and dismiss this entry.",
        )


def _repeated_expenses(report: ReportRecord) -> Iterator[ReportProblem]:
    counts = Counter(expense.transaction_id for expense in report.expenses if expense.transaction_id)
    for transaction_id, count in counts.items():
        if count > 1:
            yield ReportProblem(
                ProblemCode.REPEATED_EXPENSE, f"Expense {transaction_id} is {count} times on it. {_CORRECT}"
            )


def _unconverted_expenses(report: ReportRecord) -> Iterator[ReportProblem]:
    for expense in report.expenses:
        foreign = expense.currency and report.currency and expense.currency != report.currency
        if foreign and expense.converted_amount_cents is None:
            yield ReportProblem(
                ProblemCode.UNCONVERTED_CURRENCY,
                f"Expense {expense.transaction_id} is in {expense.currency} and has no amount in the report's "
                f"{report.currency}. {_CORRECT}",
            )


def _wrong_total(report: ReportRecord) -> Iterator[ReportProblem]:
    amounts = [expense.effective_amount_cents for expense in report.expenses]
    readable = [amount for amount in amounts if amount is not None]
    if report.total_cents is None:
        yield ReportProblem(
            ProblemCode.UNREADABLE, f"It has no readable total, so its expenses cannot be checked. {_ASK}"
        )
    elif len(readable) == len(amounts) and sum(readable) != report.total_cents:
        yield ReportProblem(
            ProblemCode.TOTAL_MISMATCH,
            f"Its expenses sum to {_money(sum(readable), report)}, its own total is "
            f"{_money(report.total_cents, report)}. {_CORRECT}",
        )


def _money(cents: int, report: ReportRecord) -> str:
    return f"{Decimal(cents).scaleb(-2):,.2f} {report.currency}".rstrip()
