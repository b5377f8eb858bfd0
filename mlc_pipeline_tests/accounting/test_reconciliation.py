"""For every report: approved = posted + in review + dismissed + not yet posted + difference. Always."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.accounting.reconciliation import (
    DocumentState,
    ReconciledReport,
    ReportTotals,
    Totals,
    reconcile,
    totals,
)

STATES = (
    "posted",
    "review",
    "dismissed",
    "unknown",
    "failed",
    "planned",
    "sending",
    "superseded",
    "nothing_to_post",
)
cents = st.integers(-(10**12), 10**12)
documents = st.builds(DocumentState, st.sampled_from(STATES), cents, st.none() | cents)
reports = st.builds(
    ReportTotals,
    st.text("0123456789", min_size=1),
    st.sampled_from(["USD", "EUR", "JPY", ""]),
    cents,
    cents,
    cents,
    st.lists(documents, max_size=4).map(tuple),
)

REPORT = ReportTotals("R1", "USD", approved_cents=1000, company_paid_cents=0, skipped_cents=0)
POSTED = DocumentState("posted", 1000, 1000)


def reconciled(*states: DocumentState, **changes: Any) -> ReconciledReport:
    return reconcile(replace(REPORT, documents=states, **changes))


def split(row: ReconciledReport) -> int:
    return (
        row.posted_cents
        + row.in_review_cents
        + row.dismissed_cents
        + row.not_yet_posted_cents
        + row.difference_cents
    )


@given(reports)
def test_the_parts_of_a_report_are_always_its_whole(report: ReportTotals) -> None:
    row = reconcile(report)
    assert split(row) == row.expensify_cents == report.approved_cents
    assert bool(row.difference_cents) == ("neither posted nor waiting" in row.remark)


@given(st.lists(reports, max_size=8))
def test_the_parts_of_a_period_are_always_its_whole_in_each_currency(period: list[ReportTotals]) -> None:
    sums = totals(map(reconcile, period))
    assert set(sums.expensify_total_cents) == {report.currency for report in period}
    for currency, approved in sums.expensify_total_cents.items():
        assert approved == sum(report.approved_cents for report in period if report.currency == currency)
        assert approved == (
            sums.posted_total_cents[currency]
            + sums.in_review_total_cents[currency]
            + sums.dismissed_total_cents[currency]
            + sums.not_yet_posted_total_cents[currency]
            + sums.difference_cents[currency]
        )


@given(st.lists(reports, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_reports_does_not_matter(period: list[ReportTotals], random: Random) -> None:
    rows = [reconcile(report) for report in period]
    shuffled = random.sample(rows, len(rows))
    assert totals(shuffled) == totals(rows)


@given(st.lists(reports, max_size=8))
def test_a_period_balances_only_if_every_report_does(period: list[ReportTotals]) -> None:
    rows = [reconcile(report) for report in period]
    assert totals(rows).balanced == all(totals([row]).balanced for row in rows)


def test_a_posted_report_balances() -> None:
    row = reconciled(POSTED)
    assert (row.posted_cents, row.zoho_cents, row.difference_cents, row.remark) == (1000, 1000, 0, "")
    assert totals([row]).balanced


@pytest.mark.parametrize("state", ["unknown", "failed", "planned", "sending"])
def test_a_document_that_is_not_settled_is_a_difference(state: str) -> None:
    row = reconciled(DocumentState(state, 1000))
    assert row.difference_cents == 1000
    assert row.remark == "10.00 USD are neither posted nor waiting for a person."
    assert not totals([row]).balanced


def test_a_report_that_waits_for_a_person_balances() -> None:
    row = reconciled(DocumentState("review", 1000))
    assert (row.in_review_cents, row.difference_cents) == (1000, 0)
    assert totals([row]).balanced


def test_a_report_that_a_person_dismissed_balances() -> None:
    row = reconciled(DocumentState("dismissed", 1000))
    assert (row.dismissed_cents, row.difference_cents) == (1000, 0)
    assert totals([row]).balanced


def test_an_amendment_that_waits_counts_for_what_it_would_change() -> None:
    row = reconciled(POSTED, DocumentState("review", 1200), approved_cents=1200)
    assert (row.posted_cents, row.in_review_cents, row.difference_cents) == (1000, 200, 0)


def test_a_report_without_documents_is_a_difference_unless_it_is_empty() -> None:
    assert reconciled().difference_cents == 1000
    assert totals([reconciled(approved_cents=0)]).balanced


def test_what_the_company_paid_and_what_is_skipped_is_not_yet_posted() -> None:
    row = reconciled(DocumentState("posted", 300, 300), company_paid_cents=500, skipped_cents=200)
    assert (row.posted_cents, row.not_yet_posted_cents, row.difference_cents) == (300, 700, 0)
    assert row.remark == "5.00 USD company-paid: not yet posted."


@pytest.mark.parametrize(("held", "said"), [(1500, "5.00 USD more"), (0, "10.00 USD less")])
def test_what_zoho_holds_differently_is_said(held: int, said: str) -> None:
    row = reconciled(DocumentState("posted", 1000, held))
    assert (row.difference_cents, row.zoho_cents) == (0, held)
    assert row.remark == f"Zoho Books holds {said} than was posted."
    assert not totals([row]).balanced


def test_where_nobody_looked_what_was_posted_is_believed() -> None:
    assert totals([reconciled(DocumentState("posted", 1000))]).balanced


def test_differences_of_two_reports_do_not_cancel() -> None:
    rows = [reconciled(approved_cents=500), reconciled(approved_cents=-500)]
    assert totals(rows).difference_cents == {"USD": 0}
    assert not totals(rows).balanced


def test_a_period_without_reports_balances() -> None:
    assert totals([]) == Totals(balanced=True)
