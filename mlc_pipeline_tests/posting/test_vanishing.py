"""Reports that leave their period, and expenses that turn up in another report: noticed, never posted twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.recording import foreseen
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, Report, report
from mlc_pipeline_tests.posting.room import Room

ONE = report("R1", 1000, 2000)
CHANGED = report("R1", 1500, 2000, approved_at="2026-01-14T08:00:00+00:00")
OTHER = report("R2", 4321)
NEXT_PERIOD = "2026-01-12"


def holding(report_id: str, **expenses: int) -> Report:
    """A report with expenses of these transaction ids."""
    return Report(report_id, {name: Expense(cents) for name, cents in expenses.items()})


def actions(room: Room, *reports: Report, on_amendment: OnAmendment) -> list[str]:
    """What a preview says."""
    return [one.action for one in foreseen(room.ledger(), room.plans(*reports), on_amendment)]


# A report that is not approved any more.


def test_a_posted_report_that_vanished_waits_beside_its_bill_which_stays(room: Room) -> None:
    room.run(ONE, OTHER)
    gone = room.run(OTHER)
    assert [(one.state, one.reason_code) for one in gone.of("R1")] == [
        ("posted", None),
        ("review", "vanished_from_period"),
    ]
    assert gone.progress.writes == 0
    assert room.held().keys() == {"R1", "R2"}
    story = room.story("R1")
    assert room.run(OTHER).states == {"R1": "review", "R2": "posted"}
    assert room.story("R1") == story


def test_it_comes_back_unchanged_in_another_period_and_nothing_waits_any_more(room: Room) -> None:
    room.run(ONE)
    room.run()
    back = room.run(replace(ONE, approved_at=CHANGED.approved_at), period=NEXT_PERIOD)
    assert [one.state for one in back.of("R1")] == ["posted", "superseded"]
    assert back.progress.writes == 0
    assert {one.state for one in room.run().postings} <= {"superseded"}
    room.assert_exactly_once(ONE)


@pytest.mark.parametrize("on_amendment", ["update", "reverse_and_repost"])
def test_it_comes_back_with_other_content_and_is_an_amendment(room: Room, on_amendment: OnAmendment) -> None:
    room.run(ONE)
    room.run()
    back = room.run(CHANGED, period=NEXT_PERIOD, on_amendment=on_amendment)
    assert back["R1"].state == "posted"
    room.assert_exactly_once(CHANGED)
    assert {one.state for one in room.run().postings} <= {"superseded"}


def test_once_dismissed_its_absence_is_not_brought_up_again(room: Room) -> None:
    room.run(ONE)
    room.run()
    room.ledger().dismiss(room.posting("R1"), "was paid by other means")
    assert room.run().states == {"R1": "superseded"}
    assert room.posting("R1", 1).state == "posted"
    assert len(room.ledger().of_reports(["R1"])[("R1", "reimbursable")]) == 2


def test_it_is_noticed_again_after_it_came_back_and_left_once_more(room: Room) -> None:
    for approved in ((ONE,), (), (ONE,)):
        room.run(*approved)
    assert room.run()["R1"].reason_code == "vanished_from_period"
    room.run(ONE)
    room.assert_exactly_once(ONE)


def test_a_report_that_vanished_before_it_was_sent_is_not_sent_until_it_comes_back(room: Room) -> None:
    room.order(FaultKind.TOO_MANY_PER_DAY)
    assert room.run(ONE).states == {"R1": "planned"}
    gone = room.run()
    assert (gone["R1"].state, gone["R1"].reason_code) == ("review", "vanished_from_period")
    assert room.bills() == []
    assert room.run(CHANGED, period=NEXT_PERIOD).states == {"R1": "posted"}
    room.assert_exactly_once(CHANGED)
    assert room.posting("R1").revision == 1
    assert room.run().postings == ()


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT])
def test_a_report_that_vanishes_while_its_answer_is_lost_is_looked_for_but_not_sent(
    room: Room, kind: FaultKind
) -> None:
    room.order(kind)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    assert room.run(ONE).states == {"R1": "unknown"}
    room.books.faults.clear()
    gone = room.run()
    assert (gone["R1"].state, gone["R1"].reason_code) == ("review", "vanished_from_period")
    assert gone.progress.writes == 0
    assert len(room.bills()) == (kind == FaultKind.CUT_AFTER_COMMIT)
    room.run(ONE)
    room.assert_exactly_once(ONE)


def test_a_report_that_moved_to_another_period_before_the_first_was_run_again_is_left_there(room: Room) -> None:
    room.run(ONE)
    moved = replace(ONE, approved_at=CHANGED.approved_at)
    room.run(moved, period=NEXT_PERIOD)
    for _ in range(2):
        assert room.run().postings == ()
        assert room.run(moved, period=NEXT_PERIOD).states == {"R1": "posted"}
    room.assert_exactly_once(ONE)


# An expense in two reports.


def test_an_expense_that_was_posted_before_with_another_report_keeps_the_new_one_back(room: Room) -> None:
    first, second = holding("R1", T1=100, T2=200), holding("R2", T2=200, T3=300)
    room.run(first)
    outcome = room.run(first, second)
    assert outcome.states == {"R1": "posted", "R2": "review"}
    assert outcome["R2"].reason_code == "duplicate_transaction"
    assert "T2 was posted before with EXP-R1" in (outcome["R2"].reason or "")
    room.assert_exactly_once(first)


def test_an_expense_in_two_reports_of_one_period_keeps_both_back(room: Room) -> None:
    first, second, third = holding("R1", T1=100, T2=200), holding("R2", T2=200), holding("R3", T9=1)
    outcome = room.run(first, second, third)
    assert outcome.states == {"R1": "review", "R2": "review", "R3": "posted"}
    assert room.run(holding("R1", T1=100), second, third).states == dict.fromkeys(("R1", "R2", "R3"), "posted")
    room.assert_exactly_once(holding("R1", T1=100), second, third)


@pytest.mark.parametrize("on_amendment", ["update", "reverse_and_repost"])
def test_an_expense_that_moved_is_posted_with_its_new_report_once_the_old_bill_is_without_it(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.run(holding("R1", T1=100, T2=200))
    after = holding("R1", T1=100), holding("R2", T2=200, T3=300)
    assert actions(room, *after, on_amendment=on_amendment) == ["change", "create"]
    assert room.run(*after, on_amendment=on_amendment).states == {"R1": "posted", "R2": "posted"}
    room.assert_exactly_once(*after)


@pytest.mark.parametrize("on_amendment", ["update", "reverse_and_repost"])
def test_expenses_that_moved_on_and_on_follow_each_other(room: Room, on_amendment: OnAmendment) -> None:
    room.run(holding("R3", T1=100, T2=200), holding("R2", T3=300, T4=400), holding("R1", T5=500, T6=600))
    after = (
        holding("R3", T1=100),
        holding("R2", T2=200, T3=300),
        holding("R1", T4=400, T5=500),
        holding("R4", T6=600),
    )
    assert actions(room, *after, on_amendment=on_amendment) == ["change", "change", "change", "create"]
    assert set(room.run(*after, on_amendment=on_amendment).states.values()) == {"posted"}
    room.assert_exactly_once(*after)


def test_expenses_that_changed_places_wait_for_a_person(room: Room) -> None:
    room.run(holding("R1", T1=100, T2=200), holding("R2", T3=300, T4=400))
    after = holding("R1", T1=100, T3=300), holding("R2", T2=200, T4=400)
    assert actions(room, *after, on_amendment="update") == ["review", "review"]
    outcome = room.run(*after, on_amendment="update")
    assert outcome.states == {"R1": "review", "R2": "review"}
    assert outcome.progress.writes == 0


def test_an_expense_that_moved_waits_while_its_old_bill_cannot_be_changed(room: Room) -> None:
    room.run(holding("R1", T1=100, T2=200))
    room.person().pays("EXP-R1")
    after = holding("R1", T1=100), holding("R2", T2=200)
    outcome = room.run(*after, on_amendment="update")
    assert outcome.states == {"R1": "review", "R2": "review"}
    assert outcome["R2"].reason_code == "duplicate_transaction"
    assert room.held().keys() == {"R1"}


def test_an_expense_whose_posting_has_an_unknown_outcome_is_not_posted_with_another_report(room: Room) -> None:
    room.order(FaultKind.CUT_AFTER_COMMIT)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    assert room.run(holding("R1", T1=100)).states == {"R1": "unknown"}
    room.books.faults.clear()
    outcome = room.run(holding("R2", T1=100), period=NEXT_PERIOD)
    assert (outcome["R2"].state, outcome["R2"].reason_code) == ("review", "duplicate_transaction")
    assert room.held().keys() == {"R1"}


def test_an_expense_of_a_bill_that_was_changed_by_hand_and_dismissed_is_not_posted_again(room: Room) -> None:
    first = holding("R1", T1=100)
    room.run(first)
    room.person().edits_total("EXP-R1", "3.00")
    room.run(first)
    room.ledger().dismiss(room.posting("R1"), "the difference is right")
    assert room.run(holding("R2", T1=100), period=NEXT_PERIOD)["R2"].reason_code == "duplicate_transaction"


def test_an_expense_that_turns_out_to_be_paid_by_card_is_not_posted_beside_the_bill_that_has_it(
    room: Room,
) -> None:
    room.run(holding("R1", T1=100, T2=200))
    bill, journal = holding("R1", T1=100), replace(holding("R1", T2=200), part="company_paid")
    waiting = room.run(bill, journal)
    assert [one.state for one in waiting.of("R1")] == ["review", "posted", "review"]
    assert room.organization.journals == {}
    room.run(bill, journal, on_amendment="update")
    room.run(bill, journal, on_amendment="update")
    assert [one.state for one in room.run(bill, journal).of("R1")] == ["posted", "superseded", "posted"]
    assert len(room.organization.journals) == 1


def test_an_expense_of_a_report_that_was_only_planned_is_free(room: Room) -> None:
    room.order(FaultKind.TOO_MANY_PER_DAY)
    assert room.run(holding("R1", T1=100, T2=200)).states == {"R1": "planned"}
    outcome = room.run(holding("R2", T1=100), period=NEXT_PERIOD)
    assert outcome.states == {"R2": "posted"}
    assert room.run(holding("R1", T2=200))["R1"].state == "posted"
    room.assert_exactly_once(holding("R1", T2=200), holding("R2", T1=100))
