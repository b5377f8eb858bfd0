"""A person gives a posted document what was approved since and dismisses the entry: that is posted then."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from mlc_pipeline.posting import audit
from mlc_pipeline_tests.posting.reports import Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.test_holdings import held

BEFORE = report("R1", 1234)
AFTER = report("R1", 1300, approved_at="2026-01-08T08:00:00+00:00")
LATER = report("R1", 1400, approved_at="2026-01-09T08:00:00+00:00")
OTHER = report("R2", 300)


def _amended(room: Room) -> None:
    room.run(BEFORE, OTHER)
    assert room.run(AFTER, OTHER).states == {"R1": "review", "R2": "posted"}


def _corrected(room: Room) -> None:
    _amended(room)
    room.person().edits_total("EXP-R1", "13.00")


def _dismisses(room: Room, revision: int = 2) -> None:
    room.ledger("ada@traders.example").dismiss(room.posting("R1", revision), "corrected by hand")


def _assert_posted_as_approved(room: Room) -> None:
    first, second = room.ledger().of_reports(["R1"]).popitem()[1]
    assert (first.state, first.reason) == ("superseded", "Replaced by revision 2 (by_hand).")
    assert (second.state, second.number, second.total_cents) == ("posted", "EXP-R1", AFTER.cents)
    assert (second.zoho_id, second.reason) == (first.zoho_id, None)
    zoho_id = second.zoho_id or ""
    assert held(room, second)[zoho_id].total == Decimal("13.00")
    assert held(room, second)[zoho_id].copies == ()
    room.assert_exactly_once(AFTER, OTHER)


def test_what_the_entry_asks_for_is_all_there_is_to_do(room: Room) -> None:
    _corrected(room)
    _dismisses(room)
    done = room.run(AFTER, OTHER)
    assert (done.progress.writes, done.states) == (0, {"R1": "posted", "R2": "posted"})
    _assert_posted_as_approved(room)


def test_the_trail_says_who_dismissed_and_what_was_found(room: Room) -> None:
    _corrected(room)
    _dismisses(room)
    room.run(AFTER, OTHER)
    assert room.story("R1")[-3:] == ["dismissed", "superseded", "posted"]
    details = json.loads(list(audit.events(room.engine, "R1"))[-1]["details"])
    assert details["how"] == "changed by hand"
    assert details["dismissal"] == "Dismissed by ada@traders.example: corrected by hand"
    assert (details["zoho_id"], details["number"]) == (room.posting("R1").zoho_id, "EXP-R1")
    assert (Decimal(details["total"]), details["replaced_revision"]) == (Decimal("13.00"), 1)


def test_the_next_runs_have_nothing_to_do(room: Room) -> None:
    _corrected(room)
    _dismisses(room)
    done, story = room.run(AFTER, OTHER), room.story("R1")
    again = room.run(AFTER, OTHER)
    assert (again.postings, again.progress.writes, room.story("R1")) == (done.postings, 0, story)


@pytest.mark.parametrize("revisions", [[2], [1, 2], [2, 1]], ids=str)
def test_a_run_before_the_dismissal_says_what_is_left_to_do(room: Room, revisions: list[int]) -> None:
    _corrected(room)
    asked = room.run(AFTER, OTHER)
    assert [one.state for one in asked.of("R1")] == ["review", "review"]
    assert f"approved since: dismiss entry {asked['R1'].id} " in (asked.of("R1")[0].reason or "")
    for revision in revisions:
        _dismisses(room, revision)
    assert room.run(AFTER, OTHER).states == {"R1": "posted", "R2": "posted"}
    _assert_posted_as_approved(room)


def test_a_total_that_is_neither_is_told_with_both_and_taken_once_it_is_corrected(room: Room) -> None:
    _amended(room)
    room.person().edits_total("EXP-R1", "13.50")
    _dismisses(room)
    asked = room.run(AFTER, OTHER).of("R1")[0]
    assert (asked.state, asked.reason_code) == ("review", "foreign_document")
    assert "13.50 is neither 12.34 as posted nor 13.00 as approved since: correct it there to 13.00" in (
        asked.reason or ""
    )
    room.person().edits_total("EXP-R1", "13.00")
    room.run(AFTER, OTHER)
    _assert_posted_as_approved(room)


def test_a_dismissed_amendment_that_nobody_followed_leaves_the_first_posted(room: Room) -> None:
    _amended(room)
    _dismisses(room)
    assert [one.state for one in room.run(AFTER, OTHER).of("R1")] == ["posted", "superseded"]


def test_a_number_in_other_letters_is_the_same_to_zoho_and_is_kept_as_it_was(room: Room) -> None:
    _corrected(room)
    room.person().bill("EXP-R1")["bill_number"] = "exp-r1 "
    _dismisses(room)
    assert room.run(AFTER, OTHER)["R1"].number == "EXP-R1"
    assert room.run(AFTER, OTHER).states == {"R1": "posted", "R2": "posted"}


@pytest.mark.parametrize("other", [{"vendor_id": "1"}, {"status": "void"}, {"bill_number": "theirs"}], ids=str)
def test_what_is_not_the_document_of_what_was_approved_is_a_question(room: Room, other: dict[str, str]) -> None:
    _corrected(room)
    room.person().bill("EXP-R1").update(other)
    _dismisses(room)
    assert [one.state for one in room.run(AFTER, OTHER).of("R1")] == ["review", "superseded"]


def test_a_bill_that_was_given_the_number_of_the_revision_too_has_that(room: Room) -> None:
    _corrected(room)
    room.person().bill("EXP-R1")["bill_number"] = "EXP-R1-2"
    _dismisses(room)
    assert room.run(AFTER, OTHER)["R1"].number == "EXP-R1-2"
    room.assert_exactly_once(AFTER, OTHER)


def test_the_lines_are_as_the_person_cut_them(room: Room) -> None:
    room.run(BEFORE, OTHER)
    after = report("R1", 1000, Expense(300, "Travel"))
    room.run(after, OTHER)
    room.person().edits_total("EXP-R1", "13.00")
    _dismisses(room)
    room.run(after, OTHER)
    _assert_posted_as_approved(room)


def test_what_is_approved_later_is_compared_with_what_was_taken(room: Room) -> None:
    _corrected(room)
    _dismisses(room)
    room.run(AFTER, OTHER)
    asked = room.run(LATER, OTHER)["R1"]
    assert (asked.revision, asked.reason_code) == (3, "amended_after_posting")
    assert "after EXP-R1 was posted: 13.00 USD then, 14.00 USD now" in (asked.reason or "")
    assert [one.state for one in room.run(LATER, OTHER).of("R1")] == ["superseded", "posted", "review"]
    changed = room.run(LATER, OTHER, on_amendment="update")
    assert (changed.progress.writes, changed["R1"].number) == (1, "EXP-R1-3")
    room.assert_exactly_once(LATER, OTHER)


def test_what_was_dismissed_is_taken_also_when_the_report_was_changed_again_meanwhile(room: Room) -> None:
    _corrected(room)
    _dismisses(room)
    assert [one.state for one in room.run(LATER, OTHER).of("R1")] == ["superseded", "posted", "review"]
    assert "13.00 USD then, 14.00 USD now" in (room.run(LATER, OTHER)["R1"].reason or "")


def test_an_expense_that_was_taken_out_by_hand_is_posted_with_its_new_report(room: Room) -> None:
    both = report("R1", 1000, 500)
    left = report("R1", 1000)
    moved = report("R3", expenses={"R1-T2": Expense(500)})
    room.run(both)
    assert room.run(left, moved)["R3"].reason_code == "duplicate_transaction"
    room.person().edits_total("EXP-R1", "10.00")
    _dismisses(room)
    assert room.run(left, moved).states == {"R1": "posted", "R3": "posted"}
    room.assert_exactly_once(left, moved)


def test_a_journal_that_was_changed_by_hand_is_taken_as_well(room: Room) -> None:
    before, after = (report("R1", cents, part="company_paid") for cents in (1234, 1300))
    room.run(before)
    room.run(after)
    (journal,) = room.organization.journals.values()
    journal["total"] = Decimal("13.00")
    for line in journal["line_items"]:
        line["amount"] = Decimal("13.00")
    _dismisses(room)
    done = room.run(after)
    assert (done.progress.writes, done.states) == (0, {"R1": "posted"})
    room.assert_exactly_once(after)
