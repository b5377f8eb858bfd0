"""Lost answers of every kind: whatever became of the request, one quiet replay later the bill is there once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.tables import postings
from mlc_pipeline_tests.posting.reports import BOB, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD

REPORTS = (report("R1", 1234), report("R2", 5678), report("R3", 91))

BEFORE = (FaultKind.CUT_BEFORE_COMMIT, FaultKind.ERROR_BEFORE_COMMIT, FaultKind.BAD_GATEWAY_BEFORE_COMMIT)
AFTER = (
    FaultKind.CUT_AFTER_COMMIT,
    FaultKind.ERROR_AFTER_COMMIT,
    FaultKind.BAD_GATEWAY_AFTER_COMMIT,
    FaultKind.TRUNCATED_JSON,
)
WAITED_OUT = (FaultKind.TOO_MANY_PER_MINUTE, FaultKind.TOO_MANY_AT_ONCE, FaultKind.ACCESS_REVOKED)
FAR_TOO_LONG = (FaultKind.TOO_MANY_PER_DAY, FaultKind.BLOCKED_FOR_AN_HOUR)


@pytest.mark.parametrize("kind", AFTER)
def test_what_was_committed_is_found_at_once_and_never_sent_again(room: Room, kind: FaultKind) -> None:
    room.order(kind)
    outcome = room.run(*REPORTS, grace=60.0)
    assert outcome.progress.failure is None
    assert outcome.progress.writes == len(REPORTS)
    assert room.story("R1") == ["planned", "sending", "unknown", "posted"]
    room.assert_exactly_once(*REPORTS)


@pytest.mark.parametrize("kind", BEFORE)
def test_what_was_not_committed_is_sent_again_only_after_the_time_of_grace(room: Room, kind: FaultKind) -> None:
    room.order(kind)
    hasty = room.run(*REPORTS, grace=0.2)
    assert hasty.progress.failure is None
    assert room.story("R1") == ["planned", "sending", "unknown", "unknown", "planned", "sending", "posted"]
    room.assert_exactly_once(*REPORTS)


def test_a_slow_commit_that_lands_within_the_time_of_grace_is_found(room: Room) -> None:
    room.order(FaultKind.SLOW_COMMIT, delay=0.2)
    outcome = room.run(*REPORTS, timeout=0.4, grace=1.0)
    assert outcome.progress.writes == len(REPORTS)
    assert room.story("R1").count("sending") == 1
    room.assert_exactly_once(*REPORTS)


def test_a_commit_that_is_slower_than_our_patience_is_no_second_bill(room: Room) -> None:
    """Zoho takes a number once for each vendor: whichever request comes second is refused."""
    room.order(FaultKind.SLOW_COMMIT, delay=0.8)
    room.run(*REPORTS, timeout=0.4, grace=0.1)
    room.wait_until_quiet()
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)


JOURNAL = report("J1", 1234, part="company_paid")
"""Zoho takes a second journal of the number, so nothing but waiting keeps it from being there twice."""


def test_a_journal_that_lands_late_is_waited_for_by_the_run_that_was_not_answered_in_time(room: Room) -> None:
    room.order(FaultKind.SLOW_COMMIT, path=r"/journals$", delay=0.8)
    outcome = room.run(JOURNAL, *REPORTS, timeout=0.4, grace=0.1, unguarded=2.0)
    assert outcome.progress.failure is None
    assert room.story("J1").count("sending") == 1
    room.assert_exactly_once(JOURNAL, *REPORTS)


def test_a_journal_that_lands_late_is_waited_for_by_the_run_after_a_kill(room: Room) -> None:
    room.order(FaultKind.SLOW_COMMIT, path=r"/journals$", delay=0.8)
    room.kill_while_writing(room.run_of(JOURNAL, timeout=20.0))
    assert room.run(JOURNAL, grace=0.1, unguarded=2.0).progress.failure is None
    assert room.story("J1").count("sending") == 1
    room.assert_exactly_once(JOURNAL)


@pytest.mark.parametrize("kind", BEFORE)
def test_a_journal_whose_outcome_is_unknown_is_sent_again_only_after_five_minutes(
    room: Room, kind: FaultKind
) -> None:
    room.order(kind, path=r"/journals$")
    assert _posted_with_default_patience(room, JOURNAL) == ("unknown", [30, 300])
    _lets_pass(room, seconds=200)
    assert _posted_with_default_patience(room, JOURNAL) == ("unknown", [30, 100])
    _lets_pass(room, seconds=110)
    assert _posted_with_default_patience(room, JOURNAL) == ("posted", [])
    room.assert_exactly_once(JOURNAL)


def test_five_minutes_pass_too_after_a_journal_that_was_not_answered_in_time(room: Room) -> None:
    room.door.lets_writes_through = False
    assert _posted_with_default_patience(room, JOURNAL, timeout=0.4) == ("unknown", [30, 300])


def test_the_five_minutes_of_a_killed_run_begin_when_the_next_one_looks(room: Room) -> None:
    room.door.lets_writes_through = False
    room.kill_while_writing(room.run_of(JOURNAL, timeout=20.0))
    _lets_pass(room, seconds=3600)
    assert _posted_with_default_patience(room, JOURNAL) == ("unknown", [30, 300])


def test_a_bill_that_is_sent_again_is_guarded_by_its_number_and_waits_for_half_a_minute(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT)
    assert _posted_with_default_patience(room, REPORTS[0]) == ("unknown", [30, 30])
    _lets_pass(room, seconds=40)
    assert _posted_with_default_patience(room, REPORTS[0]) == ("posted", [])


def test_a_bill_whose_report_has_nothing_to_post_any_more_waits_as_long_as_a_journal(room: Room) -> None:
    """It is not sent again, so its number guards nothing: a late commit would stand there for nobody."""
    room.order(FaultKind.CUT_BEFORE_COMMIT)
    _posted_with_default_patience(room, REPORTS[0])
    state, waits = _posted_with_default_patience(room, replace(REPORTS[0], expenses={}))
    assert (state, waits[:2]) == ("unknown", [30, 300])


def _posted_with_default_patience(room: Room, one: Report, timeout: float = 5.0) -> tuple[str, list[float]]:
    """The state after a run for which no time passes, and the seconds that it would have waited, by tens."""
    waits: list[float] = []
    patience = Patience(sleep=waits.append)
    with room.client(timeout) as zoho:
        post_period(room.ledger(), Poster(room.ledger(), zoho, patience), PERIOD, room.plans(one), "review")
    return room.posting(one.report_id).state, [round(seconds, -1) for seconds in waits]


def _lets_pass(room: Room, seconds: int) -> None:
    """So much time since everything was sent, by the ledger's clock."""
    with room.engine.begin() as database:
        database.execute(sa.update(postings).values(sent_ms=postings.c.sent_ms - 1000 * seconds))


