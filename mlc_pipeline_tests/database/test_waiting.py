"""Nothing waits without an end for a database that somebody holds, nor for a machine that has vanished."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.database import DatabaseError, explained, open_database
from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport.occupancy import Limits, Window
from mlc_pipeline.transport.pacing import NOTHING
from mlc_pipeline_tests.databases import opened

PLENTY = Limits(windows=(Window(100, 60.0),))


def with_options(url: str, **options: str) -> str:
    """A PostgreSQL URL whose sessions have these settings."""
    said = " ".join(f"-c {name}={value}" for name, value in options.items())
    return sa.make_url(url).update_query_dict({"options": said}).render_as_string(hide_password=False)


@contextmanager
def held(url: str) -> Iterator[None]:
    """Somebody else has the rows of all budgets, or on SQLite the whole file."""
    with opened(url) as engine, engine.begin() as connection:
        connection.execute(sa.select(rate_budgets).with_for_update())
        yield


def shown(engine: sa.Engine, name: str) -> str:
    with engine.connect() as connection:
        return str(connection.execute(sa.text(f"show {name}")).scalar_one())


def test_no_session_waits_for_ever(postgresql_url: str) -> None:
    with opened(postgresql_url) as engine:
        assert shown(engine, "lock_timeout") == "30s"
        assert shown(engine, "statement_timeout") == "1min"
        assert shown(engine, "idle_in_transaction_session_timeout") == "20s"


def test_what_the_url_says_goes_first(postgresql_url: str) -> None:
    with opened(with_options(postgresql_url, lock_timeout="2min", statement_timeout="0")) as engine:
        assert shown(engine, "lock_timeout") == "2min"
        assert shown(engine, "statement_timeout") == "0"
        assert shown(engine, "idle_in_transaction_session_timeout") == "20s"


def test_who_holds_a_row_and_vanishes_does_not_stop_the_others(postgresql_url: str) -> None:
    quickly = with_options(postgresql_url, idle_in_transaction_session_timeout="300ms")
    with opened(postgresql_url) as engine, opened(quickly) as other:
        budget = SharedBudget(engine, "zoho", PLENTY)
        budget.end(str(budget.take()), NOTHING)
        vanished = other.connect()
        vanished.execute(sa.select(rate_budgets).with_for_update())  # no COMMIT ever comes
        assert isinstance(budget.take(), str)
        with pytest.raises(DatabaseError, match="stood still in the middle of a transaction") as ended:
            ask(other, vanished, "select 1")
        assert ended.value.temporary
        vanished.close()


def ask(engine: sa.Engine, connection: sa.Connection, statement: str) -> None:
    with explained(engine):
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ("lock_timeout", "Another process held it for too long"),
        ("statement_timeout", "It took too long to answer"),
    ],
)
def test_a_row_that_stays_locked_is_given_up_with_a_sentence(
    postgresql_url: str, limit: str, sentence: str
) -> None:
    with opened(with_options(postgresql_url, **{limit: "200ms"})) as engine:
        budget = SharedBudget(engine, "zoho", PLENTY)
        budget.end(str(budget.take()), NOTHING)
        with held(postgresql_url), pytest.raises(DatabaseError, match=sentence) as given_up:
            budget.take()
        assert given_up.value.temporary
        assert isinstance(budget.take(), str)


def test_a_migration_takes_its_time(postgresql_url: str) -> None:
    migrator = sa.create_engine(postgresql_url)
    with migrator.connect() as connection:
        connection.execute(sa.text(f"select pg_advisory_xact_lock({0x6D6C63})"))
        engines: list[sa.Engine] = []
        waiting = with_options(postgresql_url, lock_timeout="100ms", statement_timeout="100ms")
        opening = threading.Thread(target=lambda: engines.append(open_database(waiting)))
        opening.start()
        opening.join(0.7)
        assert opening.is_alive()
        connection.commit()
        opening.join()
    migrator.dispose()
    (engine,) = engines
    assert shown(engine, "lock_timeout") == "100ms"
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def waiting_a_second(request: pytest.FixtureRequest) -> str:
    """The URL of a database for which our process waits a second."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return f"{url}?timeout=1" if request.param == "sqlite" else with_options(url, lock_timeout="1s")


def test_those_who_stand_behind_one_who_waited_in_vain_do_not_wait_as_long_again(waiting_a_second: str) -> None:
    with opened(waiting_a_second) as engine:
        budget = SharedBudget(engine, "zoho", PLENTY)
        ticket = str(budget.take())
        refused: list[DatabaseError] = []

        def take() -> None:
            with budget.queue:
                try:
                    budget.take()
                except DatabaseError as error:
                    refused.append(error)

        with held(waiting_a_second):
            assert seconds_of(lambda: at_once(take, 6)) < 1 + 5 * 0.5 + 1
            assert len(refused) == 6
            assert all(error.temporary for error in refused)
        budget.end(ticket, NOTHING)
        assert isinstance(budget.take(), str)


def test_who_comes_after_it_was_given_back_is_served(waiting_a_second: str) -> None:
    """What is to be settled is tried once in any case."""
    with opened(waiting_a_second) as engine:
        budget = SharedBudget(engine, "zoho", PLENTY)
        budget.end(str(budget.take()), NOTHING)
        with held(waiting_a_second), pytest.raises(DatabaseError):
            budget.take()
        assert isinstance(budget.take(), str)


def at_once(act: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def seconds_of(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
