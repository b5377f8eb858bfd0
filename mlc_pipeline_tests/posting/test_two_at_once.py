"""Two runs of the same plans at once, in threads and in processes; and what becomes of the claims of the dead."""

from __future__ import annotations

import os
import signal
import time

import pytest
import sqlalchemy as sa

from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.database import open_database
from mlc_pipeline.posting.claimants import claimant, is_dead
from mlc_pipeline.posting.desk import Desk
from mlc_pipeline.posting.ledger import ClaimLost
from mlc_pipeline.posting.looking import Looking
from mlc_pipeline.posting.made_vendors import MadeVendors
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.recording import record
from mlc_pipeline.posting.shelves import Shelves
from mlc_pipeline.posting.vendor_doubts import VendorDoubts
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.tables import postings
from mlc_pipeline_tests.posting.reports import BOB, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import ORGANIZATION_ID, PERIOD, Outcome, perform, process_of

REPORTS: tuple[Report, ...] = tuple(
    report(f"R{number}", 100 + number, part="company_paid" if number % 3 == 0 else "reimbursable", employee=name)
    for number, name in zip(range(12), ["Ada Example", BOB] * 6, strict=True)
)


def test_two_threads_with_a_client_and_an_engine_each_post_each_document_once(room: Room) -> None:
    room.books.limits.latency = 0.003
    outcomes: list[Outcome] = []

    def run() -> None:
        engine = open_database(room.database_url)
        outcomes.append(perform(room.run_of(*REPORTS, run_id="one of two"), engine, room.tokens))
        engine.dispose()

    room.at_once(run, run)
    room.assert_exactly_once(*REPORTS)
    for outcome in outcomes:
        assert outcome.progress.failure is None
        assert set(outcome.states.values()) == {"posted"}  # each waits for what the other has in hand
    vendors = [one["contact_name"] for one in room.organization.contacts.values()]
    assert vendors.count(BOB) == 1
    assert sum(outcome.progress.writes for outcome in outcomes) == len(REPORTS) + 1


def test_two_processes_post_each_document_once(room: Room) -> None:
    room.books.limits.latency = 0.003
    run = room.run_of(*REPORTS)
    with process_of(run) as one, process_of(run) as other:
        for process in (one, other):
            process.join(30)
            assert process.exitcode == 0
    room.assert_exactly_once(*REPORTS)


def test_two_threads_that_amend_the_same_bills_leave_each_once(room: Room) -> None:
    bills = tuple(one for one in REPORTS if one.part == "reimbursable")
    room.run(*bills)
    amended = tuple(report(one.report_id, one.cents, 55, employee=one.employee) for one in bills)
    room.books.limits.latency = 0.003

    def run() -> None:
        engine = open_database(room.database_url)
        perform(room.run_of(*amended, on_amendment="update"), engine, room.tokens)
        engine.dispose()

    room.at_once(run, run)
    room.assert_exactly_once(*amended)
    assert {room.posting(one.report_id, 1).state for one in bills} == {"superseded"}


def test_a_document_in_the_hands_of_a_living_run_is_left_to_it(room: Room) -> None:
    """The other run waits for it to come back, and no longer than it was told to."""
    held, free = report("R1", 100), report("R2", 200)
    (posting,) = record(room.ledger(), PERIOD, room.plans(held), "review")
    with claimant() as other:
        room.ledger().claim(posting, other, 60_000, {"vendor_id": posting.vendor_id})
        outcome = room.run(held, free, others=0.3)
        assert outcome.states == {"R1": "sending", "R2": "posted"}
        with pytest.raises(ClaimLost):
            room.ledger().hold(posting, "somebody/1/1/1", 1000)
    assert room.bills("R1") == []
    room.run(held, free)  # the run that held it has ended without settling it: it is dead
    room.assert_exactly_once(held, free)


