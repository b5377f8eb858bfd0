"""What keeps a report from being posted, each with a sentence; and what there is nothing to post of."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.problems import Problem, Reason, first_code, sentence
from mlc_pipeline_tests.accounting.books import ANN, Company, expense, travel

ACME = Company()
BY_EXPENSE = ACME.under(lines="expense")
FOUND = [
    {"code": "total_mismatch", "message": "Its expenses sum to 5 cents, its own total is 6 cents (USD)."},
    {"code": "repeated_expense", "message": "Expense T1 is 2 times on it."},
]


def unmapped(transaction_id: str, category: str, **others: Any) -> dict[str, Any]:
    return expense(transaction_id, 5, category=category, category_gl_code=None, **others)


def has_nothing_to_post(plan: ReportPlan) -> bool:
    return plan.document is None and plan.problems == ()


def test_what_the_reader_found_is_told_in_full_and_then_what_has_no_place_in_zoho() -> None:
    head = {"problems": json.dumps(FOUND), "currency": "GBP"}
    plan = ACME.plan(expense(**head), unmapped("T2", "Parking", **head))
    assert plan.document is None
    assert plan.problems[:2] == tuple(Problem(**problem) for problem in FOUND)
    assert [problem.code for problem in plan.problems[2:]] == [Reason.UNKNOWN_CURRENCY, Reason.UNMAPPED_CATEGORY]
    assert first_code(plan.problems) == Reason.TOTAL_MISMATCH
    assert sentence(plan.problems).startswith(f"{FOUND[0]['message']} {FOUND[1]['message']} ")


def codes_beside(code: str, *rows: dict[str, Any], acme: Company = ACME, **head: Any) -> list[str]:
    """What is told beside what the reader found."""
    found = [{"code": code, "message": "x"}]
    plan = acme.plan(*({**row, **head, "problems": json.dumps(found)} for row in rows))
    assert plan.problems[0] == Problem(code, "x")
    return [problem.code for problem in plan.problems[1:]]


def test_an_unreadable_amount_hides_no_other_expense_and_its_own_category_is_not_told() -> None:
    unread = expense("T1", None, category="Tolls", category_gl_code=None)
    assert codes_beside("unreadable", unread, unmapped("T2", "Parking")) == [Reason.UNMAPPED_CATEGORY]


def test_what_only_follows_from_what_the_reader_found_is_not_told() -> None:
    assert codes_beside("total_mismatch", expense("T1", 5), travel("T2", -5)) == []
    assert codes_beside("no_approval_date", expense(approved_at=None)) == []
    locked = replace(ACME, organization=Organization("USD", bills_locked_until=date(2026, 1, 31)))
    assert codes_beside("no_approval_date", expense(), acme=locked) == []
    assert codes_beside("unconverted_currency", expense(cents=5, currency="JPY")) == []
    assert codes_beside("unreadable", expense(currency="")) == []


def test_what_the_reader_found_holds_a_report_back_also_when_nothing_would_be_posted() -> None:
    empty = expense(None, None, reimbursable=None, problems=json.dumps(FOUND))
    assert first_code(ACME.plan(empty).problems) == Reason.TOTAL_MISMATCH
    assert ACME.under(kind="skip").plan(expense(problems=json.dumps(FOUND))).problems


def test_all_problems_are_told_and_each_one_once() -> None:
    changes = {"currency": "GBP", "employee_email": "bob@example.com", "employee_name": "Bob"}
    rows = [unmapped("T1", "Parking", **changes), unmapped("T2", "Parking", **changes)]
    plan = Company(create_vendors=False).plan(*rows, unmapped("T3", "Tolls", **changes))
    assert [problem.code for problem in plan.problems] == [
        Reason.UNKNOWN_CURRENCY,
        Reason.VENDOR_MISSING,
        Reason.UNMAPPED_CATEGORY,
        Reason.UNMAPPED_CATEGORY,
    ]
    assert "“Parking”" in plan.problems[2].message
    assert "“Tolls”" in plan.problems[3].message


def test_a_report_that_is_held_back_still_says_what_it_stands_for() -> None:
    plan = ACME.plan(unmapped("T1", "Parking"), expense("T2", 100))
    assert (plan.total_cents, plan.transactions) == (105, {"T1": 5, "T2": 100})


def test_a_category_whose_expenses_are_zero_or_company_paid_holds_nothing_back() -> None:
    nothing = expense("T2", 0, category="Parking", category_gl_code=None)
    assert ACME.plan(expense(), nothing, unmapped("T3", "Tolls", reimbursable=False)).document is not None


def test_spending_on_one_account_that_is_refunded_on_another_waits_for_a_person() -> None:
    code, message = ACME.refusal(expense("T1", 100), travel("T2", -100))
    assert code == Reason.ZERO_TOTAL
    assert "a bill of zero cannot be posted" in message
    assert "posting.reimbursable: journal" in message


def test_where_everything_cancels_there_is_nothing_to_post() -> None:
    assert has_nothing_to_post(ACME.plan(expense("T1", 100), expense("T2", -100)))
    assert has_nothing_to_post(ACME.plan(expense("T1", 0), travel("T2", 0)))


def test_a_line_for_each_expense_agrees_with_a_line_for_each_account_on_what_there_is_to_post() -> None:
    assert has_nothing_to_post(BY_EXPENSE.plan(expense("T1", 100), expense("T2", -100)))
    assert BY_EXPENSE.refusal(expense("T1", 100), travel("T2", -100))[0] == Reason.ZERO_TOTAL


@pytest.mark.parametrize("transaction_id", [None, ""])
def test_a_report_without_expenses_has_nothing_to_post(transaction_id: str | None) -> None:
    plan = ACME.plan(expense(transaction_id, None, category=None, category_gl_code=None, reimbursable=None))
    assert has_nothing_to_post(plan)
    assert (plan.total_cents, plan.transactions) == (0, {})


def test_what_the_company_paid_alone_has_nothing_to_post() -> None:
    plan = ACME.plan(expense(reimbursable=False))
    assert has_nothing_to_post(plan)
    assert plan.total_cents == 0


def test_where_reimbursables_are_skipped_there_is_nothing_to_post() -> None:
    plan = ACME.under(kind="skip").plan(unmapped("T1", "Parking"))
    assert has_nothing_to_post(plan)
    assert plan.total_cents == 5


def test_a_journal_without_an_account_to_credit_waits_for_a_person() -> None:
    code, message = ACME.under(kind="journal").refusal(expense())
    assert code == Reason.UNMAPPED_PAYABLE
    assert "posting.employee_payable_account" in message


def test_yen_are_posted_whole_and_a_fraction_of_one_waits_for_a_person() -> None:
    assert ACME.document(expense("T1", 128000, currency="JPY")).precision == 0
    plan = ACME.plan(*(expense(f"T{n}", cents, currency="JPY") for n, cents in enumerate((128050, 100, 1))))
    assert plan.problems == tuple(
        Problem(
            Reason.CURRENCY_PRECISION,
            f"Expense {expense_id}: {amount} has more than the 0 decimals that its currency has in Zoho Books. "
            "Correct the amount in Expensify.",
        )
        for expense_id, amount in (("T0", "1280.50"), ("T2", "0.01"))
    )


@pytest.mark.parametrize("missing", [None, pd.NaT])
def test_a_report_without_an_approval_date_waits_for_a_person(missing: object) -> None:
    plan = ACME.plan(expense(approved_at=missing))
    assert (first_code(plan.problems), plan.approved_at) == (Reason.NO_APPROVAL_DATE, "")
    assert has_nothing_to_post(ACME.plan(expense(approved_at=missing, reimbursable=False)))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (expense(None, 500), "Expense without an id"),
        (expense("", 500), "Expense without an id"),
        (expense("T7", None), "Expense T7"),
        (expense("T7", 500, reimbursable=None), "Expense T7"),
    ],
)
def test_an_expense_that_cannot_be_read_is_never_left_out_in_silence(row: dict[str, Any], named: str) -> None:
    code, message = ACME.refusal(expense(), row)
    assert code == Reason.UNREADABLE
    assert message == f"{named} does not say its id, its amount and who paid it. Correct it in Expensify."


def test_an_expense_that_does_not_say_who_paid_counts_as_reimbursable() -> None:
    assert ACME.plan(expense("T1", 500, reimbursable=None)).total_cents == 500


@pytest.mark.parametrize("missing", ["", None])
def test_a_report_without_a_currency_waits_for_a_person(missing: str | None) -> None:
    assert ACME.refusal(expense(currency=missing))[0] == Reason.UNKNOWN_CURRENCY


def test_an_employee_without_a_vendor_waits_for_a_person_where_none_are_made() -> None:
    row = expense(employee_email="bob@example.com", employee_name="Bob")
    assert Company(create_vendors=False).refusal(row)[0] == Reason.VENDOR_MISSING
    assert ACME.document(row).vendor_id == ""


def test_an_employee_whose_vendor_has_another_currency_waits_for_a_person() -> None:
    company = Company(replace(ACME.reference, vendors=(replace(ANN, currency="EUR"),)), create_vendors=False)
    assert company.refusal(expense())[0] == Reason.CURRENCY_MISMATCH
    assert company.document(expense(currency="EUR")).vendor_id == "V-ann"


def test_a_sentence_about_a_hostile_category_is_one_printable_line() -> None:
    _, message = ACME.refusal(unmapped("T1", "Par\x00king\n\u202elots"))
    assert message.startswith("Category “Parking lots” has no account in Zoho Books")
    assert message.encode().decode() == message


def test_reports_approved_before_1970_and_after_2100_are_planned() -> None:
    for year in (1969, 2150):
        assert ACME.document(expense(approved_at=datetime(year, 1, 7, tzinfo=UTC))).date.year == year
