"""One bad report never stops the others, a temporary failure leaves the rest planned, no try is endless."""

from __future__ import annotations

import pytest

from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.claimants import claimant
from mlc_pipeline.posting.patience import MOST_ATTEMPTS
from mlc_pipeline.posting.recording import record
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import PERIOD, STOPPED, process_of

REPORTS = (report("R1", 100), report("R2", Expense(200, "Travel")), report("R3", 300))


def test_a_report_that_zoho_refuses_waits_with_zohos_own_words_while_the_others_are_posted(room: Room) -> None:
    travel = next(one for one in room.organization.accounts.values() if one["account_name"] == "Travel")
    travel["is_active"] = False
    outcome = room.run(*REPORTS)
    assert outcome.progress.failure is None
    assert outcome.states == {"R1": "posted", "R2": "review", "R3": "posted"}
    assert outcome["R2"].reason_code == "inactive_account"
    assert "The account Travel is inactive" in (outcome["R2"].reason or "")
    travel["is_active"] = True
    assert room.run(*REPORTS).states == dict.fromkeys(("R1", "R2", "R3"), "posted")
    room.assert_exactly_once(*REPORTS)


def test_a_temporary_failure_in_the_middle_leaves_the_rest_for_the_next_run(room: Room) -> None:
    room.run(REPORTS[0])
    room.order(FaultKind.TOO_MANY_PER_DAY, times=9)
    stopped = room.run(*REPORTS)
    assert stopped.progress.failure is not None
    assert stopped.states == {"R1": "posted", "R2": "planned", "R3": "planned"}
    room.books.faults.clear()
    assert room.run(*REPORTS).progress.writes == 2
    room.assert_exactly_once(*REPORTS)


def test_a_process_whose_run_was_stopped_says_so_with_its_exit_code(room: Room) -> None:
    room.order(FaultKind.TOO_MANY_PER_DAY, times=9)
    for expected in (STOPPED, 0):
        with process_of(room.run_of(*REPORTS)) as process:
            process.join(30)
            assert process.exitcode == expected
        room.books.faults.clear()
    room.assert_exactly_once(*REPORTS)


def test_a_server_that_cannot_be_reached_at_all_costs_nothing(room: Room) -> None:
    url, room.zoho_url = room.zoho_url, "http://127.0.0.1:9"
    with pytest.raises(Exception, match=r"reached|answer|gave"):
        room.client().organization()
    room.zoho_url = url
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)


def test_a_document_that_never_gets_an_answer_waits_for_a_person_after_some_attempts(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT, times=99)
    states = [room.run(REPORTS[0], grace=0.01)["R1"].state for _ in range(MOST_ATTEMPTS)]
    assert states[-1] == "review"
    waiting = room.posting("R1")
    assert waiting.reason_code == "outcome_unknown_for_too_long"
    assert waiting.attempts >= MOST_ATTEMPTS
    assert room.run(*REPORTS, grace=0.01)["R1"].state == "review"  # tried once more


def _stuck(room: Room) -> None:
    room.order(FaultKind.CUT_BEFORE_COMMIT, times=99)
    for _ in range(MOST_ATTEMPTS):
        room.run(REPORTS[0], grace=0.01)
    assert room.posting("R1").reason_code == "outcome_unknown_for_too_long"
    room.books.faults.clear()


def test_a_person_who_retries_it_has_it_sent_again(room: Room) -> None:
    _stuck(room)
    retried = room.ledger("ada@traders.example").note_retry(room.posting("R1"), "Zoho Books is back")
    assert (retried.state, retried.attempts) == ("unknown", 0)
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)
    assert "retried" in room.story("R1")


def test_one_quiet_replay_is_enough_also_for_what_was_stuck(room: Room) -> None:
    _stuck(room)
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)


def test_runs_that_died_while_sending_say_nothing_of_zoho_and_one_quiet_replay_is_enough(room: Room) -> None:
    (posting,) = record(room.ledger(), PERIOD, room.plans(REPORTS[0]), "review")
    for _ in range(MOST_ATTEMPTS):
        with claimant() as dead:
            claimed = room.ledger().claim(posting, dead, 60_000, {"vendor_id": posting.vendor_id})
        posting = room.ledger().settle(claimed, "planned", dead, {})
    with claimant() as dead:
        room.ledger().claim(posting, dead, 60_000, {"vendor_id": posting.vendor_id})
    assert room.run(REPORTS[0], grace=0.05).states == {"R1": "posted"}
    room.assert_exactly_once(REPORTS[0])


def test_tries_that_died_with_their_run_do_not_use_up_those_of_a_living_one(room: Room) -> None:
    for _ in range(MOST_ATTEMPTS):
        (posting,) = record(room.ledger(), PERIOD, room.plans(REPORTS[0]), "review")
        with claimant() as dead:
            room.ledger().claim(posting, dead, 60_000, {"vendor_id": posting.vendor_id})
        room.run(grace=0.01)  # the report is away: what was sent is looked for, and not sent again
    assert (room.posting("R1").state, room.posting("R1").attempts) == ("review", 0)
    room.order(FaultKind.CUT_BEFORE_COMMIT, times=99)
    assert room.run(REPORTS[0], grace=0.01)["R1"].state in ("unknown", "planned")  # not given up
    room.books.faults.clear()
    room.run(REPORTS[0])
    room.assert_exactly_once(REPORTS[0])


def test_tries_that_zoho_answered_with_a_limit_are_none_without_an_answer(room: Room) -> None:
    for _ in range(MOST_ATTEMPTS):
        room.order(FaultKind.TOO_MANY_PER_DAY, times=9)
        assert room.run(REPORTS[0]).states == {"R1": "planned"}
        room.books.faults.clear()
    room.order(FaultKind.CUT_BEFORE_COMMIT, times=99)
    assert room.run(REPORTS[0], grace=0.01)["R1"].state in ("unknown", "planned")  # not given up


def test_what_is_stuck_and_turns_up_late_is_found(room: Room) -> None:
    _stuck(room)
    posting = room.posting("R1")
    assert posting.document is not None
    with room.client() as zoho:  # the last request, carried out long after we gave it up
        Bills(zoho).create(posting.document, posting.vendor_id or "")
    sent = room.story("R1").count("sending")
    room.run(*REPORTS)
    room.assert_exactly_once(*REPORTS)
    assert room.story("R1").count("sending") == sent


def test_a_stuck_entry_that_is_dismissed_is_left_alone(room: Room) -> None:
    _stuck(room)
    room.ledger().dismiss(room.posting("R1"), "paid in cash")
    assert room.run(REPORTS[0]).states == {"R1": "superseded"}
    assert room.bills() == []
