"""Receipts through lost answers, dead runs, limits and amendments: each file stands on its document once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlc_pipeline.posting.claimants import claimant
from mlc_pipeline.posting.receipts.parcels import receipt_parcel
from mlc_pipeline.posting.receipts.telling import Told
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.zoho.attachments import File
from mlc_pipeline_tests.posting.receipts_desk import ATTACHMENT, Desk, states
from mlc_pipeline_tests.posting.reports import report

BEFORE = (FaultKind.CUT_BEFORE_COMMIT, FaultKind.ERROR_BEFORE_COMMIT, FaultKind.BAD_GATEWAY_BEFORE_COMMIT)
AFTER = (FaultKind.CUT_AFTER_COMMIT, FaultKind.ERROR_AFTER_COMMIT, FaultKind.TRUNCATED_JSON)
TWO = (report("R1", 1000, 2000), report("R2", 300))


@pytest.mark.parametrize("kind", AFTER)
def test_what_was_committed_is_found_and_never_sent_again(desk: Desk, kind: FaultKind) -> None:
    desk.post(*TWO)
    desk.room.order(kind, path=ATTACHMENT)
    assert states(desk.attach(*TWO, grace=60.0)) == {"attached": 3}
    assert desk.uploads() == 3
    desk.assert_each_once(*TWO)


@pytest.mark.parametrize("kind", BEFORE)
def test_what_was_not_committed_is_sent_again_after_the_time_of_grace(desk: Desk, kind: FaultKind) -> None:
    desk.post(*TWO)
    desk.room.order(kind, path=ATTACHMENT)
    assert states(desk.attach(*TWO)) == {"attached": 3}
    desk.assert_each_once(*TWO)


def test_a_commit_that_lands_late_is_not_doubled(desk: Desk) -> None:
    desk.post(*TWO)
    desk.room.order(FaultKind.SLOW_COMMIT, path=ATTACHMENT, delay=0.2)
    assert states(desk.attach(*TWO, timeout=0.4, grace=1.0)) == {"attached": 3}
    desk.room.wait_until_quiet()
    desk.assert_each_once(*TWO)


def test_a_run_that_died_while_it_sent_is_looked_after(desk: Desk) -> None:
    desk.post(*TWO)
    document = desk.document(TWO[1])
    parcel = receipt_parcel(document, document.receipts[0])
    file = File(f"{parcel.stem}.png", "image/png", b"\x89PNG\r\n\x1a\n")
    with claimant() as gone:
        desk.records().claim(parcel, file, None, gone, lease_ms=60_000)
    with desk.room.client() as zoho:
        zoho.attachments.add("bill", document.posting.zoho_id or "", file)
    assert states(desk.attach(*TWO, grace=60.0)) == {"attached": 3}
    desk.assert_each_once(*TWO)


def test_what_another_run_is_sending_is_left_to_it(desk: Desk) -> None:
    desk.post(*TWO)
    document = desk.document(TWO[1])
    parcel = receipt_parcel(document, document.receipts[0])
    file = File(f"{parcel.stem}.png", "image/png", b"\x89PNG\r\n\x1a\n")
    with claimant() as other:
        desk.records().claim(parcel, file, None, other, lease_ms=60_000)
        assert states(desk.attach(*TWO)) == {"attached": 2, "unknown": 1}
    assert desk.uploads() == 2


def test_two_runs_at_once_attach_each_once(desk: Desk) -> None:
    desk.post(*TWO)

    def attach() -> None:
        desk.attach(*TWO)

    desk.room.at_once(attach, attach)
    assert states(desk.attach(*TWO)) == {"attached": 3}
    desk.assert_each_once(*TWO)


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_PER_DAY, FaultKind.BLOCKED_FOR_AN_HOUR])
def test_a_limit_ends_the_run_and_the_next_one_sends_the_rest(desk: Desk, kind: FaultKind) -> None:
    desk.post(*TWO)
    desk.room.order(kind, path=ATTACHMENT)
    stopped = desk.attach(*TWO)
    assert states(stopped) == {"failed": 3}
    assert stopped.failure is not None
    assert [desk.room.posting(one.report_id).state for one in TWO] == ["posted", "posted"]
    assert states(desk.attach(*TWO)) == {"attached": 3}
    desk.assert_each_once(*TWO)


def test_only_what_this_run_created_counts_as_new(desk: Desk) -> None:
    desk.post(*TWO, run_id="first")
    desk.post(*TWO, run_id="second")
    made = {("R1", "reimbursable", 1), ("R2", "reimbursable", 1)}
    assert desk.records("first").made_in_this_run(["R1", "R2"]) == made
    assert desk.records("second").made_in_this_run(["R1", "R2"]) == set()


def test_a_document_of_an_earlier_run_is_looked_at_first(desk: Desk) -> None:
    desk.post(*TWO)
    document = desk.document(TWO[1])
    with desk.room.client() as zoho:
        by_hand = File(f"{document.posting.number}-R2-T1.pdf", "application/pdf", b"%PDF-1.4")
        zoho.attachments.add("bill", document.posting.zoho_id or "", by_hand)
    assert states(desk.attach(*TWO, is_new=False)) == {"attached": 3}
    assert desk.files()["R2"] == {by_hand.name: 1}


def test_the_receipts_of_an_updated_bill_are_not_attached_again(desk: Desk) -> None:
    desk.post(TWO[0])
    desk.attach(TWO[0])
    amended = report("R1", 1000, 2000, 700)
    desk.post(amended, on_amendment="update")
    assert states(desk.attach(amended, is_new=False)) == {"attached": 3}
    assert desk.files()["R1"] == {f"EXP-R1-R1-T{at}.png": 1 for at in (1, 2)} | {"EXP-R1-2-R1-T3.png": 1}


def test_a_bill_that_was_paid_meanwhile_is_told_with_two_requests(desk: Desk) -> None:
    desk.post(TWO[0])
    desk.room.person().pays("EXP-R1")
    told = desk.attach(TWO[0])
    assert states(told) == {"skipped": 2}
    assert "paid" in (told.receipts[1].reason or "")
    assert desk.uploads() == 1


def test_a_journal_takes_receipts_of_its_expenses(desk: Desk) -> None:
    paid_by_company = report("R3", 1000, part="company_paid")
    desk.post(paid_by_company)
    assert states(desk.attach(paid_by_company)) == {"attached": 1}
    desk.assert_each_once(paid_by_company)


def test_a_missing_file_is_stood_for_by_the_reports_pdf_and_the_others_are_attached(desk: Desk) -> None:
    desk.post(*TWO)
    del desk.account.receipts["R1-T1.png"]
    told = desk.attach(*TWO)
    assert states(told) == {"attached": 3}
    assert desk.files()["R1"] == {"EXP-R1-report.pdf": 1, "EXP-R1-R1-T2.png": 1}
    first = _of(told.receipts, "R1-T1")
    assert (first.file_name, "404" in (first.reason or "")) == ("EXP-R1-report.pdf", True)
    assert states(desk.attach(*TWO, is_new=False)) == {"attached": 3}
    assert desk.uploads() == 3


def test_a_pdf_that_expensify_cannot_make_now_is_asked_for_again_by_the_next_run(desk: Desk) -> None:
    desk.post(TWO[1])
    desk.account.receipt_links = "forbidden"
    desk.account.faults.add("http_500", job="file")
    failed = desk.attach(TWO[1])
    assert states(failed) == {"failed": 1}
    assert "PDF of the report was not made" in (failed.receipts[0].reason or "")
    assert states(desk.attach(TWO[1])) == {"attached": 1}
    assert desk.files()["R2"] == {"EXP-R2-report.pdf": 1}


def _file_name(file: dict[str, str]) -> str:
    return file["file_name"]


def _of(told: Sequence[Told], transaction_id: str) -> Told:
    return next(one for one in told if one.transaction_id == transaction_id)
