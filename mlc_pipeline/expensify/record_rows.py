"""From report records to rows of the `EXPENSES` frame: one row an expense."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.expensify.models import ExpenseRecord, ReportRecord, approval_instant
from mlc_pipeline.expensify.reading import TAG_LEVELS
from mlc_pipeline.expensify.values import fields_text
from mlc_pipeline.frames import arrow_schema
from mlc_pipeline.schemas import EXPENSES

ROWS = arrow_schema(EXPENSES)

_UNIQUE = {
    "transaction_id", "merchant", "comment", "receipt_id", "receipt_filename", "receipt_url"
}  # fmt: skip

REPEATED = frozenset(
    field.name for field in ROWS if pa.types.is_large_string(field.type) and field.name not in _UNIQUE
)
"""The columns of texts in which many rows are alike: while they are worked with they are dictionary-encoded."""


def record_table(reports: Iterable[ReportRecord]) -> pa.Table:
    """The rows of the reports; a report without expenses keeps one row, so that it is not lost."""
    table = pa.Table.from_pylist([row for report in reports for row in _rows(report)], schema=ROWS)
    return encoded({name: table[name].combine_chunks() for name in ROWS.names})


def encoded(columns: Mapping[str, pa.Array]) -> pa.Table:
    """The columns in their order, those of `REPEATED` encoded where they are not yet."""
    return pa.table({name: _encoded(name, columns[name]) for name in ROWS.names})


def _encoded(name: str, column: pa.Array) -> pa.Array:
    is_plain = name in REPEATED and not pa.types.is_dictionary(column.type)
    return pc.dictionary_encode(column) if is_plain else column


def _rows(report: ReportRecord) -> Iterator[dict[str, Any]]:
    head = _head(report)
    if not report.expenses:
        yield head
    for expense in report.expenses:
        yield head | _expense(expense)


def _head(report: ReportRecord) -> dict[str, Any]:
    approved_at = approval_instant(report)
    problems = [{"code": str(problem.code), "message": problem.message} for problem in report.problems]
    return {
        "report_id": report.report_id or _substitute_id(report),
        "report_name": report.name,
        "state": report.state,
        "policy_id": report.policy_id,
        "currency": report.currency,
        "report_total_cents": report.total_cents,
        "employee_email": report.account_email,
        "employee_name": report.submitter_name,
        "employee_number": report.employee_custom_field_1,
        "approved_at": approved_at and approved_at.astimezone(UTC),
        "approver_email": report.manager_email,
        "report_fields": fields_text(report.custom_fields),
        "problems": json.dumps(problems, ensure_ascii=False),
    }


def _substitute_id(report: ReportRecord) -> str:
    """A report that names no id waits in review; it still needs a name of its own there, the same each time."""
    digest = hashlib.sha256(repr((report.name, report.account_email, report.created)).encode()).hexdigest()
    return f"without-id-{report.old_report_id or digest[:12]}"


def _expense(expense: ExpenseRecord) -> dict[str, Any]:
    levels = dict(enumerate(expense.tag_levels[:TAG_LEVELS], start=1))
    effective_date = expense.effective_date
    return {
        "transaction_id": expense.transaction_id,
        "expense_date": effective_date.isoformat() if effective_date else "",
        "merchant": expense.effective_merchant,
        "category": expense.category,
        "category_gl_code": expense.category_gl_code,
        "tag": expense.tag,
        "tag_gl_code": expense.tag_gl_code,
        **{f"tag_{level}": tag.name for level, tag in levels.items()},
        **{f"tag_{level}_gl_code": tag.gl_code for level, tag in levels.items()},
        "original_cents": expense.amount_cents,
        "original_currency": expense.currency,
        "effective_cents": expense.effective_amount_cents,
        "reimbursable": expense.reimbursable,
        "billable": expense.billable,
        "bank": expense.bank,
        "card_name": expense.card_name,
        "tax_cents": expense.effective_tax_amount_cents,
        "tax_name": expense.tax_rate_name or expense.tax_name,
        "tax_rate": expense.tax_rate,
        "tax_code": expense.tax_code,
        "comment": expense.comment,
        "receipt_id": expense.receipt_id,
        "receipt_filename": expense.receipt_filename,
        "receipt_url": expense.receipt_url,
    }
