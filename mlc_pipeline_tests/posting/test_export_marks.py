"""Marking: once for each content, in bounded jobs, and a lost answer is asked after before it is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa

from mlc_pipeline.expensify import ExpensifyClient, Patience
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.export_marks import REPORTS_AT_ONCE, ExportMarker, Marked
from mlc_pipeline.sandbox.expensify import ENDPOINT, ExpensifyAccount, create_expensify_app
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline_tests.posting.runs import CONNECTION, ORGANIZATION_ID, PERIOD

LABEL = "Zoho Books"
ONCE = Patience(attempts=1, first_wait=0, longest_wait=0)


@dataclass(slots=True)
class Desk:
    """Where reports are marked."""

    engine: sa.Engine
    account: ExpensifyAccount
    url: str

    def mark(self, reports: Mapping[str, str], label: str = LABEL) -> Marked:
        """One run that finds these reports posted."""
        user, secret = self.account.partner_user_id, self.account.partner_user_secret
        zone, http = ZoneInfo("Europe/Berlin"), httpx.Client()
        with ExpensifyClient(self.url, user, secret, zone=zone, http=http, downloads=ONCE) as client:
            actor = Actor("run of us", CONNECTION, ORGANIZATION_ID, "run")
            return ExportMarker(self.engine, actor, client.export_marks, label).mark(PERIOD, reports)

    def marked(self) -> set[str]:
        return {one for one, labels in self.account.exported_labels.items() if labels == [LABEL]}

    def marking_jobs(self) -> list[list[str]]:
        """The reports of each job that marked."""
        jobs = [one for one in self.account.received if "onFinish" in one]
        return [one["inputSettings"]["filters"]["reportIDList"].split(",") for one in jobs]

    def asking_jobs(self) -> list[list[str]]:
        """The reports of each job that asked by label."""
        filters = [one["inputSettings"]["filters"] for one in self.account.received if one["type"] == "file"]
        return [one["reportIDList"].split(",") for one in filters if "markedAsExported" in one]


@pytest.fixture
def desk(database: sa.Engine) -> Iterator[Desk]:
    account = ExpensifyAccount("aa_ada_traders_example", "a-secret-of-the-tests")
    account.limit = None
    account.reports = [{"reportID": f"R{at}", "status": "Approved"} for at in range(250)]
    with serve_app(create_expensify_app(account)) as url:
        yield Desk(database, account, url + ENDPOINT)
    database.dispose()


def posted(*numbers: int, revisions: str = "reimbursable 1") -> dict[str, str]:
    return {f"R{number}": revisions for number in numbers}


def test_reports_are_marked_in_bounded_jobs_and_never_again(desk: Desk) -> None:
    reports = posted(*range(201))
    assert desk.mark(reports) == Marked({}, 3, None)
    assert desk.marked() == reports.keys()
    assert [len(one) for one in desk.marking_jobs()] == [REPORTS_AT_ONCE, REPORTS_AT_ONCE, 1]
    assert desk.mark(reports) == Marked({}, 0, None)
    assert desk.asking_jobs() == []
    assert audit.verify(desk.engine)[1] is None
    assert [event["event"] for event in audit.events(desk.engine, "R7")] == [
        "export_mark_sending",
        "export_marked",
    ]


def test_another_content_is_marked_again_and_so_is_another_label(desk: Desk) -> None:
    desk.mark(posted(1, 2))
    desk.mark(posted(1, 2) | posted(2, revisions="reimbursable 2"))
    assert desk.marking_jobs() == [["R1", "R2"], ["R2"]]
    desk.mark(posted(1), label="Books of the year")
    assert desk.account.exported_labels["R1"] == [LABEL, "Books of the year"]


def test_a_lost_answer_is_asked_after_and_not_repeated(desk: Desk) -> None:
    desk.account.faults.add("download_empty")
    lost = desk.mark(posted(1, 2))
    assert lost.failure is not None
    assert lost.unmarked.keys() == {"R1", "R2"}
    assert desk.marked() == {"R1", "R2"}
    assert desk.mark(posted(1, 2)) == Marked({}, 0, None)
    assert desk.asking_jobs() == [["R1", "R2"]]
    assert len(desk.marking_jobs()) == 1


def test_what_failed_before_it_was_done_is_done_by_the_next_run(desk: Desk) -> None:
    desk.account.faults.add("http_500", job="file")
    assert desk.mark(posted(1, 2)).failure is not None
    assert desk.marked() == set()
    assert desk.mark(posted(1, 2, 3)) == Marked({}, 1, None)
    assert desk.asking_jobs() == [["R1", "R2"]]
    assert desk.marked() == {"R1", "R2", "R3"}


def test_a_report_that_expensify_does_not_have_is_told_and_the_others_are_marked(desk: Desk) -> None:
    marked = desk.mark(posted(1) | {"R999": "reimbursable 1"})
    assert marked.failure is None
    assert "left it out" in marked.unmarked["R999"]
    assert desk.marked() == {"R1"}


def test_what_is_no_id_of_expensify_never_gets_into_a_list(desk: Desk) -> None:
    odd = {"R1,R2": "reimbursable 1", "": "reimbursable 1", "without-id-1": "reimbursable 1"}
    assert desk.mark(odd).unmarked.keys() == odd.keys()
    assert desk.account.received == []
