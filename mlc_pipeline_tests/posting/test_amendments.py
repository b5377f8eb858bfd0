"""Reports that are changed and approved again after they were posted, in each of the three ways."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from decimal import Decimal

import pytest

from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD, process_of

BEFORE = report("R1", 1000, Expense(5000, "Travel"))
AFTER = report(
    "R1", 1200, Expense(4000, "Travel"), Expense(77, "Lodging"), approved_at="2026-01-14T08:00:00+00:00"
)
LATER = report("R1", 1, approved_at="2026-01-21T08:00:00+00:00")
OTHER = report("R2", 4321)
NEXT_PERIOD = "2026-01-12"
EACH_WAY: tuple[OnAmendment, ...] = ("review", "update", "reverse_and_repost")
CHANGES: tuple[OnAmendment, ...] = ("update", "reverse_and_repost")


# Waiting for a person.


def test_an_amended_report_waits_with_the_difference_line_by_line(room: Room) -> None:
    room.run(BEFORE, OTHER)
    amended = room.run(AFTER, OTHER)
    assert amended.progress.writes == 0
    waiting = amended["R1"]
    assert (waiting.state, waiting.revision, waiting.reason_code) == ("review", 2, "amended_after_posting")
    for told in (
        "60.00 USD then, 52.77 USD now",
        "6640 Meals: 10.00 USD -> 12.00 USD",
        "6660 Lodging: 0.00 USD -> 0.77 USD",
        "6670 Travel: 50.00 USD -> 40.00 USD",
    ):
        assert told in (waiting.reason or "")
    assert waiting.total_cents == AFTER.cents
    assert room.posting("R1", 1).state == "posted"
    assert amended["R2"].state == "posted"


def test_an_amendment_in_another_currency_tells_each_amount_in_its_own(room: Room) -> None:
    room.run(BEFORE)
    waiting = room.run(report("R1", 1000, Expense(500000, "Travel"), currency="JPY"))["R1"]
    assert "60.00 USD then, 5,010.00 JPY now (" in (waiting.reason or "")
    for told in ("6640 Meals: 10.00 USD -> 10.00 JPY", "6670 Travel: 50.00 USD -> 5,000.00 JPY"):
        assert told in (waiting.reason or "")


def test_waiting_any_longer_changes_nothing(room: Room) -> None:
    room.run(BEFORE)
    first = room.run(AFTER)
    story = room.story("R1")
    assert room.run(AFTER).postings == first.postings
    assert room.story("R1") == story


def test_a_person_who_corrects_the_bill_and_runs_before_dismissing_does_not_get_a_second_one(room: Room) -> None:
    """As the entry itself says: correct it in Zoho Books, dismiss. In between, the period may run."""
    room.run(BEFORE)
    room.run(AFTER)
    room.person().edits_total("EXP-R1", "52.77")
    for _ in range(3):
        outcome = room.run(AFTER)
        assert outcome.progress.writes == 0
        assert [one.state for one in outcome.of("R1")] == ["review", "review"]
    for posting in outcome.of("R1"):
        room.ledger().dismiss(posting, "corrected by hand")
    quiet = room.run(AFTER)
    assert quiet.progress.writes == 0
    assert [one.state for one in quiet.of("R1")] == ["superseded", "posted"]
    room.assert_exactly_once(AFTER)


@pytest.mark.parametrize("on_amendment", EACH_WAY)
def test_a_bill_that_was_changed_by_hand_and_dismissed_is_never_followed_by_a_second_one(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.run(BEFORE)
    room.person().edits_total("EXP-R1", "61.00")
    room.run(BEFORE)
    room.ledger().dismiss(room.posting("R1"), "it is right as it is")
    amended = room.run(AFTER, on_amendment=on_amendment)
    assert (amended["R1"].state, amended["R1"].reason_code) == ("review", "amended_after_posting")
    assert (amended.progress.writes, len(room.bills())) == (0, 1)


def test_a_dismissed_amendment_stays_dismissed_until_the_report_changes_again(room: Room) -> None:
    room.run(BEFORE)
    room.run(AFTER)
    room.ledger().dismiss(room.posting("R1"), "left as it is")
    assert room.run(AFTER).states == {"R1": "superseded"}
    changed = room.run(LATER)
    assert (changed["R1"].state, changed["R1"].revision) == ("review", 3)
    assert room.writes() == 1


def test_an_amendment_that_is_taken_back_closes_what_waited(room: Room) -> None:
    room.run(BEFORE)
    room.run(AFTER)
    back = room.run(BEFORE)
    assert [one.state for one in back.of("R1")] == ["posted", "superseded"]
    room.run(AFTER)
    assert room.posting("R1").state == "review"
    assert room.posting("R1").revision == 2
    assert room.writes() == 1


# A re-approval without a change.


@pytest.mark.parametrize("on_amendment", EACH_WAY)
def test_a_reapproval_without_a_change_posts_nothing_is_noted_and_filed_under_its_new_period(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.run(BEFORE)
    again = report("R1", 1000, Expense(5000, "Travel"), approved_at=AFTER.approved_at)
    outcome = room.run(again, period=NEXT_PERIOD, on_amendment=on_amendment)
    assert outcome.progress.writes == 0
    assert (outcome["R1"].state, outcome["R1"].revision, outcome["R1"].period) == ("posted", 1, NEXT_PERIOD)
    assert outcome["R1"].approved_at == AFTER.approved_at
    assert room.story("R1")[-1] == "approved_again"
    assert room.run(period=PERIOD).postings == ()
    room.assert_exactly_once(BEFORE)
    story = room.story("R1")
    room.run(again, period=NEXT_PERIOD)
    assert room.story("R1") == story


@pytest.mark.parametrize("on_amendment", EACH_WAY)
@pytest.mark.parametrize("part", ["reimbursable", "company_paid"])
def test_what_is_coded_anew_without_reaching_the_books_is_no_amendment(
    room: Room, part: Part, on_amendment: OnAmendment
) -> None:
    posted = replace(BEFORE, part=part)
    room.run(posted)
    story = room.story("R1")
    exported = room.run(replace(posted, coding="the GL code of today"), on_amendment=on_amendment)
    assert (exported.progress.writes, exported["R1"].state, exported["R1"].revision) == (0, "posted", 1)
    assert room.story("R1") == story, "nobody approved anything"
    approved = replace(posted, coding="another", approved_at=AFTER.approved_at)
    again = room.run(approved, on_amendment=on_amendment)
    assert (again.progress.writes, again["R1"].state) == (0, "posted")
    assert room.story("R1") == [*story, "approved_again"]


# Changing what is posted.


def test_update_gives_the_bill_the_new_content_and_number(room: Room) -> None:
    room.run(BEFORE, OTHER)
    zoho_id = room.posting("R1").zoho_id
    changed = room.run(AFTER, OTHER, on_amendment="update")
    assert changed.progress.writes == 1
    assert [(one.state, one.number) for one in changed.of("R1")] == [
        ("superseded", "EXP-R1"),
        ("posted", "EXP-R1-2"),
    ]
    assert changed["R1"].zoho_id == zoho_id
    room.assert_exactly_once(AFTER, OTHER)
    assert [line["account_name"] for line in room.bills("R1")[0]["line_items"]] == ["Meals", "Lodging", "Travel"]


def test_reverse_and_repost_makes_the_old_bill_void_and_posts_a_new_one_with_the_next_suffix(room: Room) -> None:
    room.run(BEFORE, OTHER)
    changed = room.run(AFTER, OTHER, on_amendment="reverse_and_repost")
    assert changed.progress.writes == 2
    assert [(bill["bill_number"], bill["status"]) for bill in room.bills("R1")] == [
        ("EXP-R1", "void"),
        ("EXP-R1-2", "open"),
    ]
    assert [one.state for one in changed.of("R1")] == ["superseded", "posted"]
    room.assert_exactly_once(AFTER, OTHER)


@pytest.mark.parametrize("on_amendment", CHANGES)
def test_each_further_amendment_is_a_further_revision_and_going_back_is_one_too(
    room: Room, on_amendment: OnAmendment
) -> None:
    for content in (BEFORE, AFTER, LATER, BEFORE):
        room.run(content, on_amendment=on_amendment)
        room.assert_exactly_once(content)
        writes = room.writes()
        assert room.run(content, on_amendment=on_amendment).progress.writes == 0
        assert room.writes() == writes
    assert [one.state for one in room.ledger().of_reports(["R1"]).popitem()[1]] == [*["superseded"] * 3, "posted"]
    assert room.posting("R1").number == "EXP-R1-4"


@pytest.mark.parametrize("on_amendment", CHANGES)
@pytest.mark.parametrize("mishap", ["paid", "partly paid", "edited", "void", "deleted"])
def test_a_bill_that_is_not_as_it_was_left_is_not_changed(
    room: Room, on_amendment: OnAmendment, mishap: str
) -> None:
    room.run(BEFORE)
    person = room.person()
    {
        "paid": lambda: person.pays("EXP-R1"),
        "partly paid": lambda: person.pays("EXP-R1", "10.00"),
        "edited": lambda: person.edits_total("EXP-R1", "99.00"),
        "void": lambda: person.voids("EXP-R1"),
        "deleted": lambda: person.deletes("EXP-R1"),
    }[mishap]()
    kept = repr(room.bills())
    outcome = room.run(AFTER, on_amendment=on_amendment)
    if (mishap, on_amendment) == ("void", "reverse_and_repost"):
        # A void bill is as good as one that we made void: the new one is what is missing.
        assert outcome["R1"].state == "posted"
        room.assert_exactly_once(AFTER)
        return
    assert outcome.progress.writes == 0
    assert (outcome["R1"].state, outcome["R1"].reason_code) == ("review", "foreign_document")
    for _ in range(2):
        assert room.run(AFTER, on_amendment=on_amendment).progress.writes == 0
    assert repr(room.bills()) == kept


@pytest.mark.parametrize("on_amendment", CHANGES)
def test_a_bill_in_a_locked_period_is_not_changed_and_zoho_says_why(room: Room, on_amendment: OnAmendment) -> None:
    room.run(BEFORE)
    room.organization.locks.append({"modules": ["bills"], "transaction_lock_date": "2026-01-31"})
    outcome = room.run(AFTER, on_amendment=on_amendment)
    assert outcome.progress.failure is None
    assert (outcome["R1"].state, outcome["R1"].reason_code) == ("review", "locked_period")
    assert "locked" in (outcome["R1"].reason or "")
    room.organization.locks.clear()
    assert room.run(AFTER, on_amendment=on_amendment)["R1"].state == "posted"
    room.assert_exactly_once(AFTER)


# Mishaps on the way.

LOST = (
    FaultKind.CUT_BEFORE_COMMIT,
    FaultKind.CUT_AFTER_COMMIT,
    FaultKind.ERROR_AFTER_COMMIT,
    FaultKind.BAD_GATEWAY_BEFORE_COMMIT,
    FaultKind.TRUNCATED_JSON,
)


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_to_the_update_is_settled_by_looking(room: Room, kind: FaultKind) -> None:
    room.run(BEFORE)
    room.order(kind, "PUT", "/bills/")
    room.run(AFTER, on_amendment="update")
    room.assert_exactly_once(AFTER)
    assert [one.state for one in room.run(AFTER).of("R1")] == ["superseded", "posted"]
    assert "review" not in room.story("R1")


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("path", [r"/status/void$", r"/bills$"])
def test_a_lost_answer_on_the_way_to_the_new_bill_is_settled_by_looking(
    room: Room, kind: FaultKind, path: str
) -> None:
    room.run(BEFORE)
    room.order(kind, "POST", path)
    room.run(AFTER, on_amendment="reverse_and_repost")
    room.assert_exactly_once(AFTER)
    assert len(room.bills("R1")) == 2
    assert "review" not in room.story("R1")


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_PER_DAY, FaultKind.BLOCKED_FOR_AN_HOUR])
def test_a_limit_between_the_void_and_the_new_bill_is_made_up_for_by_the_next_run(
    room: Room, kind: FaultKind
) -> None:
    room.run(BEFORE)
    room.order(kind, "POST", r"/bills$")
    stopped = room.run(AFTER, on_amendment="reverse_and_repost")
    assert stopped.progress.failure is not None
    assert room.held() == {}
    room.run(AFTER, on_amendment="reverse_and_repost")
    room.assert_exactly_once(AFTER)
    assert "review" not in room.story("R1")


@pytest.mark.parametrize("on_amendment", CHANGES)
def test_a_run_that_is_killed_while_it_changes_a_bill_is_made_up_for_by_the_next(
    room: Room, on_amendment: OnAmendment
) -> None:
    room.run(BEFORE)
    room.order(FaultKind.SLOW_COMMIT, "PUT" if on_amendment == "update" else "POST", r"/bills(/\d+)?$", delay=0.05)
    with process_of(room.run_of(AFTER, on_amendment=on_amendment, timeout=20.0)) as process:
        room.wait_until(lambda: room.books.faults[0].times == 0)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    room.run(AFTER, on_amendment=on_amendment)
    room.assert_exactly_once(AFTER)
    assert "review" not in room.story("R1")


def test_a_change_that_lands_late_is_waited_for_also_when_the_report_was_changed_back(room: Room) -> None:
    """It would undo what stands there then, after the period was called balanced."""
    room.run(BEFORE)
    room.order(FaultKind.SLOW_COMMIT, "PUT", "/bills/", delay=0.8)
    room.kill_while_writing(room.run_of(AFTER, on_amendment="update", timeout=20.0))
    outcome = room.run(BEFORE, on_amendment="update", grace=0.1, unguarded=2.0)
    assert outcome.progress.failure is None
    assert [one.state for one in outcome.of("R1")] == ["superseded", "superseded", "posted"]
    assert room.held() == {"R1": [Decimal(BEFORE.cents) / 100]}
    room.assert_trail_holds()


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT])
@pytest.mark.parametrize("on_amendment", CHANGES)
def test_a_report_that_changes_while_its_answer_is_lost_is_posted_as_it_is_now(
    room: Room, kind: FaultKind, on_amendment: OnAmendment
) -> None:
    room.order(kind)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    assert room.run(BEFORE).states == {"R1": "unknown"}
    room.books.faults.clear()
    room.run(AFTER, on_amendment=on_amendment)
    room.assert_exactly_once(AFTER)


def test_a_report_that_changes_while_its_answer_is_lost_is_never_sent_as_it_was(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    room.run(BEFORE)
    room.books.faults.clear()
    assert room.run(AFTER, on_amendment="review").states == {"R1": "posted"}
    room.assert_exactly_once(AFTER)
    assert [bill["bill_number"] for bill in room.bills()] == ["EXP-R1"]
    assert room.posting("R1").revision == 1
