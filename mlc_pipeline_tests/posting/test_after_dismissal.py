"""Reports that were dismissed and are approved again: never posted twice, never left out in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.recording import foreseen
from mlc_pipeline_tests.posting.reports import Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import Outcome

BEFORE, AFTER, LATER = report("R1", 1000), report("R1", 1100), report("R1", 1200)
NEXT_PERIOD = "2026-01-12"
EACH_WAY = ["review", "update", "reverse_and_repost"]


def unmapped(room: Room, approved: Report) -> ReportPlan:
    """The plan of a report that waits for its category."""
    [plan] = room.plans(approved)
    return replace(plan, document=None, problems=(Problem(Reason.UNMAPPED_CATEGORY, "Map it."),))


def booked_by_hand(room: Room) -> None:
    """A report waits, and somebody books it by hand."""
    room.perform(replace(room.run_of(), plans=(unmapped(room, BEFORE),)))
    room.ledger().dismiss(room.posting("R1"), "booked by hand as JE-88")


def waits(outcome: Outcome, reason: Reason) -> str:
    """That the report waits for this reason and nothing was sent; returns the sentence."""
    assert (outcome["R1"].state, outcome["R1"].reason_code) == ("review", reason)
    assert outcome.progress.writes == 0
    return outcome["R1"].reason or ""


@pytest.mark.parametrize("on_amendment", EACH_WAY)
def test_what_was_booked_by_hand_is_not_posted_when_its_report_changes(
    room: Room, on_amendment: OnAmendment
) -> None:
    booked_by_hand(room)
    assert [one.action for one in foreseen(room.ledger(), room.plans(AFTER), on_amendment)] == ["review"]
    for _ in range(2):
        said = waits(room.run(AFTER, on_amendment=on_amendment), Reason.CHANGED_AFTER_DISMISSAL)
        assert "10.00 USD then, 11.00 USD now" in said
        assert "booked by hand as JE-88" in said


def test_a_person_may_have_it_posted_all_the_same(room: Room) -> None:
    booked_by_hand(room)
    room.run(AFTER)
    room.ledger().note_retry(room.posting("R1"), "JE-88 was deleted")
    assert room.run(AFTER).states == {"R1": "posted"}
    room.assert_exactly_once(AFTER)


def test_what_a_person_released_stays_so_while_it_waits_for_something_else(room: Room) -> None:
    booked_by_hand(room)
    room.run(AFTER)
    room.ledger().note_retry(room.posting("R1"), "JE-88 was deleted")
    waiting = room.perform(replace(room.run_of(), plans=(replace(room.plans(AFTER)[0], problems=LOCKED),)))
    assert waits(waiting, Reason.LOCKED_PERIOD)
    assert room.run(AFTER).states == {"R1": "posted"}


LOCKED = (Problem(Reason.LOCKED_PERIOD, "Open the period."),)


def test_a_release_is_for_what_was_approved_then(room: Room) -> None:
    booked_by_hand(room)
    room.run(AFTER)
    room.ledger().note_retry(room.posting("R1"), "JE-88 was deleted")
    assert waits(room.run(LATER), Reason.CHANGED_AFTER_DISMISSAL)


def test_a_dismissed_change_answers_for_nothing_that_was_approved_before(room: Room) -> None:
    """The bill was corrected to another amount: back as it was, the report is not in the books any more."""
    room.run(BEFORE)
    room.run(AFTER)
    room.ledger().dismiss(room.posting("R1"), "corrected by hand")
    room.person().edits_total("EXP-R1", "11.50")
    room.run(AFTER)
    room.ledger().dismiss(room.posting("R1", 1), "11.50 is right")
    room.run(LATER)
    said = waits(room.run(BEFORE), Reason.AMENDED_AFTER_POSTING)
    assert "EXP-R1 was left as it stands in Zoho Books" in said


def test_a_report_that_was_dismissed_while_it_was_gone_waits_when_it_comes_back(room: Room) -> None:
    room.run(BEFORE)
    room.run()
    room.person().voids("EXP-R1")
    room.ledger().dismiss(room.posting("R1"), "it is gone")
    room.run()
    room.ledger().dismiss(room.posting("R1", 1), "void is right")
    for period in (NEXT_PERIOD, NEXT_PERIOD):
        assert waits(room.run(BEFORE, period=period), Reason.AMENDED_AFTER_POSTING)


def test_the_same_of_a_report_that_was_never_posted(room: Room) -> None:
    room.perform(replace(room.run_of(), plans=(unmapped(room, BEFORE),)))
    room.run()
    assert room.posting("R1").reason_code == Reason.VANISHED
    room.ledger().dismiss(room.posting("R1"), "it is gone")
    assert waits(room.run(BEFORE, period=NEXT_PERIOD), Reason.CHANGED_AFTER_DISMISSAL)
    room.ledger().note_retry(room.posting("R1"), "it was not booked")
    room.run(BEFORE, period=NEXT_PERIOD)
    room.assert_exactly_once(BEFORE)
