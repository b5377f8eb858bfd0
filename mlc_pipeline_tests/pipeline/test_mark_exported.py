"""Marking reports as exported: only what is posted and reconciled, once for each content, and never to read by."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.assets import connection_assets
from mlc_pipeline_tests.front_door import House

LABEL = "Zoho Books"


@pytest.fixture
def marking(house: House) -> House:
    """A house that marks what it posted; nothing was run yet."""
    house.configure(expensify={"mark_exported": LABEL})
    return house


def marked(house: House) -> set[str]:
    """The reports that carry the label in Expensify."""
    return {
        report for report, labels in house.sandbox.expensify_account.exported_labels.items() if LABEL in labels
    }


def marking_jobs(house: House) -> list[dict[str, Any]]:
    """The jobs so far that could have written to Expensify."""
    return [job for job in house.sandbox.expensify_account.received if "onFinish" in job]


def asking_jobs(house: House) -> list[dict[str, Any]]:
    """The jobs so far that asked by label."""
    received = house.sandbox.expensify_account.received
    return [job for job in received if "markedAsExported" in job.get("inputSettings", {}).get("filters", {})]


def a_period(house: House) -> str:
    """One in which some reports are posted whole and some wait."""
    return house.periods[0]


def test_only_reports_that_are_posted_whole_are_marked(marking: House) -> None:
    house = marking
    for period in house.periods:
        assert house.run(period).failure is None
    expected = {
        one.report_id
        for one in house.company.expected.values()
        if one.period and one.review is None and one.posted_cents and not one.company_paid_cents
    }
    assert marked(house) == expected
    assert expected != {one.report_id for one in house.company.expected.values() if one.period}
    for job in marking_jobs(house):
        assert set(job["inputSettings"]["filters"]) == {"reportIDList"}
        assert job["onFinish"] == [{"actionName": "markAsExported", "label": LABEL}]
        assert "test" not in job


def test_a_replay_marks_nothing_again(marking: House) -> None:
    house = marking
    house.run(a_period(house))
    jobs = len(marking_jobs(house))
    assert jobs == 1
    assert house.run(a_period(house)).afterwards[0].failure is None
    assert len(marking_jobs(house)) == jobs
    assert asking_jobs(house) == []
    shown = house.mlc_here("audit", "show", min(marked(house)))
    assert shown.exit_code == 0
    assert f"export_marked  by run of acme\n    label: {LABEL}" in shown.out


def test_without_a_label_nothing_is_ever_written_to_expensify(house: House) -> None:
    for period in house.periods:
        house.run(period)
    assert marking_jobs(house) == []
    assert house.sandbox.expensify_account.exported_labels == {}


def test_a_preview_marks_nothing(marking: House) -> None:
    house = marking
    assert house.mlc_here("preview", "--connection", "acme", "--period", a_period(house), "--json").exit_code == 0
    assert marking_jobs(house) == []


def test_a_failure_leaves_the_period_posted_and_asks_before_it_marks_again(marking: House) -> None:
    house = marking
    account = house.sandbox.expensify_account
    assert house.materialise(a_period(house), *_all_but_marks(house)).success
    account.faults.add("http_500", job="file")
    assert not house.materialise(a_period(house), "export_marks").success
    assert marked(house) == set()
    assert house.materialise(a_period(house), "export_marks").success
    assert len(asking_jobs(house)) == 1
    assert marked(house)


def test_a_marked_report_that_is_reopened_and_approved_again_comes_back(marking: House) -> None:
    house = marking
    house.run(a_period(house))
    report_id = min(marked(house))
    report = next(one for one in house.sandbox.expensify_account.reports if one["reportID"] == report_id)
    expense = next(one for one in report["transactionList"] if one["reimbursable"])
    for name in ("convertedAmount", "modifiedAmount", "amount"):
        if expense.get(name) not in (None, ""):
            expense[name] += 100
            break
    report["total"] += 100
    again = house.run(a_period(house))
    (waiting,) = (one for one in again.documents if one["report_id"] == report_id and one["state"] == "review")
    assert waiting["reason_code"] == "amended_after_posting"
    assert len(marking_jobs(house)) == 1


def _all_but_marks(house: House) -> list[str]:
    assets = connection_assets(house.connection)
    return [one.key.path[-1] for one in assets if one.key.path[-1] != "export_marks"]
