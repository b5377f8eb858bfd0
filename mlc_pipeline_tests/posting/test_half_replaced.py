"""A bill that was made void for a new one that did not come: what is approved then stands once, whatever it is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import process_of

BEFORE, AFTER, LATER = report("R1", 1000), report("R1", Expense(2000, "Travel")), report("R1", 1)
EACH_WAY: tuple[OnAmendment, ...] = ("review", "update", "reverse_and_repost")
VOID = r"/status/void$"


def _limit(room: Room) -> None:
    room.order(FaultKind.TOO_MANY_PER_DAY, "POST", "/bills$", times=9)


def _refusal(room: Room) -> None:
    next(one for one in room.organization.accounts.values() if one["account_name"] == "Travel")["is_active"] = (
        False
    )


def _lost_answer(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT, "POST", "/bills$", times=9)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", "/bills$")


def _lost_void(room: Room) -> None:
    room.order(FaultKind.CUT_AFTER_COMMIT, "POST", VOID)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", "/bills$")


def _void_that_never_came(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT, "POST", VOID)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", "/bills$")


def _half_replaced(room: Room, mishap: Callable[[Room], None] = _limit) -> None:
    room.run(BEFORE)
    mishap(room)
    room.run(AFTER, on_amendment="reverse_and_repost")
    assert room.posting("R1").state != "posted"
    room.books.faults.clear()


@pytest.mark.parametrize("mishap", [_limit, _refusal, _lost_answer, _lost_void, _void_that_never_came])
@pytest.mark.parametrize("approved", [BEFORE, LATER], ids=["changed back", "changed again"])
def test_what_is_approved_next_stands_once(room: Room, mishap: Callable[[Room], None], approved: Report) -> None:
    _half_replaced(room, mishap)
    room.run(approved, on_amendment="reverse_and_repost")
    room.assert_exactly_once(approved)
    assert room.posting("R1", 1).state == "superseded"
    assert "review" not in room.story("R1") or mishap is _refusal
    writes = room.writes()
    assert room.run(approved, on_amendment="reverse_and_repost").progress.writes == 0
    assert room.writes() == writes


@pytest.mark.parametrize("on_amendment", EACH_WAY)
def test_what_was_begun_is_finished_however_amendments_are_handled_since(
    room: Room, on_amendment: OnAmendment
) -> None:
    _half_replaced(room)
    room.run(BEFORE, on_amendment=on_amendment)
    room.assert_exactly_once(BEFORE)
    assert [(one["bill_number"], one["status"]) for one in room.bills()] == [
        ("EXP-R1", "void"),
        ("EXP-R1-2", "open"),
    ]


def test_until_then_the_ledger_says_what_became_of_the_first(room: Room) -> None:
    _half_replaced(room)
    standing = room.posting("R1", 1)
    assert (standing.state, standing.reason) == ("posted", "It is being made void: EXP-R1-2 takes its place.")
    assert "voiding" in room.story("R1")
    room.assert_trail_holds()


def test_a_report_that_vanishes_meanwhile_and_comes_back_as_it_was_stands_once(room: Room) -> None:
    _half_replaced(room)
    gone = room.run(on_amendment="reverse_and_repost")
    assert (gone["R1"].state, gone["R1"].reason_code) == ("review", "vanished_from_period")
    assert gone.of("R1")[0].state == "posted", "nobody has to look for a bill that we made void"
    room.run(BEFORE, on_amendment="reverse_and_repost")
    room.assert_exactly_once(BEFORE)


def test_a_report_of_which_nothing_is_left_to_post_is_a_question_that_says_so(room: Room) -> None:
    _half_replaced(room)
    asked = room.run(report("R1", 0), on_amendment="reverse_and_repost")
    assert (asked["R1"].state, asked.progress.writes) == ("review", 0)
    assert "EXP-R1 was being made void and nothing has taken its place" in (asked["R1"].reason or "")


def test_a_bill_whose_void_zoho_refuses_stands_as_before(room: Room) -> None:
    room.run(BEFORE)
    room.organization.locks.append({"modules": ["bills"], "transaction_lock_date": "2026-01-31"})
    assert room.run(AFTER, on_amendment="reverse_and_repost")["R1"].reason_code == "locked_period"
    back = room.run(BEFORE, on_amendment="reverse_and_repost")
    assert (back.progress.writes, back.of("R1")[0].reason) == (0, None)
    room.assert_exactly_once(BEFORE)


def test_a_bill_that_was_paid_before_its_lost_void_came_is_left_to_a_person(room: Room) -> None:
    _half_replaced(room, _void_that_never_came)
    room.person().pays("EXP-R1")
    asked = room.run(AFTER, on_amendment="reverse_and_repost")
    assert (asked["R1"].state, asked["R1"].reason_code, asked.progress.writes) == ("review", "foreign_document", 0)
    back = room.run(BEFORE, on_amendment="reverse_and_repost")
    assert (back.progress.writes, [one.state for one in back.of("R1")]) == (0, ["posted", "superseded"])


def test_a_run_that_is_killed_while_it_makes_the_bill_void_is_made_up_for_after_a_change_back(room: Room) -> None:
    room.run(BEFORE)
    fault = room.order(FaultKind.SLOW_COMMIT, "POST", VOID, delay=0.05)
    with process_of(room.run_of(AFTER, on_amendment="reverse_and_repost", timeout=20.0)) as process:
        room.wait_until(lambda: fault.times == 0)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    room.wait_until_quiet()
    room.run(BEFORE, on_amendment="reverse_and_repost")
    room.assert_exactly_once(BEFORE)
