"""The audit trail through the command line: the story of a report, the proof, and what tampering looks like."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mlc_pipeline_tests.front_door import House, open_house, week

PERIOD = week(0)


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory, new_dagster_home: Path) -> Iterator[House]:
    """A house whose first period is posted."""
    home = tmp_path_factory.mktemp("auditing") / "home"
    with open_house(home, dagster_home=new_dagster_home) as house:
        house.run(PERIOD)
        yield house


def _a_posted_report(house: House) -> dict[str, object]:
    return next(one for one in house.run(PERIOD).documents if one["state"] == "posted")


def test_the_story_of_a_report_goes_from_the_plan_to_the_id_in_zoho(posted: House) -> None:
    document = _a_posted_report(posted)
    events = posted.mlc_here("audit", "show", str(document["report_id"]), "--json").json["events"]
    assert [one["event"] for one in events] == ["planned", "sending", "posted"]
    planned, sending, done = (one["details"] for one in events)
    assert planned["approved_at"]
    assert len(planned["content_hash"]) == len(sending["request_digest"]) == 64
    assert planned["mapping_version"]
    assert done["zoho_id"] == document["zoho_id"]
    lines = planned["document"]["lines"]
    assert sum(line["amount_cents"] for line in lines) == document["total_cents"]
    in_lines = {one for line in lines for one in line["transaction_ids"]}
    assert in_lines <= planned["transactions"].keys()


def test_the_story_is_told_to_people_down_to_each_expense(posted: House) -> None:
    document = _a_posted_report(posted)
    said = posted.mlc_here("audit", "show", str(document["report_id"]))
    assert said.exit_code == 0
    assert str(document["zoho_id"]) in said.out
    assert "expense " in said.out


def test_what_stands_in_no_line_is_told_too(posted: House) -> None:
    waiting = next(one for one in posted.run(PERIOD).documents if one["state"] == "review")
    report_id = str(waiting["report_id"])
    (planned, *_) = posted.mlc_here("audit", "show", report_id, "--json").json["events"]
    transactions = planned["details"]["transactions"]
    assert transactions
    said = posted.mlc_here("audit", "show", report_id).out
    assert "in no line:" in said
    assert all(f"expense {transaction}: " in said for transaction in transactions)


def _events(house: House, report_id: object) -> list[dict[str, Any]]:
    said = house.mlc_here("audit", "show", str(report_id), "--json")
    return list(said.json["events"]) if said.exit_code == 0 else []


def test_every_approved_report_is_in_the_trail_also_where_nothing_of_it_is_to_be_posted(house: House) -> None:
    period = week(1)
    documents = house.run(period).documents
    approved = [one.report_id for one in house.company.expected.values() if one.period == period]
    assert [report_id for report_id in approved if not _events(house, report_id)] == []
    (nothing,) = [one for one in documents if one["state"] == "nothing_to_post"]
    (event,) = _events(house, nothing["report_id"])
    assert (event["event"], event["period"], event["revision"]) == ("nothing_to_post", period, 1)
    assert event["details"]["reason"] == nothing["reason"] != ""
    assert event["details"]["approved_at"]
    assert len(event["details"]["content_hash"]) == 64


def test_that_nothing_is_to_be_posted_is_said_once_for_each_content_and_each_reason(house: House) -> None:
    (paid,) = house.keep_reports(lambda one: one.scenario == "company paid only")
    (report,) = house.sandbox.expensify_account.reports

    def reasons_after_two_runs() -> list[str]:
        for _ in range(2):
            house.run(paid.period or "")
        assert house.mlc_here("audit", "verify").exit_code == 0
        return [event["details"]["reason"] for event in _events(house, paid.report_id)]

    first = reasons_after_two_runs()
    assert len(first) == 1
    free = {**report["transactionList"][0], "transactionID": "9001", "reimbursable": True}
    amounts = {"amount": 0, "modifiedAmount": 0, "convertedAmount": 0}
    report["transactionList"] = [*report["transactionList"], free | amounts]
    assert reasons_after_two_runs() == first * 2
    house.configure(posting={"company_paid": "skip"})
    *before, last = reasons_after_two_runs()
    assert before == first * 2
    assert "posting.company_paid is skip" in last


def test_a_report_without_a_trail_is_a_sentence(posted: House) -> None:
    said = posted.mlc_here("audit", "show", "R00NoSuchReport")
    assert said.exit_code == 2
    assert "R00NoSuchReport" in said.last_line


def test_a_file_that_cannot_be_written_is_named_with_what_helps(posted: House, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "trail.csv"
    said = posted.mlc_here("audit", "export", "--output", str(file))
    assert said.exit_code == 2
    assert said.last_line == (
        f"{file} cannot be written: No such file or directory. Name a file in a folder that exists and that this "
        "user may write to."
    )


def test_an_untouched_trail_verifies_and_is_exported_whole(posted: House, tmp_path: Path) -> None:
    proof = posted.mlc_here("audit", "verify", "--json")
    assert (proof.exit_code, proof.json["ok"]) == (0, True)
    count = proof.json["events"]
    lines = posted.mlc_here("audit", "export").out.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == list(range(1, count + 1))
    file = tmp_path / "trail.csv"
    assert posted.mlc_here("audit", "export", "--format", "csv", "--output", str(file)).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert len(rows) == count


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_events SET details = replace(details, 'EUR', 'USD') WHERE sequence = 3", 3),
        ("DELETE FROM audit_events WHERE sequence = 4", 4),
        ("DELETE FROM audit_events WHERE sequence = (SELECT max(sequence) FROM audit_events)", None),
        ("UPDATE audit_events SET actor = 'nobody' WHERE sequence = 1", 1),
    ],
)
def test_a_tampered_trail_names_the_first_broken_event(
    house: House, tampering: str, broken_at: int | None
) -> None:
    house.run(PERIOD)
    count = house.mlc_here("audit", "verify", "--json").json["events"]
    with closing(sqlite3.connect(house.home / "mlc.db")) as database:
        triggers = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
        )
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        assert database.execute(tampering).rowcount == 1
        database.commit()
    proof = house.mlc_here("audit", "verify", "--json")
    assert (proof.exit_code, proof.json["ok"]) == (2, False)
    assert proof.json["broken_at"] == (broken_at or count)
    assert proof.json["why"]
