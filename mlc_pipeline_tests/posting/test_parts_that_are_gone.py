"""A report that was changed so that nothing is left of one of its parts, in every state that part can be in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.recording import foreseen, record
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD

BY_COMPANY = report("R1", 500, part="company_paid")
BY_EMPLOYEE = report("R1", 500)  # the same expense
OTHERS = report("R1", 1000, 200)  # beside one that the company paid
ON_CARD = report("R1", part="company_paid", expenses={"R1-C1": Expense(500)})
POLICIES: tuple[OnAmendment, ...] = ("review", "update", "reverse_and_repost")


def _held(room: Room) -> list[tuple[str, Decimal]]:
    bills = [("bill", one["total"]) for one in room.bills() if one["status"] != "void"]
    return sorted(bills + [("journal", one["total"]) for one in room.organization.journals.values()])


def _states(room: Room) -> dict[str, str]:
    revisions = room.ledger().of_reports(["R1"])
    return {part: found[-1].state for (_, part), found in revisions.items()}


@pytest.mark.parametrize("on_amendment", POLICIES)
def test_a_journal_without_an_answer_is_not_sent_when_the_employee_turns_out_to_have_paid(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.order(FaultKind.ERROR_BEFORE_COMMIT, path="/journals$", times=9)
    assert room.run(BY_COMPANY).states == {"R1": "unknown"}
    room.books.faults.clear()
    [bill, journal] = foreseen(room.ledger(), room.plans(BY_EMPLOYEE), on_amendment)
    assert (bill.action, journal.action, journal.plan.total_cents) == ("review", "settle", 0)
    assert "Expense R1-T1 may have been posted with EXP-R1." in str(bill.problems[0].message)
    for _ in range(2):
        room.run(BY_EMPLOYEE, on_amendment=on_amendment)
        assert _held(room) == [("bill", Decimal(5))]
        assert _states(room) == {"company_paid": "superseded", "reimbursable": "posted"}
    room.assert_trail_holds()


def test_a_journal_that_was_stored_without_an_answer_waits_for_a_person_and_its_expense_too(room: Room) -> None:
    room.order(FaultKind.CUT_AFTER_COMMIT, path="/journals$")
    room.run(BY_COMPANY)
    outcome = room.run(BY_EMPLOYEE)
    assert _held(room) == [("journal", Decimal(5))]
    assert _states(room) == {"company_paid": "review", "reimbursable": "review"}
    reasons = {one.part: one.reason or "" for one in outcome.postings if one.state == "review"}
    assert (
        "R1-T1 was posted before with EXP-R1, and since then it was changed who paid it."
        in reasons["reimbursable"]
    )
    assert "after EXP-R1 was posted: 5.00 USD then, 0.00 USD now" in reasons["company_paid"]


@pytest.mark.parametrize("on_amendment", POLICIES)
def test_a_posted_journal_of_which_nothing_is_left_is_told_once_and_stays_dismissed(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.run(OTHERS, ON_CARD)
    posted = room.writes()
    for _ in range(2):
        outcome = room.run(OTHERS, on_amendment=on_amendment)
        [asked] = [one for one in outcome.postings if one.state == "review"]
        assert (asked.part, asked.total_cents, asked.reason_code) == (
            "company_paid", 0, Reason.AMENDED_AFTER_POSTING
        )  # fmt: skip
    room.ledger().dismiss(asked, "the journal was deleted by hand")
    assert {one.state for one in room.run(OTHERS).postings} == {"posted", "superseded"}
    assert room.writes() == posted
    back = room.run(OTHERS, ON_CARD)
    assert "review" not in back.states.values()


def test_what_only_waited_of_a_part_that_is_gone_waits_no_longer(room: Room) -> None:
    [plan] = room.plans(ON_CARD)
    waiting = _waiting(plan)
    [kept] = record(room.ledger(), PERIOD, [waiting], "review")
    assert kept.state == "review"
    outcome = room.run(OTHERS)
    assert _states(room) == {"company_paid": "superseded", "reimbursable": "posted"}
    assert outcome.progress.failure is None


def test_a_part_that_is_not_posted_any_more_is_not_sent_although_it_was_planned(room: Room) -> None:
    record(room.ledger(), PERIOD, room.plans(ON_CARD, OTHERS), "review")
    room.run(OTHERS, parts=("reimbursable",))
    assert _held(room) == [("bill", Decimal(12))]
    assert _states(room) == {"company_paid": "superseded", "reimbursable": "posted"}
    room.run(ON_CARD, OTHERS)  # and again, once mlc.yaml wants it
    assert _held(room) == [("bill", Decimal(12)), ("journal", Decimal(5))]


def test_what_another_connection_plans_of_the_same_report_is_its_own(room: Room) -> None:
    record(room.ledger(), PERIOD, room.plans(ON_CARD), "review")
    room.run(OTHERS, parts=("reimbursable",), connection="other")
    assert _states(room) == {"company_paid": "planned", "reimbursable": "posted"}
    assert _held(room) == [("bill", Decimal(12))]


def _waiting(plan: ReportPlan) -> ReportPlan:
    return replace(plan, document=None, problems=(Problem(Reason.UNMAPPED_CARD, "The card has no account."),))
