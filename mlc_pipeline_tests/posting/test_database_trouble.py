"""A database that is full, read-only, held or gone in a run: a clear sentence, nothing lost, nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.database import DatabaseError, open_database
from mlc_pipeline.tables import audit_head
from mlc_pipeline_tests.posting.reports import Report, report
from mlc_pipeline_tests.posting.room import Room, open_room

PARTS: tuple[Part, ...] = ("reimbursable", "company_paid") * 4
REPORTS = tuple(report(f"R{number}", 100 + number, part=part) for number, part in enumerate(PARTS))


@contextmanager
def at_most(pages: int, engine: sa.Engine) -> Iterator[None]:
    """An SQLite file that cannot grow beyond so many pages more than it has."""

    def limit(connection: sa.Connection) -> None:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limits.setdefault('pages', size + pages)}")

    limits: dict[str, int] = {}
    event.listen(engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(engine, "begin", limit)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


def test_wherever_the_disk_becomes_full_the_next_run_makes_up_for_it(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    stopped = 0
    with open_room(engine, sqlite_url) as room:
        for pages in range(12):
            reports = tuple(report(f"{pages}-{one.report_id}", one.cents, part=one.part) for one in REPORTS)
            period = f"2026-01-{pages + 1:02}"
            with at_most(pages, engine):
                stopped += _ends_for_want_of_space(room, *reports, period=period)
            outcome = room.run(*reports, period=period)
            assert set(outcome.states.values()) == {"posted"}
            assert room.run(*reports, period=period).progress.writes == 0
        assert len(room.bills()) == 12 * 4
        assert len({bill["bill_number"] for bill in room.bills()}) == 12 * 4
        assert len({one["reference_number"] for one in room.organization.journals.values()}) == 12 * 4
        assert len(room.organization.journals) == 12 * 4
        assert stopped >= 6
        room.assert_trail_holds()
    engine.dispose()


def _ends_for_want_of_space(room: Room, *reports: Report, period: str) -> bool:
    try:
        room.run(*reports, period=period)
    except DatabaseError as error:
        if "The disk is full" not in str(error):
            raise
        return True
    return False


def test_a_database_that_may_only_be_read_is_named_before_anything_is_sent(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with open_room(engine, postgresql_url) as room:
        _set_read_only(engine, "on")
        with pytest.raises(DatabaseError, match="read-only"):
            room.run(*REPORTS)
        assert room.writes() == 0
        _set_read_only(engine, "off")
        room.run(*REPORTS)
        room.assert_exactly_once(*REPORTS)
    engine.dispose()


def _set_read_only(engine: sa.Engine, value: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.execute(sa.text("select current_database()")).scalar_one()
        connection.execute(sa.text("set session characteristics as transaction read write"))
        connection.execute(sa.text(f"alter database {name} set default_transaction_read_only = {value}"))
    engine.dispose()  # it holds for new connections


@contextmanager
def broken_at(transaction: int, engine: sa.Engine) -> Iterator[None]:
    """A PostgreSQL server that ends our connection just after this transaction of ours has begun."""
    begun = 0

    def end(connection: sa.Connection) -> None:
        nonlocal begun
        begun += 1
        if begun == transaction:
            pid = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
            with other.begin() as somebody:
                somebody.exec_driver_sql(f"select pg_terminate_backend({pid}, 5000)")

    other = sa.create_engine(engine.url)
    event.listen(engine, "begin", end)
    try:
        yield
    finally:
        event.remove(engine, "begin", end)
        other.dispose()


def test_wherever_the_connection_is_lost_in_a_run_the_next_run_makes_up_for_it(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    stopped = 0
    with open_room(engine, postgresql_url) as room:
        for transaction in range(1, 30, 3):
            reports = tuple(report(f"{transaction}-{one.report_id}", one.cents, part=one.part) for one in REPORTS)
            period = f"2026-01-{transaction:02}"
            with broken_at(transaction, engine):
                try:
                    room.run(*reports, period=period, workers=1 + transaction % 3)
                except DatabaseError as error:
                    if not error.temporary:
                        raise
                    stopped += 1
            outcome = room.run(*reports, period=period)
            assert set(outcome.states.values()) == {"posted"}
            assert room.run(*reports, period=period).progress.writes == 0
        assert len(room.bills()) == len({bill["bill_number"] for bill in room.bills()}) == 10 * 4
        numbers = {one["reference_number"] for one in room.organization.journals.values()}
        assert len(room.organization.journals) == len(numbers) == 10 * 4
        assert stopped >= 8
        room.assert_trail_holds()
    engine.dispose()


def test_a_trail_that_somebody_holds_for_long_stops_the_run_soon_and_the_next_one_goes_on(
    postgresql_url: str,
) -> None:
    url = sa.make_url(postgresql_url).update_query_dict({"options": "-c lock_timeout=1s"})
    engine, other = open_database(url.render_as_string(hide_password=False)), open_database(postgresql_url)
    with open_room(engine, postgresql_url) as room:
        room.run(*REPORTS[:2])
        with other.begin() as somebody:
            somebody.execute(sa.select(audit_head).with_for_update())
            began = time.monotonic()
            with pytest.raises(DatabaseError, match="Another process held it for too long") as stopped:
                room.run(*REPORTS, workers=5)
            assert time.monotonic() - began < 10
        assert stopped.value.temporary
        room.run(*REPORTS, workers=5)
        room.assert_exactly_once(*REPORTS)
    other.dispose()
    engine.dispose()


def test_a_connection_to_the_database_that_breaks_between_two_runs_is_made_anew(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with open_room(engine, postgresql_url) as room:
        room.run(REPORTS[0])
        with engine.connect() as connection:
            pid = connection.execute(sa.text("select pg_backend_pid()")).scalar_one()
        other = open_database(postgresql_url)
        with other.begin() as connection:
            connection.execute(sa.text(f"select pg_terminate_backend({pid})"))
        other.dispose()
        room.run(*REPORTS)
        room.assert_exactly_once(*REPORTS)
    engine.dispose()
