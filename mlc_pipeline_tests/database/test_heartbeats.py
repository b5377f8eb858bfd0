"""A run that lives says so; one that was killed is found by its silence."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from mlc_pipeline import heartbeats
from mlc_pipeline.database import open_database
from mlc_pipeline.heartbeats import LOOKED_ON_SECONDS, forget, heartbeat, looked_on, silent_runs
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.database.processes import python, read_line

QUICKLY = 0.6


RUN = """
    import time
    from mlc_pipeline.database import open_database
    from mlc_pipeline.heartbeats import heartbeat
    engine = open_database(sys.argv[1])
    with heartbeat(lambda: engine, "killed", seconds=float(sys.argv[2])):
        print("begun", flush=True)
        time.sleep(60)
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def heard(engine: sa.Engine) -> set[str]:
    with engine.connect() as database:
        return set(database.execute(sa.select(leases.c.name)).scalars())


def test_a_run_that_lives_longer_than_its_first_heartbeat_is_not_silent(engine: sa.Engine) -> None:
    with heartbeat(lambda: engine, "long", seconds=QUICKLY):
        time.sleep(2 * QUICKLY)
        assert silent_runs(engine) == {}
        assert heard(engine) == {"run long"}


def test_a_run_that_ended_leaves_nothing_behind(engine: sa.Engine) -> None:
    with pytest.raises(KeyboardInterrupt), heartbeat(lambda: engine, "short", seconds=QUICKLY):
        raise KeyboardInterrupt
    assert heard(engine) == set()


def test_a_run_that_was_killed_is_silent_until_it_is_forgotten(engine: sa.Engine, database_url: str) -> None:
    with python(RUN, database_url, str(QUICKLY)) as process:
        assert read_line(process) == "begun"
        assert "run killed" in heard(engine)
        process.kill()
        process.wait()
    time.sleep(QUICKLY + 0.1)
    assert list(silent_runs(engine)) == ["killed"]
    forget(engine, "killed")
    assert silent_runs(engine) == {}


def test_a_heart_that_missed_a_beat_goes_on_whatever_the_reason(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def all_busy(*_: object) -> None:
        raise sa.exc.TimeoutError("QueuePool limit of size 5 overflow 10 reached")

    with heartbeat(lambda: engine, "stubborn", seconds=QUICKLY):
        with monkeypatch.context() as patch:
            patch.setattr(heartbeats, "_beat", all_busy)
            while "not noted" not in caplog.text:
                time.sleep(0.01)
        time.sleep(2 * QUICKLY)
        assert silent_runs(engine) == {}


def test_a_heartbeat_from_before_the_clock_was_set_back_is_late_at_once(engine: sa.Engine) -> None:
    with heartbeat(lambda: engine, "killed"):
        assert silent_runs(engine) == {}
        with engine.begin() as database:
            database.execute(sa.update(leases).values(until_ms=leases.c.until_ms + 3_600_000))
        assert list(silent_runs(engine)) == ["killed"]


def test_only_a_run_that_stays_silent_while_somebody_looks_on_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: now)
    dead, looks = looked_on({"killed": 7, "slept": 8}, {})
    assert dead == []
    now += LOOKED_ON_SECONDS - 1
    dead, looks = looked_on({"killed": 7, "slept": 9}, looks)
    assert dead == []
    now += 1
    dead, looks = looked_on({"killed": 7, "slept": 9}, looks)
    assert (dead, list(looks)) == (["killed"], ["slept"])
    now -= 900  # the machine was started anew
    assert looked_on({"slept": 9}, looks) == ([], {"slept": (9, now)})
