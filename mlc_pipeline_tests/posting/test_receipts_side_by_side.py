"""Receipts of several reports under way at once: the same guarantees, a clean stop, and it is faster."""

from __future__ import annotations

import time

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from mlc_pipeline.sandbox.expensify.limits import RequestLimit
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.interrupting import interrupted_when
from mlc_pipeline_tests.posting.receipts_desk import ATTACHMENT, Desk, states
from mlc_pipeline_tests.posting.reports import Expense, Report, report

REPORTS: tuple[Report, ...] = tuple(
    report(f"R{number}", 100, 200, part="company_paid" if number % 4 == 0 else "reimbursable")
    for number in range(12)
)
ALL = {"attached": 24}
LOST = (FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT, FaultKind.ERROR_AFTER_COMMIT)


@pytest.mark.parametrize("workers", [1, 4])
def test_as_many_files_are_under_way_as_are_allowed_and_no_more(desk: Desk, workers: int) -> None:
    desk.post(*REPORTS)
    desk.room.books.limits.latency = 0.1
    assert states(desk.attach(*REPORTS, workers=workers)) == ALL
    assert desk.room.door.most_writing == workers
    desk.assert_each_once(*REPORTS)


def test_the_files_of_one_document_go_one_after_the_other(desk: Desk) -> None:
    long = report("R1", *range(100, 108))
    desk.post(long)
    desk.room.books.limits.latency = 0.05
    assert states(desk.attach(long, workers=4)) == {"attached": 8}
    assert desk.room.door.most_writing == 1
    desk.assert_each_once(long)


@pytest.mark.parametrize("kind", LOST)
def test_lost_answers_among_several_are_looked_for(desk: Desk, kind: FaultKind) -> None:
    desk.post(*REPORTS)
    desk.room.order(kind, path=ATTACHMENT, times=5)
    assert states(desk.attach(*REPORTS, workers=4)) == ALL
    desk.assert_each_once(*REPORTS)


def test_two_runs_at_once_attach_each_once(desk: Desk) -> None:
    desk.post(*REPORTS)
    desk.room.books.limits.latency = 0.02

    def attach() -> None:
        desk.attach(*REPORTS, workers=4)

    desk.room.at_once(attach, attach)
    assert states(desk.attach(*REPORTS, workers=4)) == ALL
    desk.assert_each_once(*REPORTS)


def test_bad_receipts_never_stop_the_others(desk: Desk) -> None:
    desk.post(*REPORTS)
    for number in (1, 5):
        desk.account.receipts[f"R{number}-T1.png"] = 6 * 2**20
    desk.room.person().pays("EXP-R2")
    told = desk.attach(*REPORTS, workers=4)
    assert (states(told), told.failure) == ({"attached": 20, "skipped": 4}, None)
    desk.assert_each_once(*(one for one in REPORTS if one.report_id not in ("R1", "R2", "R5")))


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_PER_DAY, FaultKind.BLOCKED_FOR_AN_HOUR])
def test_a_limit_lets_what_is_under_way_finish_and_begins_nothing_new(desk: Desk, kind: FaultKind) -> None:
    desk.post(*REPORTS)
    desk.room.books.limits.latency = 0.05
    desk.room.order(kind, path=ATTACHMENT)
    stopped = desk.attach(*REPORTS, workers=4)
    assert set(states(stopped)) <= {"attached", "failed"}
    assert len(stopped.receipts) == 24
    assert stopped.uploads == desk.uploads() <= 8
    assert "Run again in" in (stopped.failure or "")
    assert states(desk.attach(*REPORTS, workers=4)) == ALL
    desk.assert_each_once(*REPORTS)


def test_a_login_that_is_revoked_ends_all(desk: Desk) -> None:
    desk.post(*REPORTS)
    desk.room.books.refresh_tokens.clear()
    desk.room.order(FaultKind.ACCESS_REVOKED, path=ATTACHMENT)
    stopped = desk.attach(*REPORTS, workers=4)
    assert states(stopped) == {"failed": 24}
    assert "mlc connect zoho" in (stopped.failure or "")
    assert desk.files()["R1"] == {}


@pytest.mark.parametrize("error", [KeyboardInterrupt, DagsterExecutionInterruptedError])
def test_an_interruption_settles_what_is_under_way_and_sends_nothing_more(
    desk: Desk, error: type[BaseException]
) -> None:
    desk.post(*REPORTS)
    desk.room.books.limits.latency = 0.05
    with interrupted_when(error, lambda: desk.uploads() >= 3), pytest.raises(error):
        desk.attach(*REPORTS, workers=4)
    sent = desk.uploads()
    assert desk.records_in("attached") == sent < 20
    assert desk.records_in("sending") == desk.records_in("unknown") == 0
    time.sleep(0.15)
    assert desk.uploads() == sent
    assert states(desk.attach(*REPORTS, workers=4)) == ALL
    desk.assert_each_once(*REPORTS)


def test_a_run_that_is_stopped_wakes_from_its_waits(desk: Desk) -> None:
    """A limit pauses everybody for a minute: who stops the run then does not wait for it."""
    desk.post(*REPORTS)
    desk.room.order(FaultKind.TOO_MANY_PER_MINUTE, path=ATTACHMENT)
    log = desk.room.books.request_log
    started = time.monotonic()
    with (
        interrupted_when(KeyboardInterrupt, lambda: any(call.status == 429 for call in log)),
        pytest.raises(KeyboardInterrupt),
    ):
        desk.attach(*REPORTS, workers=4, minute=30.0)
    assert time.monotonic() - started < 10
    assert desk.records_in("sending") == 0
    assert states(desk.attach(*REPORTS, workers=4)) == ALL
    desk.assert_each_once(*REPORTS)


def test_the_pdfs_of_reports_keep_to_the_limits_of_expensify(desk: Desk) -> None:
    desk.post(*REPORTS)
    desk.account.receipt_links = "forbidden"
    desk.account.limit = RequestLimit(time_scale=2.0 / 60)
    attached = desk.attach(*REPORTS, workers=4, minute=2.0)
    assert states(attached) == ALL
    assert attached.uploads == len(REPORTS)
    assert [job["type"] for job in desk.account.received].count("file") == len(REPORTS)


def test_the_pdf_of_a_report_is_made_once_for_both_of_its_documents(desk: Desk) -> None:
    card = {"R1-C1": Expense(500)}
    both = (report("R1", 100), report("R1", part="company_paid", expenses=card))
    desk.post(*both)
    desk.account.receipt_links = "forbidden"
    assert states(desk.attach(*both, workers=4)) == {"attached": 2}
    assert [job["type"] for job in desk.account.received].count("file") == 1