@pytest.mark.parametrize("kind", WAITED_OUT)
def test_a_limit_or_a_revoked_token_is_waited_out_within_the_run(room: Room, kind: FaultKind) -> None:
    room.order(kind)
    outcome = room.run(*REPORTS)
    assert outcome.progress.failure is None
    assert room.story("R1") == ["planned", "sending", "posted"]
    room.assert_exactly_once(*REPORTS)


@pytest.mark.parametrize("kind", FAR_TOO_LONG)
def test_a_limit_of_hours_ends_the_run_and_leaves_the_rest_planned(room: Room, kind: FaultKind) -> None:
    room.order(kind)
    stopped = room.run(*REPORTS)
    assert stopped.progress.failure is not None
    assert "Run again in" in stopped.progress.failure
    assert stopped.states == dict.fromkeys(("R1", "R2", "R3"), "planned")
    assert room.bills() == []
    assert room.run(*REPORTS).progress.failure is None
    room.assert_exactly_once(*REPORTS)


def test_a_revoked_consent_ends_the_run_and_nothing_is_lost(room: Room) -> None:
    room.run(REPORTS[0])
    token = room.books.refresh_tokens.copy()
    for name in token:
        room.books.revoke(name)
    stopped = room.run(*REPORTS)
    assert "mlc connect zoho" in (stopped.progress.failure or "")
    room.books.refresh_tokens.update(token)
    room.tokens.clear()  # as `mlc connect zoho` does
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER, *WAITED_OUT, *FAR_TOO_LONG])
def test_after_one_quiet_replay_each_document_is_there_once(room: Room, kind: FaultKind) -> None:
    room.order(kind, times=3)
    room.order(kind, "GET", r"/bills")
    room.run(*REPORTS, grace=0.05)
    room.books.faults.clear()
    quiet = room.run(*REPORTS, grace=0.05)
    assert quiet.progress.failure is None
    room.assert_exactly_once(*REPORTS)
    writes = room.writes()
    room.run(*REPORTS)
    assert room.writes() == writes


def test_when_the_look_fails_too_the_outcome_stays_unknown_until_the_next_run(room: Room) -> None:
    room.run(REPORTS[0])
    room.order(FaultKind.CUT_AFTER_COMMIT)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    stopped = room.run(*REPORTS[:2])
    assert stopped.progress.failure is not None
    assert stopped.states == {"R1": "posted", "R2": "unknown"}
    room.books.faults.clear()
    room.run(*REPORTS[:2])
    room.assert_exactly_once(*REPORTS[:2])
    assert room.story("R2").count("sending") == 1


@pytest.mark.parametrize("kind", AFTER)
def test_a_vendor_whose_answer_was_lost_is_found_and_used(room: Room, kind: FaultKind) -> None:
    bob = report("R1", 100, employee=BOB)
    room.order(kind, path="/contacts$")
    room.run(bob)
    room.assert_exactly_once(bob)
    assert _vendors(room, BOB) == 1


@pytest.mark.parametrize("kind", BEFORE)
def test_a_vendor_that_was_not_made_is_tried_once_more_and_then_by_the_next_run(
    room: Room, kind: FaultKind
) -> None:
    bob, ada = report("R1", 100, employee=BOB), report("R2", 200)
    room.order(kind, path="/contacts$", times=2)
    stopped = room.run(bob, ada)
    assert stopped.progress.failure is not None
    assert stopped.states == {"R1": "planned", "R2": "posted"}
    room.run(bob, ada)
    room.assert_exactly_once(bob, ada)
    assert _vendors(room, BOB) == 1


def test_a_bill_whose_answer_comes_without_its_lines_and_cannot_be_read_back_is_not_taken_for_unsent(
    room: Room,
) -> None:
    """It was written, so a person who takes the report back must not make it be forgotten."""
    room.door.shows_lines = False
    room.order(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills/\d+$", times=9)
    stopped = room.run(REPORTS[0])
    assert stopped.states == {"R1": "unknown"}
    room.door.shows_lines = True
    room.books.faults.clear()
    room.run(REPORTS[0])
    room.assert_exactly_once(REPORTS[0])
    assert room.held() == {"R1": [Decimal("12.34")]}


def _vendors(room: Room, name: str) -> int:
    return sum(1 for one in room.organization.contacts.values() if one["contact_name"].startswith(name))
