"""How a connection to SQLite or PostgreSQL is made, and for how long it waits: nothing waits without an end."""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from mlc_pipeline.database.contention import Contention
from mlc_pipeline.database.errors import DatabaseError

_BUSY_SECONDS = "30"

_REACHING = {
    "connect_timeout": "10",
    # A server that vanished does not say so: within a minute or so the network is believed to be cut.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What PostgreSQL's client is told, in seconds and milliseconds; the options of the URL go first."""

_SESSION = {
    "lock_timeout": "30s",
    "statement_timeout": "60s",
    # A machine that vanished in the middle of a transaction holds its rows no longer than others wait for them.
    "idle_in_transaction_session_timeout": "20s",
    "tcp_keepalives_idle": "30s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60s",
}
"""What PostgreSQL's server is told, where neither the URL nor the database nor the user says otherwise."""

# Said after connecting and not by the URL's `options`, which poolers such as PgBouncer refuse.
_LIMIT_SESSION = f"""
    select set_config(ours.name, ours.value, false)
    from (values {", ".join(f"('{name}', '{value}')" for name, value in _SESSION.items())}) as ours (name, value)
    join pg_settings on pg_settings.name = ours.name
    where pg_settings.source in ('default', 'configuration file')
"""  # noqa: S608 - our own constants

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def create_engine(url: str) -> sa.Engine:
    """The engine for an SQLAlchemy URL; nothing is connected yet.

    Raises:
        DatabaseError: the URL is none, or of another kind of database.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(_with_default(parsed, timeout=_BUSY_SECONDS))
    return _postgresql_engine(_with_default(parsed, **_REACHING))


def without_limits(connection: sa.Connection) -> None:
    """Let the transaction that begins now take its time, and its reader between two of its rows."""
    if connection.dialect.name == "postgresql":
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(sa.text(f"set local {name} = 0"))


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # ValueError: a port that is not a number
        raise DatabaseError(
            "MLC_DATABASE_URL is not an SQLAlchemy URL; write for example "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE or sqlite:////path/to/mlc.db."
        ) from None
    if parsed.drivername not in _DRIVERS:
        raise DatabaseError(
            f"MLC_DATABASE_URL names {parsed.drivername}: write sqlite://... or postgresql+psycopg://..."
        )
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def _with_default(url: sa.URL, **options: str) -> sa.URL:
    return url.set(query={**options, **url.query})


# PostgreSQL.


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_pre_ping=True)
    contention = Contention(engine)
    event.listen(engine, "connect", _limit_session)
    event.listen(engine, "begin", partial(_begin_in_short, contention))
    return engine


def _limit_session(connection: Any, _record: object) -> None:
    connection.execute(_LIMIT_SESSION)
    connection.commit()


def _begin_in_short(contention: Contention, connection: sa.Connection) -> None:
    if contention.is_known:
        connection.exec_driver_sql(f"set local lock_timeout = '{round(1000 * contention.PATIENCE_SECONDS)}ms'")


# SQLite.


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if url.database and not url.database.startswith((":memory:", "file:")):
        _make_folder(Path(url.database))
    engine = sa.create_engine(url)
    seconds = float(str(url.query["timeout"]))
    event.listen(engine, "connect", partial(_prepare, seconds=seconds))
    event.listen(engine, "begin", partial(_begin_immediate, Contention(engine), seconds))
    return engine


def _make_folder(database: Path) -> None:
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder of the database {database} cannot be made: {error.strerror}. "
            "Set MLC_HOME or MLC_DATABASE_URL to a place that can be written."
        ) from error


def _prepare(connection: sqlite3.Connection, _record: object, *, seconds: float) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    _use_write_ahead_log(connection, time.monotonic() + seconds)
    # FULL: an intent to post must survive a power cut, else a replay would not know of it.
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: sqlite3.Connection, deadline: float) -> None:
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # Of two processes that make a database at once SQLite refuses one here, without waiting.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _begin_immediate(contention: Contention, seconds: float, connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in between.
    if not contention.is_known:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    _wait_for(connection, min(seconds, contention.PATIENCE_SECONDS))
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        _wait_for(connection, seconds)
    contention.forget()


def _wait_for(connection: sa.Connection, seconds: float) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
