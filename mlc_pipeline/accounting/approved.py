"""What Expensify approved of one part of a report: its content as a hash, and what is unreadable.

This is the careful way, row by row, which defines both. `contents` finds the same for some thousand reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlc_pipeline.accounting.heads import Head
from mlc_pipeline.accounting.problems import Problem, Reason


class Row(NamedTuple):
    """One expense, as far as it is approved content; what is missing is None."""

    transaction_id: str | None
    effective_cents: int | None
    category: str | None
    category_gl_code: str | None
    tag: str | None
    tax_cents: int | None
    tax_name: str | None
    reimbursable: bool | None
    card_name: str | None
    bank: str | None


def content_hash(report: Head, part: Sequence[Row]) -> str:
    """A hash over the approved content of a part, its rows in the order of their transaction ids.

    It is what a re-approval must change to be a new revision.

    Not in it: approval times, comments and merchants, the billable flag and report fields, and our own mapping.
    What is in it must stay as it is: another hash would make everything that was posted look amended.
    """
    content = [
        [
            row.transaction_id or "",
            row.effective_cents or 0,
            row.category or "",
            row.category_gl_code or "",
            row.tag or "",
            row.tax_cents,
            row.tax_name or "",
            *([row.card_name or "", row.bank or ""] if row.reimbursable is False else []),
        ]
        for row in part
    ]
    head = [report.report_id, report.currency, report.employee_email.casefold()]
    text = json.dumps([head, sorted(content, key=str)])
    return hashlib.sha256(text.encode()).hexdigest()


def unreadable(report: Head, part: Sequence[Row]) -> tuple[Problem, ...]:
    """What the reader found, else what must never be left out in silence, should the reader have let it pass."""
    found = tuple(Problem(**problem) for problem in json.loads(report.problems))
    return found or tuple(_unread(part))


def _unread(part: Sequence[Row]) -> Iterator[Problem]:
    for row in part:
        named, counted = bool(row.transaction_id), row.effective_cents is not None
        if named != counted or (named and row.reimbursable is None):
            yield Problem(
                Reason.UNREADABLE,
                f"Expense {row.transaction_id or 'without an id'} does not say its id, its amount and "
                "who paid it. Correct it in Expensify.",
            )
