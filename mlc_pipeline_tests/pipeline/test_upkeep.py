"""The sensor that ends dead runs: a jump of the clock, or a machine that slept, ends none that lives."""

from __future__ import annotations

import time

import dagster as dg
import pytest
import sqlalchemy as sa

from mlc_pipeline import heartbeats, sensors
from mlc_pipeline.database import open_database
from mlc_pipeline.heartbeats import heartbeat
from mlc_pipeline.resources import Database
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.front_door import House

BEATS_EVERY = 0.1


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "LOOKED_ON_SECONDS", 0.5)


class Upkeep:
    """The sensor, tick after tick."""

    def __init__(self, house: House, instance: dg.DagsterInstance) -> None:
        database = Database(house.settings)
        self._sensor = sensors.upkeep(lambda: database.engine, ())
        self._instance = instance
        self._cursor: str | None = None

    def tick(self) -> str:
        with dg.build_sensor_context(instance=self._instance, cursor=self._cursor) as context:
            told = self._sensor.evaluate_tick(context)
        self._cursor = told.cursor
        return str(told.skip_message)


@pytest.mark.parametrize("jump", [180_000, -3_600_000], ids=["forward", "back"])
def test_a_living_run_survives_a_jump_of_the_clock(house: House, jump: int) -> None:
    engine = open_database(house.settings.database_url)
    with house.dagster_instance() as instance:
        run_id = instance.add_run(started("alive")).run_id
        upkeep = Upkeep(house, instance)
        with heartbeat(lambda: engine, run_id, seconds=6 * BEATS_EVERY):
            the_clock_jumps(engine, jump)
            until = heartbeat_of(engine)
            said = upkeep.tick()
            while heartbeat_of(engine) == until:
                time.sleep(BEATS_EVERY)
            time.sleep(0.6)
            said += upkeep.tick()
        assert "had died" not in said
        assert status(instance, run_id) == dg.DagsterRunStatus.STARTED
    engine.dispose()


def test_a_run_that_died_is_ended_at_the_second_look(house: House) -> None:
    engine = open_database(house.settings.database_url)
    with house.dagster_instance() as instance:
        run_id = instance.add_run(started("dead")).run_id
        upkeep = Upkeep(house, instance)
        heartbeats._beat(engine, run_id, -60)
        assert upkeep.tick() == f"No run has died. Late, looked at again at the next tick: {run_id}."
        assert status(instance, run_id) == dg.DagsterRunStatus.STARTED
        time.sleep(0.6)
        assert upkeep.tick() == f"Runs that had died: {run_id}."
        assert status(instance, run_id) == dg.DagsterRunStatus.FAILURE
        assert upkeep.tick() == "No run has died."
    engine.dispose()


def started(name: str) -> dg.DagsterRun:
    return dg.DagsterRun(job_name=name, status=dg.DagsterRunStatus.STARTED)


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def heartbeat_of(engine: sa.Engine) -> int:
    with engine.connect() as database:
        return int(database.execute(sa.select(leases.c.until_ms)).scalar_one())


def the_clock_jumps(engine: sa.Engine, milliseconds: int) -> None:
    """Seen from the heartbeats: what was to last until then ends earlier by that much."""
    with engine.begin() as database:
        database.execute(sa.update(leases).values(until_ms=leases.c.until_ms - milliseconds))
