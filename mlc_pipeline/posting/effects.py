"""Effects: whether two documents of a report mean the same to the books, in whatever words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.posting.postings import Posting

_Effect = tuple[int, int, frozenset[str]]


def books_alike(posting: Posting, before: Document, after: Document) -> bool:
    """Whether the document of a posting has the effect of another, which is planned now.

    Texts do not count, nor how the same is cut into lines: how we write both may have changed since.
    """
    return (
        _of_document(before) == _of_document(after)
        and _is_same_payee(posting, before, after)
        and is_same_day(before, after)
    )


def is_same_day(before: Document, after: Document) -> bool:
    """Whether the days are the same where they come from expenses; others move with approvals and locks."""
    if not (before.is_dated_by_expense and after.is_dated_by_expense):
        return True
    return before.date == after.date or day_before_lock(before) == day_before_lock(after)


def day_before_lock(document: Document) -> date:
    """The day of a document, had no locked period moved it."""
    return date.fromisoformat(document.original_date) if document.original_date else document.date


def _of_document(document: Document) -> tuple[object, ...]:
    return document.kind, document.currency, document.tags, _of_lines(document.lines), _of_lines(document.offsets)


def _of_lines(lines: Iterable[DocumentLine]) -> dict[tuple[Any, ...], _Effect]:
    """By account and dimensions what is booked: the amount, the tax in it, and for which expenses."""
    effects: dict[tuple[Any, ...], _Effect] = {}
    for line in lines:
        # An account is its id: a chart that was numbered anew holds the same.
        place = (line.account_id, line.tags, line.project_id, line.customer_id)
        terms = (line.is_billable, line.location_id, line.tax_id)
        cents, tax, expenses = effects.get((*place, *terms), (0, 0, frozenset()))
        effect = (cents + line.amount_cents, tax + line.tax_cents, expenses | set(line.transaction_ids))
        effects[(*place, *terms)] = effect
    return effects


def _is_same_payee(posting: Posting, before: Document, after: Document) -> bool:
    """The same vendor, which may have been made since; where none says it, the same employee."""
    held = posting.vendor_id or before.vendor_id
    if held and after.vendor_id:
        return held == after.vendor_id
    email = before.employee_email.casefold() == after.employee_email.casefold()
    return email or before.employee_name == after.employee_name
