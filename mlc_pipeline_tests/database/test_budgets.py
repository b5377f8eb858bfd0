"""One budget of many processes: it is kept in the database, forgets nothing and outlives who is killed."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from mlc_pipeline.budgets import Remembered, SharedBudget, secret_name
from mlc_pipeline.database import DatabaseError, open_database
from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport.occupancy import Limits, Occupancy, Window
from mlc_pipeline.transport.pacing import NOTHING, PAUSE, Heard, Pause, Wait
from mlc_pipeline_tests.database.processes import at_once, python, read_line

FEW = Limits(windows=(Window(3, 60.0),))

OPENED = """
from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.database import open_database
from mlc_pipeline.transport.occupancy import Limits, Window
engine = open_database(sys.argv[1])
"""


def taken(budget: SharedBudget) -> str:
    ticket = budget.take()
    assert isinstance(ticket, str)
    return ticket


def refused(budget: SharedBudget) -> Wait:
    wait = budget.take()
    assert isinstance(wait, Wait)
    return wait


def test_a_new_process_remembers_the_last_minute(database: sa.Engine, database_url: str) -> None:
    for _ in range(3):
        first = SharedBudget(database, "zoho", FEW)
        first.end(taken(first), NOTHING)
    engine = open_database(database_url)
    assert 50 < refused(SharedBudget(engine, "zoho", FEW)).seconds <= 60
    engine.dispose()


def test_budgets_of_other_names_are_other_budgets(database: sa.Engine) -> None:
    one = Limits(windows=(Window(1, 60.0),))
    for name in ("zoho 1", "zoho 2"):
        taken(SharedBudget(database, name, one))
    refused(SharedBudget(database, "zoho 1", one))


def test_a_pause_holds_for_everybody(database: sa.Engine) -> None:
    one, other = SharedBudget(database, "zoho", FEW), SharedBudget(database, "zoho", FEW)
    one.end(taken(one), Heard(Pause(60, PAUSE, "blocked")))
    wait = refused(other)
    assert (wait.kind, wait.reason) == (PAUSE, "blocked")


def test_processes_take_no_more_places_between_them_than_there_are(database: sa.Engine, database_url: str) -> None:
    code = """
    budget = SharedBudget(engine, "zoho", Limits(windows=(Window(25, 60.0),)))
    print(sum(isinstance(budget.take(), str) for _ in range(20)))
    """
    printed = at_once(OPENED, code, database_url, processes=4)
    assert sum(int(line) for line in printed) == 25


def test_threads_take_no_more_places_between_them_than_there_are(database: sa.Engine) -> None:
    budget = SharedBudget(database, "zoho", Limits(windows=(Window(25, 60.0),)))
    tickets: list[str | Wait] = []
    threads = [threading.Thread(target=lambda: tickets.extend(budget.take() for _ in range(10))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(ticket, str) for ticket in tickets) == 25


HOLDING = f"""{OPENED}
budget = SharedBudget(engine, "zoho", Limits(windows=(Window(2, 60.0),), at_once=1))
print("took" if isinstance(budget.take(), str) else "waits", flush=True)
sys.stdin.readline()
"""
ONE_AT_ONCE = Limits(windows=(Window(2, 60.0),), at_once=1)


def test_the_place_of_a_killed_process_is_free_at_once_but_stays_in_the_window(
    database: sa.Engine, database_url: str
) -> None:
    budget = SharedBudget(database, "zoho", ONE_AT_ONCE)
    with python(HOLDING, database_url) as process:
        assert read_line(process) == "took"
        assert refused(budget).seconds < 1, "while it lives its answer is waited for"
        process.kill()
        process.wait()
        budget.end(taken(budget), NOTHING)
    assert 50 < refused(budget).seconds <= 60


def test_what_a_killed_process_had_under_way_leaves_the_window_a_minute_after_somebody_saw_it(
    database: sa.Engine, database_url: str
) -> None:
    """However often somebody looks meanwhile."""
    now = int(time.time() * 1000)
    one = Limits(windows=(Window(1, 60.0),), at_once=1, lease_seconds=3600.0)
    budget = SharedBudget(database, "zoho", one, clock_ms=lambda _: now, monotonic=lambda: now / 1000)
    with python(HOLDING, database_url) as process:
        assert read_line(process) == "took"
    assert refused(budget).seconds == 60
    now += 59_000
    assert refused(budget).seconds == 1
    now += 1_000
    taken(budget)


def test_the_place_of_a_process_of_another_machine_comes_free_by_its_lease(database: sa.Engine) -> None:
    """So does one of a state that was written when tickets did not say yet whose they are."""
    now = 1_767_600_000_000
    budget = SharedBudget(database, "zoho", ONE_AT_ONCE, clock_ms=lambda _: now, monotonic=lambda: now / 1000)
    for ticket in ("another-machine:1:1/17/4711/3f2a9c81d0be", "3f2a9c81d0be"):
        write(database, Occupancy(now=now, in_flight={ticket: now + 120_000}))
        refused(budget)
        now += 119_999
        refused(budget)
        now += 1
        taken(budget)


def write(database: sa.Engine, occupancy: Occupancy) -> None:
    """The state of the budget `zoho`, as some process left it."""
    with database.begin() as connection:
        connection.execute(sa.delete(rate_budgets))
        connection.execute(sa.insert(rate_budgets).values(name="zoho", state=occupancy.written()))


def test_a_clock_that_is_set_forward_frees_no_place(database: sa.Engine) -> None:
    now, passed = 1_767_600_000_000, 0.0
    budget = SharedBudget(database, "zoho", FEW, clock_ms=lambda _: now, monotonic=lambda: passed)
    for _ in range(3):
        budget.end(taken(budget), NOTHING)
    now, passed = now + 3_600_000, passed + 1.0
    for _ in range(2):
        assert refused(budget).seconds > 58
    now, passed = now + 60_000, passed + 60.0
    taken(budget)


def test_a_clock_that_is_set_back_makes_nobody_wait_for_hours(database: sa.Engine) -> None:
    now = 1_767_600_000_000
    budget = SharedBudget(database, "zoho", FEW, clock_ms=lambda _: now)
    for _ in range(3):
        budget.end(taken(budget), NOTHING)
    now -= 3_600_000
    assert refused(budget).seconds <= 60


def test_an_answer_is_not_lost_when_the_database_is_away_and_the_next_request_is_not_sent(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(sqlite_url)
    budget = SharedBudget(engine, "zoho", FEW)
    ticket = taken(budget)
    rate_budgets.drop(engine)
    budget.end(ticket, NOTHING)
    assert "was not given back" in caplog.text
    with pytest.raises(DatabaseError):
        budget.take()
    engine.dispose()


def test_a_word_is_remembered_for_everybody(database: sa.Engine) -> None:
    assert Remembered(database, "usual").read() is None
    for word in ("10234695", "7"):
        Remembered(database, "usual").write(word)
    assert Remembered(database, "usual").read() == "7"


def test_no_secret_is_in_the_name_of_a_budget() -> None:
    name = secret_name("https://accounts.zoho.com", "1000.refresh.token")
    assert "refresh" not in name
    assert name == secret_name("https://accounts.zoho.com", "1000.refresh.token")
    assert name != secret_name("https://accounts.zoho.eu", "1000.refresh.token")