def test_a_claim_whose_lease_has_run_out_is_taken_over_whoever_holds_it(room: Room) -> None:
    held = report("R1", 100)
    (posting,) = record(room.ledger(), PERIOD, room.plans(held), "review")
    room.ledger().claim(posting, "another-machine:1:1/1/1/1", 3000, {"vendor_id": ""})
    assert room.run(held, others=0.0).states == {"R1": "sending"}
    time.sleep(3.05)
    assert room.run(held).states == {"R1": "posted"}
    room.assert_exactly_once(held)


def test_a_run_with_an_old_view_leaves_alone_what_another_has_moved_on_meanwhile(room: Room) -> None:
    before, after = report("R1", 100), report("R1", 250)
    room.run(before)
    old_view = record(room.ledger(), PERIOD, room.plans(before), "review")
    room.run(after, on_amendment="update")
    with room.client() as zoho:
        Poster(room.ledger(), zoho).post(old_view)
    room.assert_exactly_once(after)
    assert room.posting("R1", 1).state == "superseded"


def test_who_lost_a_claim_cannot_settle_the_document_any_more(room: Room) -> None:
    (posting,) = record(room.ledger(), PERIOD, room.plans(report("R1", 100)), "review")
    claimed = room.ledger().claim(posting, "another-machine:1:1/1/1/1", 1, {"vendor_id": ""})
    time.sleep(0.01)
    room.run(report("R1", 100))
    with pytest.raises(ClaimLost):
        room.ledger().settle(claimed, "planned", "another-machine:1:1/1/1/1", {})
    room.assert_exactly_once(report("R1", 100))


def test_a_document_that_was_taken_over_while_its_request_waited_for_a_place_is_not_sent(room: Room) -> None:
    paid = report("R1", 100, part="company_paid")
    (posting,) = record(room.ledger(), PERIOD, room.plans(paid), "review")
    room.order(FaultKind.TOO_MANY_PER_MINUTE, path="/journals$")
    ledger, elsewhere = room.ledger(), "another-machine:1:1/1/1/1"

    def wait_and_send() -> None:
        with room.paced_client(minute=1.0) as zoho:
            Poster(room.ledger(), zoho, Patience(others_seconds=0)).post([posting])

    def take_over() -> None:
        room.wait_until(lambda: room.writes() > 0)
        ledger.hold(ledger.get(posting.id), elsewhere, 60_000)

    room.at_once(wait_and_send, take_over)
    assert room.writes() == 1  # the one that was refused
    assert not room.organization.journals
    assert ledger.get(posting.id).claimed_by == elsewhere


def test_a_look_whose_posting_was_taken_over_meanwhile_asks_and_corrects_nothing_more(room: Room) -> None:
    """As on a machine that was suspended in the middle of it."""
    posted = report("R1", 100)
    room.run(posted)
    room.person().edits_total("EXP-R1", "1.01")
    ledger, elsewhere = room.ledger(), "another-machine:1:1/1/1/1"
    posting = room.posting("R1")
    with claimant() as name, room.paced_client(minute=60.0) as zoho:
        zoho.organization()
        desk = Desk(room.ledger(), Patience(), name)

        def suspended(held: Posting) -> str:
            ledger.hold(ledger.get(held.id), elsewhere, 60_000)
            room.books.request_log.clear()
            made = MadeVendors(room.engine, ORGANIZATION_ID)
            shelves = Shelves(zoho, made, VendorDoubts(room.ledger(), Patience()))
            return Looking(desk, shelves).check_again(held)

        assert desk.held(posting, suspended) == "posted"
    assert room.books.request_log == []
    assert ledger.get(posting.id).claimed_by == elsewhere


def test_no_vendor_is_made_for_a_document_that_another_run_has_taken_meanwhile(room: Room) -> None:
    (posting,) = record(room.ledger(), PERIOD, room.plans(report("R1", 100, employee=BOB)), "review")
    ledger, elsewhere = room.ledger(), "another-machine:1:1/1/1/1"
    room.order(FaultKind.TOO_MANY_PER_MINUTE, path="/contacts$")

    def wait_and_make() -> None:
        with room.paced_client(minute=1.0) as zoho:
            Poster(room.ledger(), zoho, Patience(others_seconds=0)).post([posting])

    def take_over() -> None:
        room.wait_until(lambda: room.writes() > 0)
        ledger.hold(ledger.get(posting.id), elsewhere, 60_000)

    room.at_once(wait_and_make, take_over)
    assert room.writes() == 1  # the one that was refused
    assert BOB not in {one["contact_name"] for one in room.organization.contacts.values()}
    assert ledger.get(posting.id).claimed_by == elsewhere


