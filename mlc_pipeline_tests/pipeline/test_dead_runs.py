"""With the shipped dagster.yaml and a real daemon: what dies with its machine comes to its end by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from mlc_pipeline.database import open_database
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.dagster_daemon import ask_for, daemon, runs, states, wait_until, with_all_its_runs
from mlc_pipeline_tests.front_door import House, open_house, week


@pytest.fixture
def house(tmp_path: Path, new_dagster_home: Path) -> Iterator[House]:
    with open_house(tmp_path, dagster_home=new_dagster_home) as opened:
        yield opened


def test_a_run_whose_machine_died_is_ended_and_its_period_posted_once_all_the_same(house: House) -> None:
    books = house.sandbox.zoho_books
    books.limits.latency = 0.4
    with house.dagster_instance() as instance:
        ask_for(house, week(0))
        with daemon(house) as before:
            wait_until(lambda: bool(house.writes()), "the first document")
            with_all_its_runs(before)
        books.limits.latency = 0.0
        (died,) = runs(instance)
        assert died.dagster_run.status == dg.DagsterRunStatus.STARTED
        two_minutes_pass(house)
        with daemon(house):
            wait_until(lambda: "SUCCESS" in states(instance), "the retry of the run that died")
        assert states(instance) == ["FAILURE", "SUCCESS"]
    told = house.run(week(0))
    assert (told.writes, told.failure) == (0, None)
    assert told.reconciliation.balanced
    numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(numbers) == len(set(numbers))


def test_the_same_period_asked_for_twice_at_once_runs_one_after_the_other(house: House) -> None:
    with house.dagster_instance() as instance:
        ask_for(house, week(0))
        ask_for(house, week(0))
        with daemon(house):
            wait_until(lambda: states(instance) == ["SUCCESS", "SUCCESS"], "both runs")
        first, second = sorted((record.start_time or 0, record.end_time or 0) for record in runs(instance))
    assert first[1] <= second[0]
    numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(numbers) == len(set(numbers)) > 0


def two_minutes_pass(house: House) -> None:
    """For the heartbeats alone: nobody wants to wait for them here."""
    engine = open_database(house.settings.database_url)
    with engine.begin() as database:
        database.execute(sa.update(leases).values(until_ms=leases.c.until_ms - 120_000))
    engine.dispose()
