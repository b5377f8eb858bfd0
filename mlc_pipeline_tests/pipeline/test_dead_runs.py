"""With the shipped dagster.yaml and a real daemon: what dies with its machine comes to its end by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from mlc_pipeline.database import open_database
from mlc_pipeline.settings import project_root
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.front_door import ACME, House, open_house, week

DAEMON = str(Path(sys.executable).with_name("dagster-daemon"))
DAGSTER = str(Path(sys.executable).with_name("dagster"))
PATIENCE_SECONDS = 150


@pytest.fixture
def house(tmp_path: Path, new_dagster_home: Path) -> Iterator[House]:
    with open_house(tmp_path, dagster_home=new_dagster_home) as opened:
        yield opened


@contextmanager
def daemon(house: House) -> Iterator[subprocess.Popen[bytes]]:
    """A Dagster daemon with its code server and the runs it starts: one group of processes."""
    with (house.home / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [DAEMON, "run", "-w", "workspace.yaml"],
            cwd=project_root(),
            env=house.environment | {"DAGSTER_HOME": str(house.settings.dagster_home)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with_all_its_runs(process)


def with_all_its_runs(process: subprocess.Popen[bytes]) -> None:
    """Kill a daemon as a machine that loses its power does: at once, and everything on it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask_for(house: House, period: str) -> None:
    """Queue a run of the period, as the UI does."""
    said = subprocess.run(
        [DAGSTER, "job", "launch", "-w", "workspace.yaml", "-j", f"{ACME}_approval_period",
         "--tags", json.dumps({"dagster/partition": period})],
        cwd=project_root(),
        env=house.environment | {"DAGSTER_HOME": str(house.settings.dagster_home)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.25)


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


def runs(instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    """Oldest first."""
    return list(reversed(instance.get_run_records()))


def states(instance: dg.DagsterInstance) -> list[str]:
    return [record.dagster_run.status.value for record in runs(instance)]
