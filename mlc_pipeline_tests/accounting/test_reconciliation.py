"""For every report: approved = posted + in review + dismissed + not yet posted + difference. Always."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.accounting.reconciliation import (
    DocumentState,
    PartTotals,
    ReconciledReport,
    ReportTotals,
    Totals,
    in_each_currency,
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
currencies = st.sampled_from(["USD", "EUR", "JPY", ""])
documents = st.builds(DocumentState, st.sampled_from(STATES), cents, st.none() | cents, st.just(()), currencies)
few = st.lists(documents, max_size=4).map(tuple)
reports = st.builds(
    ReportTotals,
    st.text("0123456789", min_size=1),
    currencies,
    cents,
    st.tuples(
        st.builds(PartTotals, st.just("reimbursable"), cents, st.booleans(), few),
        st.builds(PartTotals, st.just("company_paid"), cents, st.booleans(), few),
    ),
)

POSTED = DocumentState("posted", 1000, 1000)


def reconciled(*states: DocumentState, approved_cents: int = 1000) -> ReconciledReport:
    return of_parts(PartTotals("reimbursable", approved_cents, True, states))


def of_parts(*parts: PartTotals, approved_cents: int | None = None) -> ReconciledReport:
    total = sum(part.approved_cents for part in parts)
    return reconcile(ReportTotals("R1", "USD", total if approved_cents is None else approved_cents, parts))


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


@given(reports)
def test_cents_of_two_currencies_are_never_put_together(report: ReportTotals) -> None:
    rows = {one.currency: reconcile(one) for one in in_each_currency(report)}
    of_report = [one for part in report.parts for one in part.documents]
    for currency in {report.currency, *(one.currency or report.currency for one in of_report)}:
        own = [one for one in of_report if (one.currency or report.currency) == currency]
        row = rows.get(currency)
        assert (row.expensify_cents if row else 0) == (report.approved_cents if currency == report.currency else 0)
        assert (row.posted_cents if row else 0) == sum(one.total_cents for one in own if one.state == "posted")
        assert (row.zoho_cents if row else 0) == sum(one.zoho_cents or 0 for one in own)
        assert row is None or split(row) == row.expensify_cents


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


@pytest.mark.parametrize("state", ["review", "dismissed"])
def test_an_amendment_in_another_currency_answers_for_both(state: str) -> None:
    posted = DocumentState("posted", 1234, 1234, currency="USD")
    part = PartTotals("reimbursable", 1300, True, (posted, DocumentState(state, 1300, currency="EUR")))
    euros, dollars = map(reconcile, in_each_currency(ReportTotals("R1", "EUR", 1300, (part,))))
    waits = "in_review_cents" if state == "review" else "dismissed_cents"
    assert (euros.expensify_cents, euros.posted_cents, getattr(euros, waits)) == (1300, 0, 1300)
    assert (dollars.expensify_cents, dollars.posted_cents, getattr(dollars, waits)) == (0, 1234, -1234)
    assert totals([euros, dollars]).zoho_total_cents == {"EUR": 0, "USD": 1234}


def test_a_report_without_documents_is_a_difference_unless_it_is_empty() -> None:
    assert reconciled().difference_cents == 1000
    assert totals([reconciled(approved_cents=0)]).balanced


def test_what_the_company_paid_and_what_is_skipped_is_not_yet_posted() -> None:
    row = of_parts(PartTotals("reimbursable", 200, False), PartTotals("company_paid", 500, False))
    assert (row.posted_cents, row.not_yet_posted_cents, row.difference_cents) == (0, 700, 0)
    assert row.remark == "5.00 USD company-paid: not yet posted."


def test_a_part_that_would_not_be_posted_today_counts_with_the_document_that_it_has() -> None:
    row = of_parts(PartTotals("reimbursable", 200, False, (DocumentState("posted", 200, 200),)))
    assert (row.posted_cents, row.not_yet_posted_cents, row.difference_cents) == (200, 0, 0)


def test_a_part_that_waits_does_not_answer_for_one_that_is_lost() -> None:
    waiting = PartTotals("reimbursable", 300, True, (DocumentState("review", 300),))
    row = of_parts(waiting, PartTotals("company_paid", 500, True))
    assert (row.in_review_cents, row.difference_cents) == (300, 500)
    assert row.remark == "5.00 USD are neither posted nor waiting for a person."


def test_a_total_that_is_not_the_sum_of_its_expenses_waits_with_the_report() -> None:
    waiting = PartTotals("reimbursable", 300, True, (DocumentState("review", 300),))
    assert of_parts(waiting, approved_cents=310).in_review_cents == 310
    posted = PartTotals("reimbursable", 300, True, (DocumentState("posted", 300, 300),))
    assert of_parts(posted, approved_cents=310).difference_cents == 10


def test_a_vendor_credit_counts_less() -> None:
    credit = PartTotals("reimbursable", -300, True, (DocumentState("posted", -300, -300),))
    row = of_parts(credit, PartTotals("company_paid", 500, True, (DocumentState("posted", 500, 500),)))
    assert (row.expensify_cents, row.posted_cents, row.zoho_cents, row.difference_cents) == (200, 200, 200, 0)
    assert totals([row]).balanced


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
