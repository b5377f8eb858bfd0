"""What Expensify approved of one part of a report: the hash of its content, and what is unreadable.

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
    billable: bool | None
    expense_date: str | None
    tag_gl_code: str | None
    tag_1: str | None
    tag_1_gl_code: str | None
    tag_2: str | None
    tag_2_gl_code: str | None
    tag_3: str | None
    tag_3_gl_code: str | None
    tag_4: str | None
    tag_4_gl_code: str | None
    tag_5: str | None
    tag_5_gl_code: str | None


LEVELS = Row._fields[Row._fields.index("tag_gl_code") :]
"""The levels of the tag and all GL codes."""


def content_hash(report: Head, part: Sequence[Row]) -> str:
    """The hash of the approved content of a part, its rows in the order of their transaction ids.

    It is what a re-approval must change to be a new revision, if it reaches the books as well.

    Not in it: approval times, comments and merchants, and our own mapping. More may be put into it later: what was
    posted with another hash counts as approved while it books the same. That cannot be said where mlc.yaml, Zoho
    Books or a lock has changed since, so what is posted with one of the `former_hashes` is recognised by that.
    """
    texts = _formerly(report, part), _further(report, part), _levels(part)
    return hashed("".join(texts).encode())


def former_hashes(report: Head, part: Sequence[Row]) -> tuple[str, ...]:
    """The hashes that earlier versions would have given it.

    The first leaves out report fields, the billable flag and the day of the expense; both leave out the levels of
    tags and their GL codes.
    """
    formerly = _formerly(report, part)
    return hashed(formerly.encode()), hashed((formerly + _further(report, part)).encode())


def hashed(content: bytes) -> str:
    """The hash of content as a text."""
    return hashlib.sha256(content).hexdigest()


def _formerly(report: Head, part: Sequence[Row]) -> str:
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
    return json.dumps([head, sorted(content, key=str)])


def _further(report: Head, part: Sequence[Row]) -> str:
    content = [[row.transaction_id or "", row.expense_date or "", bool(row.billable)] for row in part]
    return json.dumps([report.report_fields, sorted(content, key=str)])


def _levels(part: Sequence[Row]) -> str:
    content = [[row.transaction_id or "", *(getattr(row, name) or "" for name in LEVELS)] for row in part]
    return json.dumps([levels for _, *levels in sorted(content)])


def found_unreadable(problems: str) -> tuple[Problem, ...]:
    """What the reader found, as JSON."""
    return tuple(Problem(**problem) for problem in json.loads(problems))


def unread(part: Sequence[Row]) -> Iterator[Problem]:
    """What must never be left out in silence, should the reader have let it pass."""
    for row in part:
        named, counted = bool(row.transaction_id), row.effective_cents is not None
        if named != counted or (named and row.reimbursable is None):
            yield Problem(
                Reason.UNREADABLE,
                f"Expense {row.transaction_id or 'without an id'} does not say its id, its amount and "
                "who paid it. Correct it in Expensify.",
            )
