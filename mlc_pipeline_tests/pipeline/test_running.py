"""`mlc run`: what it prints, for people and as JSON, and what its exit code says."""

from __future__ import annotations

import json
import time

import pytest
import sqlalchemy as sa

from mlc_pipeline.resources import Database
from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport import pacing
from mlc_pipeline_tests.front_door import ACME, House, Said, week

DOCUMENT_KEYS = {
    "report_id", "revision", "kind", "state", "zoho_id", "number", "currency", "total_cents", "reason"
}  # fmt: skip
RECONCILIATION_KEYS = {"balanced", "expensify_total_cents", "posted_total_cents", "in_review_total_cents"}
RUN = ("run", "--connection", ACME, "--period", week(0))


def check_shape(said: Said) -> None:
    """What the design promises of `mlc run --json`."""
    told = said.json
    assert {"connection", "period", "run_id", "reports", "documents", "reconciliation"} <= told.keys()
    assert told["reconciliation"].keys() >= RECONCILIATION_KEYS
    for document in told["documents"]:
        assert document.keys() >= DOCUMENT_KEYS
        assert document["state"] in {"posted", "review", "unknown", "failed", "nothing_to_post"}
        assert isinstance(document["total_cents"], int)
        if document["state"] == "posted":
            assert document["zoho_id"]
            assert document["number"]
        if document["state"] == "review":
            assert document["reason"]


def test_a_run_in_its_own_process_prints_one_json_object_and_leaves_with_0(house: House) -> None:
    expected = house.keep_reports(lambda one: one.period == week(0) and one.review is None)
    said = house.mlc(*RUN, "--json")
    assert said.exit_code == 0, said.err
    check_shape(said)
    told = said.json
    assert (told["connection"], told["period"], told["reports"]) == (ACME, week(0), len(expected))
    assert {one["report_id"]: one["total_cents"] for one in told["documents"]} == {
        one.report_id: one.reimbursable_cents for one in expected
    }
    assert told["reconciliation"]["balanced"] is True
    assert told["reconciliation"]["expensify_total_cents"]
    assert "Traceback" not in said.err
    with house.dagster_instance() as instance:
        run = instance.get_run_by_id(told["run_id"])
        assert run is not None
        assert run.is_success


def test_a_run_with_something_in_review_leaves_with_1_and_says_why(house: House) -> None:
    waiting = house.keep_reports(lambda one: one.review == "unmapped_category" and one.period == week(0))
    said = house.mlc_here(*RUN, "--json")
    assert said.exit_code == 1, said.err
    check_shape(said)
    assert len(said.json["documents"]) == len(waiting) > 0
    for document in said.json["documents"]:
        assert (document["state"], document["zoho_id"]) == ("review", None)
        assert "mapping.categories" in document["reason"]
    reconciliation = said.json["reconciliation"]
    assert reconciliation["balanced"] is True
    assert sum(reconciliation["in_review_total_cents"].values()) == sum(one.reimbursable_cents for one in waiting)


def test_a_failed_run_leaves_with_2_and_is_one_json_object_all_the_same(house: House) -> None:
    house.sandbox.expensify_account.faults.add("http_500", job="file")
    said = house.mlc_here(*RUN, "--json")
    assert said.exit_code == 2
    check_shape(said)
    assert said.json["reconciliation"]["balanced"] is False
    assert "Expensify answered 500" in said.json["failure"]


def test_people_see_a_table_of_documents_and_the_reconciliation(house: House) -> None:
    house.keep_reports(lambda one: one.period == week(0) and one.review is None)
    said = house.mlc_here(*RUN)
    assert said.exit_code == 0
    for bill in house.organization.bills.values():
        assert bill["bill_number"] in said.out
        assert f"{bill['total']:,.2f} {bill['currency_code']}" in said.out
    assert "Reconciliation" in said.out


def test_a_period_without_reports_is_done_and_balances(house: House) -> None:
    said = house.mlc_here("run", "--connection", ACME, "--period", week(8), "--json")
    assert said.exit_code == 0, said.err
    assert (said.json["reports"], said.json["documents"]) == (0, [])
    assert said.json["reconciliation"]["balanced"] is True
    assert house.writes() == []


def test_a_person_reads_why_a_run_waits_although_it_only_glances(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "_WORTH_A_WORD_SECONDS", 0.3)
    house.keep_reports(lambda one: one.period == week(0) and one.review is None)
    house.run(week(1))
    hold_all_places(house, seconds=5)
    said = house.mlc_here(*RUN, "--json")
    assert said.exit_code == 0, said.err
    check_shape(said)
    told = [line for line in said.err.splitlines() if "all places are taken" in line]
    assert len(told) == 1, said.err
    assert told[0].startswith("Waiting for a place for a request to 127.0.0.1: ")


def hold_all_places(house: House, seconds: float) -> None:
    """As a machine does that vanished with its requests to Zoho Books under way."""
    until = int((time.time() + seconds) * 1000)
    held = {f"another-machine:1:1/17/4711/{number}": until for number in range(house.connection.zoho.concurrency)}
    budgets = rate_budgets.c.name.startswith("zoho http")
    with Database(house.settings).engine.begin() as database:
        for name, state in database.execute(sa.select(rate_budgets.c.name, rate_budgets.c.state).where(budgets)):
            changed = json.dumps(json.loads(state) | {"in_flight": held})
            database.execute(sa.update(rate_budgets).where(rate_budgets.c.name == name).values(state=changed))
