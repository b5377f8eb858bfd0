"""Opening our own database, SQLite or PostgreSQL, and bringing its schema up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from mlc_pipeline import tables

_BUSY_SECONDS = "30"
_CONNECT_SECONDS = "10"
_MIGRATION_LOCK = 0x6D6C63  # "mlc": one key for PostgreSQL's advisory lock


_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

_PLACE = ("host", "port", "dbname")
"""The options of a URL that say where the database is; others may hold a secret and are never shown."""

# By the names of SQLite's result codes and by PostgreSQL's SQLSTATE; the first that the error's begins with.
_MENDS = {
    ("SQLITE_READONLY", "25006"): "It is read-only: give this user the right to write; nothing was posted.",
    ("SQLITE_FULL", "53100"): "The disk is full: make room and run the period again.",
    ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03"): (
        "Another process held it for too long: wait for it to end and run again."
    ),
    ("SQLITE_CANTOPEN",): "It must be a file in a folder, both of which this user may write.",
    ("SQLITE_NOTADB", "SQLITE_CORRUPT"): (
        "The file is damaged or no SQLite database: restore a backup, then run `mlc audit verify`."
    ),
    ("SQLITE_PERM", "42501", "28"): "This user may not do that: give it the right, or name another user.",
    ("08", "57P"): "It cannot be reached: check MLC_DATABASE_URL and that the server runs.",
}


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to do."""


def open_database(url: str) -> sa.Engine:
    """Open the database at an SQLAlchemy URL and bring its schema up to date.

    Raises:
        DatabaseError: it cannot be reached, is read-only, full, locked or of a newer version.
    """
    engine = _create_engine(url)
    try:
        with explained(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(engine: sa.Engine) -> None:
    """Upgrade the schema to `tables.SCHEMA_REVISION`; does nothing when it is there already."""
    if current_revision(engine) == tables.SCHEMA_REVISION:
        return
    from alembic import command  # a third of a second to import, needed once in the life of a database

    with _one_migrator(engine) as connection:
        known = _revisions()
        found = _stamped(connection)
        if found is not None and found not in known:
            raise DatabaseError(
                f"The database is of a newer version (schema {found}; this program knows up to "
                f"{tables.SCHEMA_REVISION}). Update ml-connector, or point MLC_DATABASE_URL elsewhere."
            )
        command.upgrade(_alembic_config(connection), "head")


def current_revision(engine: sa.Engine) -> str | None:
    """The schema revision that the database says it has; None for an empty one."""
    with engine.connect() as connection:
        return _stamped(connection)


def now_ms(connection: sa.Connection) -> int:
    """The database's own clock, so that all machines that share it agree on a lease."""
    if connection.dialect.name == "sqlite":
        return time.time_ns() // 1_000_000
    moment = connection.execute(sa.text("select extract(epoch from clock_timestamp()) * 1000")).scalar_one()
    return int(moment)


@contextmanager
def explained(engine: sa.Engine) -> Iterator[None]:
    """Turn the driver's errors into one sentence for a person."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise DatabaseError(_sentence(engine, error)) from error


def _create_engine(url: str) -> sa.Engine:
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(_with_default(parsed, timeout=_BUSY_SECONDS))
    return sa.create_engine(_with_default(parsed, connect_timeout=_CONNECT_SECONDS), pool_pre_ping=True)


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


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if url.database and not url.database.startswith((":memory:", "file:")):
        _make_folder(Path(url.database))
    engine = sa.create_engine(url)
    event.listen(engine, "connect", partial(_prepare, seconds=float(str(url.query["timeout"]))))
    event.listen(engine, "begin", _begin_immediate)
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


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _one_migrator(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        yield connection


def _stamped(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar()


def _alembic_config(connection: sa.Connection | None = None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "posting" / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic_config()).walk_revisions()}


def _sentence(engine: sa.Engine, error: sa.exc.DBAPIError) -> str:
    said = str(error.orig).strip() or type(error.orig).__name__
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return f"The database {_place(engine.url)} cannot be used: {said.splitlines()[0]}. {_mend(error, code)}"


def _mend(error: sa.exc.DBAPIError, code: str | None) -> str:
    # The server cannot give its code to somebody whom it does not let in.
    known = code or ("08" if isinstance(error, sa.exc.OperationalError) else "")
    return next((mend for codes, mend in _MENDS.items() if known.startswith(codes)), "See its own message.")


def _place(url: sa.URL) -> str:
    shown = url.set(query={key: value for key, value in url.query.items() if key in _PLACE})
    return shown.render_as_string(hide_password=True)
