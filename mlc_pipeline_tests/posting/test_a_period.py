"""A period without mishaps: every report becomes a bill, and running it again changes nothing."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import BOB, Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD

REPORTS = (
    report("R1", 1234, Expense(5600, "Travel")),
    report("R2", 99),
    report("R3", 2500, 2500, Expense(-100, "Lodging"), employee=BOB),
)


def test_every_report_becomes_one_bill_with_its_lines_to_the_cent(room: Room) -> None:
    outcome = room.run(*REPORTS)
    assert outcome.progress.failure is None
    assert set(outcome.states.values()) == {"posted"}
    room.assert_exactly_once(*REPORTS)
    (bill,) = room.bills("R3")
    lines = [(line["account_name"], line["item_total"]) for line in bill["line_items"]]
    assert lines == [("Meals", Decimal("50.00")), ("Lodging", Decimal("-1.00"))]
    assert bill["vendor_name"] == BOB


def test_the_writes_that_are_told_are_those_that_were_sent(room: Room) -> None:
    outcome = room.run(*REPORTS)
    assert outcome.progress.writes == room.writes() == len(REPORTS) + 1  # the new vendor


def test_the_writes_of_both_rounds_are_told_when_a_report_changed_while_its_answer_was_lost(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    assert room.run(REPORTS[0]).states == {"R1": "unknown"}
    room.books.faults.clear()
    writes = room.writes()
    outcome = room.run(report("R1", 2000), *REPORTS[1:])
    assert set(outcome.states.values()) == {"posted"}
    assert outcome.progress.writes == room.writes() - writes == len(REPORTS) + 1  # the new vendor


@pytest.mark.parametrize("replays", [1, 3])
def test_a_replay_writes_nothing_and_leaves_nothing_planned(room: Room, replays: int) -> None:
    first = room.run(*REPORTS)
    writes, bills = room.writes(), [dict(bill) for bill in room.bills()]
    for _ in range(replays):
        again = room.run(*REPORTS)
        assert again.progress.writes == 0
        assert again.postings == first.postings
    assert room.writes() == writes
    assert room.bills() == bills


def test_a_replay_adds_no_event_to_the_trail(room: Room) -> None:
    room.run(*REPORTS)
    before = room.story("R1")
    room.run(*REPORTS)
    assert room.story("R1") == before == ["planned", "sending", "posted"]


def test_what_is_approved_later_is_posted_alone(room: Room) -> None:
    room.run(REPORTS[0])
    writes = room.writes()
    outcome = room.run(*REPORTS[:2])
    assert outcome.progress.writes == room.writes() - writes == 1
    room.assert_exactly_once(*REPORTS[:2])


def test_a_report_with_nothing_to_post_is_no_document_until_it_has_something(room: Room) -> None:
    empty, filled = report("R1", 0), report("R1", 0, 700)
    assert room.run(empty).postings == ()
    assert room.run(filled).states == {"R1": "posted"}
    room.assert_exactly_once(filled)


def test_two_runs_at_once_say_once_that_nothing_is_to_be_posted(room: Room) -> None:
    reasons = [(plan, "It is empty.") for plan in room.plans(report("R1", 0), report("R2", 0, 0))]
    room.at_once(*[partial(room.ledger(f"run {number}").note_nothing, reasons, PERIOD) for number in range(4)])
    assert room.story("R1") == room.story("R2") == ["nothing_to_post"]
    room.assert_trail_holds()


def test_a_report_that_lost_all_that_was_to_be_posted_before_it_was_sent_has_nothing_to_post(room: Room) -> None:
    room.organization.accounts[_meals(room)]["is_active"] = False
    full, empty = report("R1", 500), report("R1", 0)
    assert room.run(full).states == {"R1": "review"}
    assert room.run(empty).states == {"R1": "superseded"}
    room.organization.accounts[_meals(room)]["is_active"] = True
    assert room.run(full).states == {"R1": "posted"}
    room.assert_exactly_once(full)


def test_yen_are_posted_without_decimals(room: Room) -> None:
    room.books.add_contact(room.organization, "Ada in Tokyo", email="ada@traders.example", currency_code="JPY")
    yen = report("R1", 128000, currency="JPY")
    assert room.run(yen).states == {"R1": "posted"}
    assert room.held() == {"R1": [Decimal(1280)]}


def _meals(room: Room) -> str:
    return next(key for key, one in room.organization.accounts.items() if one["account_name"] == "Meals")
