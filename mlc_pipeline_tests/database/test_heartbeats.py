"""A run that lives says so; one that was killed is found by its silence."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from mlc_pipeline.database import open_database
from mlc_pipeline.heartbeats import forget, heartbeat, silent_runs
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.database.processes import python, read_line

QUICKLY = 0.6


RUN = """
    import time
    from mlc_pipeline.database import open_database
    from mlc_pipeline.heartbeats import heartbeat
    with heartbeat(open_database(sys.argv[1]), "killed", seconds=float(sys.argv[2])):
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
    with heartbeat(engine, "long", seconds=QUICKLY):
        time.sleep(2 * QUICKLY)
        assert silent_runs(engine) == ()
        assert heard(engine) == {"run long"}


def test_a_run_that_ended_leaves_nothing_behind(engine: sa.Engine) -> None:
    with pytest.raises(KeyboardInterrupt), heartbeat(engine, "short", seconds=QUICKLY):
        raise KeyboardInterrupt
    assert heard(engine) == set()


def test_a_run_that_was_killed_is_silent_until_it_is_forgotten(engine: sa.Engine, database_url: str) -> None:
    with python(RUN, database_url, str(QUICKLY)) as process:
        assert read_line(process) == "begun"
        assert "run killed" in heard(engine)
        process.kill()
        process.wait()
    time.sleep(QUICKLY + 0.1)
    assert silent_runs(engine) == ("killed",)
    forget(engine, "killed")
    assert silent_runs(engine) == ()
