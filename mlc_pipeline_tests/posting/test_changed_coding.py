"""Expenses that were coded anew after their report was posted: from the rows of Expensify to the decision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.posting.decisions import decide
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline_tests.accounting.books import Company, expense
from mlc_pipeline_tests.accounting.golden.company import GOLDEN

COMPANY = GOLDEN.under(names_customers=True)
BY_EXPENSE = GOLDEN.under(date="last_expense")
ESA, NASA = '{"Customer": "ESA"}', '{"Customer": "NASA"}'


def decided(company: Company, before: dict[str, Any], **changes: Any) -> str:
    """What is to be done with a posted report that was approved again with these changes."""
    approved_again = datetime(2026, 1, 14, 12, tzinfo=UTC)
    after = company.plan(expense(**{**before, "approved_at": approved_again, **changes}))
    return decide(after, [posted(company.plan(expense(**before)))]).action


def posted(plan: ReportPlan) -> Posting:
    document = plan.document
    assert document is not None
    return Posting(
        id=1, organization_id="1", report_id=plan.report_id, part=plan.part, revision=1, connection="us",
        period="2026-01-05", state="posted", content_hash=plan.content_hash, approved_at=plan.approved_at,
        kind=document.kind, number=document.number, currency=plan.currency, total_cents=plan.total_cents,
        document=document, vendor_id=document.vendor_id, zoho_id="7", reason_code=None, reason=None, attempts=0,
        sent_ms=1, claimed_by=None, claimed_until_ms=None, run_id=None, replaces_id=None, amendment=None,
        mapping_version=plan.mapping_version,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("company", "before", "changes"),
    [
        (COMPANY, {"report_fields": ESA}, {"report_fields": NASA}),
        (COMPANY, {"report_fields": ESA}, {"billable": True}),
        (BY_EXPENSE, {}, {"expense_date": "2026-01-04"}),
        (COMPANY, {"tag": "", "tag_1": "Berlin"}, {"tag_1": "Paris"}),
        (COMPANY, {"tag": "Berlin", "tag_1": "Berlin", "tag_2": "Apollo"}, {"tag_2": "R: and D"}),
        (COMPANY, {"tag": "Old", "tag_1": "Berlin", "tag_1_gl_code": "x"}, {"tag_1_gl_code": "200"}),
    ],
    ids=[
        "the customer of a report field",
        "the billable flag",
        "the day of the last expense",
        "a level of a tag that has no text of its own",
        "the second level of a tag whose text is the first",
        "the GL code of a tag",
    ],
)
def test_what_reaches_the_books_is_a_change(
    company: Company, before: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert decided(company, before, **changes) == "review"


@pytest.mark.parametrize(
    ("company", "changes"),
    [
        (COMPANY, {}),
        (COMPANY, {"report_fields": '{"Mood": "good"}'}),
        (GOLDEN, {"billable": True}),
        (COMPANY, {"expense_date": "2026-01-04"}),
        (BY_EXPENSE, {}),
        (COMPANY, {"category": "Client meals"}),
        (COMPANY, {"tag_4": "Sailing", "tag_gl_code": "7", "tag_4_gl_code": "9"}),
        (GOLDEN.under(lines="expense"), {"merchant": "Rail", "expense_date": "2026-01-04"}),
    ],
    ids=[
        "nothing",
        "a field of no meaning",
        "a flag of no meaning",
        "a day",
        "an approval",
        "a name",
        "a level of tags that is not mapped",
        "a merchant",
    ],
)
def test_what_does_not_reach_the_books_is_none(company: Company, changes: dict[str, Any]) -> None:
    assert decided(company, {}, **changes) == "skip"


def test_a_document_says_whether_it_is_dated_by_an_expense() -> None:
    by_expense, by_approval = BY_EXPENSE.document(expense()), BY_EXPENSE.document(expense(expense_date=None))
    assert (by_expense.date, by_expense.is_dated_by_expense) == (date(2026, 1, 3), True)
    assert (by_approval.date, by_approval.is_dated_by_expense) == (date(2026, 1, 7), False)
    assert not COMPANY.document(expense()).is_dated_by_expense
