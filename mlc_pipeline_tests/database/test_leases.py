"""Leases: one holder at a time, over real processes; a dead holder's lease ends."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlc_pipeline.database import open_database
from mlc_pipeline.leases import LeaseUnavailable, lease
from mlc_pipeline.tables import leases
from mlc_pipeline_tests.database.processes import at_once, python, read_line


def test_a_held_lease_is_refused_to_others_until_it_is_given_back(database: sa.Engine) -> None:
    with (
        lease(database, "token of us", seconds=60, wait_seconds=0),
        pytest.raises(LeaseUnavailable, match="Another process has held “token of us” for 0 s: run again later"),
        lease(database, "token of us", seconds=60, wait_seconds=0),
    ):
        pass
    with lease(database, "token of us", seconds=60, wait_seconds=0):
        pass


def test_leases_of_other_names_are_free(database: sa.Engine) -> None:
    with (
        lease(database, "token of us", seconds=60, wait_seconds=0),
        lease(database, "token of de", seconds=60, wait_seconds=0),
    ):
        pass


def test_a_lease_is_given_back_by_a_block_that_fails(database: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), lease(database, "token of us", seconds=60, wait_seconds=0):
        raise ZeroDivisionError
    with lease(database, "token of us", seconds=60, wait_seconds=0):
        pass


def test_who_waits_gets_it_when_its_time_is_over(database: sa.Engine) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    with (
        lease(database, "token of us", seconds=0.2, wait_seconds=0),
        lease(database, "token of us", seconds=60, wait_seconds=10, sleep=sleep),
    ):
        assert 0.1 < sum(waits) < 5


def test_a_long_wait_is_told_once(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mlc_pipeline")
    monkeypatch.setattr("mlc_pipeline.leases._WORTH_A_WORD_SECONDS", 0.2)
    with (
        lease(database, "token of us", seconds=0.8, wait_seconds=0),
        lease(database, "token of us", seconds=60, wait_seconds=10),
    ):
        pass
    assert caplog.messages == ["Waiting for “token of us”: another process holds it, 0 s so far"]


def test_who_is_late_does_not_end_the_lease_of_the_next(database: sa.Engine) -> None:
    late = lease(database, "token of us", seconds=0.01, wait_seconds=0)
    late.__enter__()
    with lease(database, "token of us", seconds=60, wait_seconds=10):
        late.__exit__(None, None, None)
        with (
            pytest.raises(LeaseUnavailable),
            lease(database, "token of us", seconds=60, wait_seconds=0),
        ):
            pass


def test_no_two_processes_are_inside_at_once(database_url: str, tmp_path: Path) -> None:
    open_database(database_url).dispose()
    (tmp_path / "counter").write_text("0")
    at_once(
        """
        from pathlib import Path
        from mlc_pipeline.database import open_database
        from mlc_pipeline.leases import lease
        engine, counter = open_database(sys.argv[1]), Path(sys.argv[2])
        """,
        """
        for _ in range(10):
            with lease(engine, "counter", seconds=60, wait_seconds=60, sleep=lambda _: None):
                number = int(counter.read_text())
                counter.write_text("")
                counter.write_text(str(number + 1))
        """,
        database_url,
        str(tmp_path / "counter"),
        processes=3,
    )
    assert (tmp_path / "counter").read_text() == "30"


def test_the_lease_of_a_killed_process_has_ended_for_one_of_those_who_wait(
    database: sa.Engine, database_url: str
) -> None:
    holder = """
    import time
    from mlc_pipeline.database import open_database
    from mlc_pipeline.leases import lease
    with lease(open_database(sys.argv[1]), "token of us", seconds=600, wait_seconds=0):
        print("held", flush=True)
        time.sleep(60)
    """
    with python(holder, database_url) as process:
        assert read_line(process) == "held"
        with pytest.raises(LeaseUnavailable), lease(database, "token of us", seconds=600, wait_seconds=0.3):
            pass
        process.kill()
        process.wait()
    opening = """
    import time
    from mlc_pipeline.database import open_database
    from mlc_pipeline.leases import LeaseUnavailable, lease
    engine = open_database(sys.argv[1])
    """
    asking = """
    try:
        with lease(engine, "token of us", seconds=600, wait_seconds=0):
            print("held", flush=True)
            time.sleep(2)
    except LeaseUnavailable:
        print("refused")
    """
    assert sorted(at_once(opening, asking, database_url, processes=3)) == ["held", "refused", "refused"]
    with lease(database, "token of us", seconds=600, wait_seconds=0):
        pass


@pytest.mark.parametrize("holder", ["another-machine:1:1/17/4711/3f2a9c81d0be", "3f2a9c81d0be"])
def test_the_lease_of_a_machine_that_vanished_ends_by_itself(database: sa.Engine, holder: str) -> None:
    """So does one that was given when a holder did not say yet which process it is."""
    vanished = lease(database, "token of us", seconds=0.5, wait_seconds=0)
    vanished.__enter__()
    with database.begin() as connection:
        connection.execute(sa.update(leases).values(holder=holder))
    with pytest.raises(LeaseUnavailable), lease(database, "token of us", seconds=60, wait_seconds=0):
        pass
    with lease(database, "token of us", seconds=60, wait_seconds=10):
        pass


def set_back(database: sa.Engine, seconds: float) -> None:
    """The clock is set back: what was given before seems to last for longer by that much."""
    with database.begin() as connection:
        connection.execute(sa.update(leases).values(until_ms=leases.c.until_ms + int(seconds * 1000)))


def test_the_lease_of_a_dead_process_does_not_last_as_long_as_the_clock_was_set_back(database: sa.Engine) -> None:
    dead = lease(database, "token of us", seconds=60, wait_seconds=0)
    dead.__enter__()
    set_back(database, 3600)
    with lease(database, "token of us", seconds=60, wait_seconds=0):
        pass


def test_a_clock_that_is_corrected_by_a_little_ends_no_lease(database: sa.Engine) -> None:
    with lease(database, "token of us", seconds=60, wait_seconds=0):
        set_back(database, 1)
        with pytest.raises(LeaseUnavailable), lease(database, "token of us", seconds=60, wait_seconds=0):
            pass


def test_work_that_is_done_is_not_lost_with_the_database(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(sqlite_url)
    with lease(database, "token of us", seconds=60, wait_seconds=0):
        leases.drop(database)
    assert "was not given back" in caplog.text
    database.dispose()