def test_a_claim_is_renewed_while_its_request_waits_longer_than_half_of_it(room: Room) -> None:
    paid = report("R1", 100, part="company_paid")
    (posting,) = record(room.ledger(), PERIOD, room.plans(paid), "review")
    room.order(FaultKind.TOO_MANY_PER_MINUTE, path="/journals$")
    with room.paced_client(minute=0.5) as zoho:
        Poster(room.ledger(), zoho, Patience(lease_seconds=0.4)).post([posting])
    room.assert_exactly_once(paid)


def test_a_living_run_of_this_machine_keeps_its_claims_when_the_clock_is_set_forward() -> None:
    with claimant() as name:
        an_hour_ago = 1_000_000
        assert not is_dead(name, an_hour_ago, an_hour_ago + 3_600_000)
    assert is_dead(name, an_hour_ago, an_hour_ago - 1)


def test_a_claim_from_before_the_clock_was_set_back_does_not_hold_for_as_long_as_that() -> None:
    elsewhere, now, an_hour = "another-machine:1:1/1/1/1", 1_767_600_000_000, 3_600_000
    assert not is_dead(elsewhere, now + 900_000, now)
    assert is_dead(elsewhere, now + 900_000, now + 900_000)
    assert is_dead(elsewhere, now + 900_000 + an_hour, now)
    with claimant() as name:
        assert not is_dead(name, now + 900_000 + an_hour, now)


def test_what_was_sent_before_the_clock_was_set_back_is_waited_for_no_longer_than_usual(room: Room) -> None:
    (posting,) = record(room.ledger(), PERIOD, room.plans(report("R1", 100)), "review")
    claimed = room.ledger().claim(posting, "another-machine:1:1/1/1/1", 1, {"vendor_id": ""})
    with room.engine.begin() as database:
        database.execute(sa.update(postings).values(sent_ms=postings.c.sent_ms + 3_600_000))
    room.run(report("R1", 100))
    assert claimed.state == "sending"
    room.assert_exactly_once(report("R1", 100))


@pytest.mark.parametrize("part", ["reimbursable", "company_paid"])
@pytest.mark.parametrize("commits", [False, True])
def test_what_a_killed_process_had_in_its_hands_is_looked_for_by_the_next_run(
    room: Room, part: Part, commits: bool
) -> None:
    reports = (report("R1", 100, part=part), report("R2", 200), report("R3", 300, part="company_paid"))
    room.order(FaultKind.SLOW_COMMIT, path=r"/(bills|journals)$", delay=0.05)
    room.door.lets_writes_through = commits
    with process_of(room.run_of(*reports, timeout=20.0, lease=3600.0)) as process:
        room.wait_until(lambda: room.door.writing > 0)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    room.books.faults.clear()
    room.door.lets_writes_through = True
    (sending,) = [one for one in room.ledger().of_period(PERIOD) if one.state == "sending"]
    assert sending.claimed_by is not None
    room.run(*reports)
    room.assert_exactly_once(*reports)


def test_a_zombie_is_dead(room: Room) -> None:
    """A killed child that nobody has waited for yet still has its number."""
    held = report("R1", 100)
    room.order(FaultKind.SLOW_COMMIT, delay=0.05)
    with process_of(room.run_of(held, timeout=20.0, lease=3600.0)) as process:
        room.wait_until(lambda: room.door.writing > 0)
        os.kill(process.pid or 0, signal.SIGKILL)
        room.wait_until(lambda: room.bills("R1") != [])
        assert room.run(held, others=0.0).states == {"R1": "posted"}
    room.assert_exactly_once(held)
