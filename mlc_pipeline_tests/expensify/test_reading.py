"""What is made of a report of Expensify: values, effective values, and problems that never spoil the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.expensify import (
    Approval,
    ProblemCode,
    ReportRecord,
    ReportState,
    TagLevel,
    TemplateError,
    approval_instant,
)
from mlc_pipeline.expensify import values as exported
from mlc_pipeline.expensify.reading import read_report
from mlc_pipeline_tests.expensify.conftest import BERLIN
from mlc_pipeline_tests.expensify.data_model import expense, report

Read = Callable[[dict[str, Any]], ReportRecord]


def codes(record: ReportRecord) -> list[ProblemCode]:
    return [problem.code for problem in record.problems]


def test_an_ordinary_report_is_read_in_full(read: Read) -> None:
    record = read(
        report(
            "R00bCluvcO4T",
            expense(taxAmount="850"),
            approvers=[{"email": "boss@acme.example", "date": "2026-09-23 22:41:10"}],
            customField={"Cost_Center": "R&amp;D"},
        )
    )
    assert record.problems == ()
    assert (record.report_id, record.old_report_id) == ("R00bCluvcO4T", "3513250790654885")
    assert (record.name, record.state) == ("Sales trip Osaka & Tokyo", ReportState.APPROVED)
    assert (record.currency, record.total_cents) == ("EUR", 4500)
    assert record.approved == datetime(2026, 9, 23, 22, 41, 10, tzinfo=UTC)
    assert record.reimbursed is None
    assert record.approvers == (Approval("boss@acme.example", record.approved),)
    assert record.custom_fields == {"Cost_Center": "R&D"}
    (spent,) = record.expenses
    assert (spent.transaction_id, spent.merchant) == ("4056343049275634494", "Joe's Diner")
    assert spent.created == date(2026, 9, 15)
    assert (spent.tax_amount_cents, spent.reimbursable, spent.billable) == (850, True, False)


@pytest.mark.parametrize(
    ("amounts", "effective"),
    [
        ({"amount": 100}, 100),
        ({"amount": 100, "modifiedAmount": 90}, 90),
        ({"amount": 100, "modifiedAmount": 90, "convertedAmount": 80}, 80),
        ({"amount": 100, "modifiedAmount": 0}, 0),
        ({"amount": 100, "modifiedAmount": 90, "convertedAmount": "0"}, 0),
        ({"amount": -2000, "modifiedAmount": "", "convertedAmount": None}, -2000),
        ({"amount": " 128000 ", "modifiedAmount": " "}, 128000),
    ],
)
def test_the_effective_amount_is_converted_else_modified_else_original(
    read: Read, amounts: dict[str, Any], effective: int
) -> None:
    record = read(report("R1", expense(**amounts), total=effective))
    assert record.expenses[0].effective_amount_cents == effective
    assert record.problems == ()


def test_edited_merchant_date_and_tax_win(read: Read) -> None:
    edits: dict[str, Any] = {
        "modifiedMerchant": "Hotel",
        "modifiedCreated": "2026-09-24",
        "taxAmount": 5,
        "modifiedTaxAmount": 0,
    }
    (spent,) = read(report("R1", expense(**edits))).expenses
    assert spent.effective_merchant == "Hotel"
    assert spent.effective_date == date(2026, 9, 24)
    assert spent.effective_tax_amount_cents == 0


@pytest.mark.parametrize("amount", ["12.5", "1,234", "12.00", "abc", "0x10", "١٢"])
def test_an_amount_that_is_no_whole_number_of_cents_is_a_problem_of_its_report(read: Read, amount: str) -> None:
    record = read(report("R1", expense("123", amount=amount), expense("124"), total=4500))
    assert codes(record) == [ProblemCode.UNREADABLE, ProblemCode.UNREADABLE]
    assert str(record.problems[0]) == f"Expense 123: amount {amount!r} is not a whole number of cents."
    assert record.expenses[0].effective_amount_cents is None
    assert record.expenses[1].effective_amount_cents == 4500


def test_a_total_that_is_not_the_sum_of_the_expenses_says_both_figures(read: Read) -> None:
    record = read(report("R1", expense("1"), expense("2", amount=1), total=4500))
    assert codes(record) == [ProblemCode.TOTAL_MISMATCH]
    assert "45.01 EUR, its own total is 45.00 EUR" in str(record.problems[0])


def test_a_report_without_a_total_is_a_problem_and_one_without_expenses_adds_up_to_nothing(read: Read) -> None:
    assert codes(read(report("R1", total=""))) == [ProblemCode.UNREADABLE]
    assert read(report("R1", transactionList=[], total=0)).problems == ()
    assert codes(read(report("R1", transactionList="", total=5))) == [ProblemCode.TOTAL_MISMATCH]


def test_a_foreign_expense_without_a_converted_amount_is_a_problem(read: Read) -> None:
    record = read(report("R1", expense("1", currency="JPY", amount=128000)))
    assert codes(record) == [ProblemCode.UNCONVERTED_CURRENCY]
    assert "JPY" in str(record.problems[0])
    assert read(report("R1", expense("1", currency="JPY", convertedAmount=786))).problems == ()
    assert read(report("R1", expense("1", currency=""))).problems == ()


def test_an_expense_of_which_it_is_unknown_who_paid_is_a_problem(read: Read) -> None:
    assert codes(read(report("R1", expense("1", reimbursable="")))) == [ProblemCode.UNREADABLE]
    assert read(report("R1", expense("1", reimbursable="false"))).expenses[0].reimbursable is False


def test_an_expense_twice_on_its_report_is_a_problem(read: Read) -> None:
    assert codes(read(report("R1", expense("1"), expense("1")))) == [ProblemCode.REPEATED_EXPENSE]


def test_a_report_of_nothing_has_every_problem_and_is_still_read(read: Read) -> None:
    record = read({})
    assert set(codes(record)) == {ProblemCode.UNREADABLE, ProblemCode.UNKNOWN_STATE}
    assert approval_instant(record) is None


@pytest.mark.parametrize(
    ("status", "display_status", "state"),
    [
        ("Open", "", ReportState.OPEN),
        ("Processing", "Outstanding", ReportState.SUBMITTED),
        ("", "Approved", ReportState.APPROVED),
        ("Reimbursed", "Paid", ReportState.REIMBURSED),
        ("", "Paid", ReportState.REIMBURSED),
        ("", "Reimbursed", ReportState.REIMBURSED),
        ("Closed", "Done", ReportState.ARCHIVED),
        ("", "Done", ReportState.ARCHIVED),
        ("", "Draft", ReportState.OPEN),
    ],
)
def test_both_wordings_of_a_status_are_understood(
    read: Read, status: str, display_status: str, state: ReportState
) -> None:
    record = read(report("R1", status=status, displayStatus=display_status))
    assert record.state is state
    assert record.problems == ()


def test_a_status_that_nobody_documents_is_a_problem(read: Read) -> None:
    record = read(report("R1", status="Frozen", displayStatus=""))
    assert record.state is None
    assert codes(record) == [ProblemCode.UNKNOWN_STATE]


def test_a_closed_report_counts_from_its_submission_else_its_creation(read: Read) -> None:
    closed = {"status": "Closed", "approved": ""}
    assert approval_instant(read(report("R1", **closed))) == datetime(2026, 9, 21, 6, 58, 3, tzinfo=UTC)
    without = read(report("R1", **closed, submitted=""))
    assert approval_instant(without) == datetime(2026, 9, 18, 7, 12, 44, tzinfo=UTC)
    assert without.problems == ()


def test_an_approved_report_without_an_approval_date_is_placed_and_reviewed(read: Read) -> None:
    record = read(report("R1", approved=None))
    assert codes(record) == [ProblemCode.NO_APPROVAL_DATE]
    assert approval_instant(record) == record.submitted


def test_a_reopened_report_is_not_approved_whatever_date_it_still_has(read: Read) -> None:
    assert approval_instant(read(report("R1", status="Processing"))) is None


def test_tag_levels_come_from_the_numbered_tags_else_from_the_colons(read: Read) -> None:
    def levels(**attributes: Any) -> tuple[TagLevel, ...]:
        return read(report("R1", expense(**attributes))).expenses[0].tag_levels

    numbered = {"ntag1": "Sales", "ntag1GlCode": "S10", "ntag3": "EMEA"}
    assert levels(**numbered) == (TagLevel("Sales", "S10"), TagLevel("", ""), TagLevel("EMEA", ""))
    assert levels(tag="Sales:R\\:D", tagGlCode="9") == (TagLevel("Sales", ""), TagLevel("R:D", ""))
    assert levels(tag="Sales", tagGlCode="9") == (TagLevel("Sales", "9"),)
    assert levels() == ()


def test_dates_that_decide_nothing_may_have_any_form(read: Read) -> None:
    record = read(report("R1", expense(inserted="yesterday"), reimbursed="soon", approvers=[{"date": "x"}]))
    assert record.problems == ()


def test_an_unreadable_approval_date_is_a_problem(read: Read) -> None:
    record = read(report("R1", approved="23/09/2026"))
    assert codes(record) == [ProblemCode.UNREADABLE, ProblemCode.NO_APPROVAL_DATE]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-09-23 22:41:10", datetime(2026, 9, 23, 22, 41, 10, tzinfo=UTC)),
        ("2026-09-23T22:41:10", datetime(2026, 9, 23, 22, 41, 10, tzinfo=UTC)),
        ("2026-09-23T22:41:10Z", datetime(2026, 9, 23, 22, 41, 10, tzinfo=UTC)),
        ("2026-09-23 22:41:10.250", datetime(2026, 9, 23, 22, 41, 10, 250_000, tzinfo=UTC)),
        ("2026-09-23T22:41:10-04:00", datetime(2026, 9, 24, 2, 41, 10, tzinfo=UTC)),
        ("2026-09-23", datetime(2026, 9, 22, 22, 0, tzinfo=UTC)),
    ],
)
def test_times_are_utc_and_a_day_begins_in_the_connections_zone(written: str, meant: datetime) -> None:
    assert exported.instant(written, BERLIN) == meant


@pytest.mark.parametrize("written", ["20260923", "2026-13-01", "2026-09-23 25:00:00", "now", "2026-W01-1"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(exported.Unreadable):
        exported.instant(written, BERLIN)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Metro C&amp;C", "Metro C&C"),
        ("&amp;lt;", "&lt;"),
        ("&#39;&#x27;&apos;&quot;", "''" + "'" + '"'),
        ("R&ltd", "R&ltd"),
        ("AT&T; &nosuchentity;", "AT&T; &nosuchentity;"),
    ],
)
def test_entities_are_unescaped_exactly_once(stored: str, shown: str) -> None:
    assert exported.unescaped(stored) == shown


@given(st.text())
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("'", "&#39;")
    assert exported.unescaped(escaped) == text


@given(st.integers(-(10**17), 10**17))
def test_cents_are_exact_however_they_are_written(amount: int) -> None:
    assert exported.cents(amount) == exported.cents(str(amount)) == exported.cents(Decimal(amount)) == amount


@pytest.mark.parametrize(
    "broken",
    [{"expenses": [1]}, {"reportID": 7}, {"customField": {"a": 1}}, {"approvers": None}],
)
def test_values_that_the_template_never_writes_are_a_template_error(broken: dict[str, Any]) -> None:
    texts = (
        "reportID oldReportID reportName status displayStatus policyID policyName currency accountEmail created "
        "submitted approved reimbursed submitterFullName managerEmail managerFullName employeeCustomField1 "
        "employeeCustomField2"
    )
    whole: dict[str, Any] = dict.fromkeys(texts.split(), "")
    source = whole | {"total": 0, "approvers": [], "customField": {}, "expenses": []}
    assert read_report(source, BERLIN).total_cents == 0
    with pytest.raises(TemplateError, match="not what the export template renders"):
        read_report(source | broken, BERLIN)
