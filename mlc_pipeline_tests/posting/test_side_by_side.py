"""Several requests of one run under way at once: the same guarantees, a clean stop, and it is faster."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from mlc_pipeline.posting.crew import Crew
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.progress import Pace
from mlc_pipeline.posting.recording import record
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.interrupting import interrupted_when
from mlc_pipeline_tests.posting.reports import BOB, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD

REPORTS: tuple[Report, ...] = tuple(
    report(f"R{number}", 100 + number, part="company_paid" if number % 4 == 0 else "reimbursable", employee=name)
    for number, name in zip(range(40), ["Ada Example", BOB] * 20, strict=True)
)
LOST = (FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT, FaultKind.ERROR_AFTER_COMMIT)


def test_each_document_is_posted_once_and_each_vendor_made_once(room: Room) -> None:
    room.books.limits.latency = 0.01
    outcome = room.run(*REPORTS, workers=5)
    assert outcome.progress.failure is None
    assert outcome.progress.writes == len(REPORTS) + 1
    room.assert_exactly_once(*REPORTS)
    assert [one["contact_name"] for one in room.organization.contacts.values()].count(BOB) == 1


@pytest.mark.parametrize("kind", LOST)
def test_lost_answers_among_several_are_looked_for(room: Room, kind: FaultKind) -> None:
    for path in (r"/bills$", r"/journals$"):
        room.order(kind, path=path, times=3)
    outcome = room.run(*REPORTS, workers=4)
    assert outcome.progress.failure is None
    room.assert_exactly_once(*REPORTS)


def test_a_limit_of_the_day_lets_what_is_under_way_finish_and_begins_nothing_new(room: Room) -> None:
    room.books.limits.latency = 0.02
    room.order(FaultKind.TOO_MANY_PER_DAY, path=r"/bills$")
    stopped = room.run(*REPORTS, workers=4)
    assert stopped.progress.failure is not None
    assert set(stopped.states.values()) == {"posted", "planned"}
    assert list(stopped.states.values()).count("posted") <= 8
    assert room.run(*REPORTS, workers=4).progress.failure is None
    room.assert_exactly_once(*REPORTS)


@pytest.mark.parametrize("error", [KeyboardInterrupt, DagsterExecutionInterruptedError])
def test_an_interruption_settles_what_is_under_way_and_leaves_the_rest_planned(
    room: Room, error: type[BaseException]
) -> None:
    room.books.limits.latency = 0.05
    with interrupted_when(error, lambda: len(room.bills()) >= 3), pytest.raises(error):
        room.run(*REPORTS, workers=4)
    states = [one.state for one in room.ledger().of_period(PERIOD)]
    assert set(states) == {"posted", "planned"}
    assert states.count("posted") < len(REPORTS) - 4
    sent = room.writes()
    time.sleep(0.15)
    assert room.writes() == sent
    room.run(*REPORTS, workers=4)
    room.assert_exactly_once(*REPORTS)


def test_a_later_revision_waits_for_what_it_replaces(room: Room) -> None:
    before = tuple(report(f"R{number}", 100) for number in range(8))
    after = tuple(report(f"R{number}", 250) for number in range(8))
    room.run(*before)
    assert room.run(*after, workers=4, on_amendment="reverse_and_repost").progress.failure is None
    for one in after:
        assert [bill["status"] for bill in room.bills(one.report_id)] == ["void", "open"]
        assert room.posting(one.report_id, 1).state == "superseded"


@pytest.mark.parametrize("workers", [1, 4])
def test_as_many_requests_are_under_way_as_are_allowed_and_no_more(room: Room, workers: int) -> None:
    room.books.limits.latency = 0.2
    room.run(*REPORTS[:12], workers=workers)
    assert room.door.most_writing == workers


def test_progress_is_told_at_the_end_with_what_was_posted(room: Room) -> None:
    travel = next(one for one in room.organization.accounts.values() if one["account_name"] == "Meals")
    travel["is_active"] = False
    told: list[Pace] = []
    postings = record(room.ledger(), PERIOD, room.plans(*REPORTS[:3]), "review")
    with room.client() as zoho:
        Poster(room.ledger(), zoho, workers=2, on_progress=told.append).post(postings)
    assert (told[-1].total, told[-1].handled, told[-1].posted) == (3, 3, 0)


def test_the_pace_says_how_many_how_fast_and_how_long() -> None:
    assert str(Pace(600, 200, 199, 120.0)) == "199 of 600 documents posted, 1 not; 100 a minute; 4 min left."
    assert str(Pace(2, 0, 0, 1.0)) == "0 of 2 documents posted; 0 a minute."


def test_a_crew_tells_from_time_to_time_and_raises_the_first_error() -> None:
    ticks, done = [], []
    crew = Crew(3, lambda: ticks.append(1), tick=0.02)
    crew.work_through(range(9), lambda piece: (time.sleep(0.02), done.append(piece)))
    assert sorted(done) == list(range(9))
    assert ticks

    def fail(piece: int) -> None:
        raise ValueError(str(piece))

    with pytest.raises(ValueError, match="0"):
        crew.work_through(range(1), fail)
    assert crew.is_stopping


def test_a_run_that_is_stopped_wakes_from_its_waits_and_sends_nothing_more(room: Room) -> None:
    """A limit pauses everybody for a minute: who stops the run then does not wait for it."""
    postings = record(room.ledger(), PERIOD, room.plans(*REPORTS[:12]), "review")
    room.order(FaultKind.TOO_MANY_PER_MINUTE, path="/bills$")
    before: list[int] = []

    def interrupt() -> None:
        room.wait_until(lambda: any(call.status == 429 for call in room.books.request_log))
        time.sleep(0.5)
        before.append(room.writes())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    started = time.monotonic()
    with room.paced_client(minute=30.0) as zoho, pytest.raises(KeyboardInterrupt):
        Poster(room.ledger(), zoho, workers=4).post(postings)
    thread.join()
    assert time.monotonic() - started < 10
    assert [room.writes()] == before
    states = {one.state for one in room.ledger().of_period(PERIOD)}
    assert states <= {"posted", "planned"}
    room.run(*REPORTS[:12])
    room.assert_exactly_once(*REPORTS[:12])
