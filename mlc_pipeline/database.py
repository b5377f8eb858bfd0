"""Opening our own database, SQLite or PostgreSQL, and bringing its schema up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from mlc_pipeline import tables

_BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x6D6C63  # "mlc": one key for PostgreSQL's advisory lock


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to do."""


def open_database(url: str) -> sa.Engine:
    """Open the database at an SQLAlchemy URL and bring its schema up to date.

    Raises:
        DatabaseError: it cannot be reached, is read-only, full, locked or of a newer version.
    """
    engine = _create_engine(url)
    with explained(engine):
        migrate(engine)
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
    seconds = connection.execute(sa.text("select extract(epoch from clock_timestamp()) * 1000")).scalar_one()
    return int(seconds)


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
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseError(
            "MLC_DATABASE_URL is not an SQLAlchemy URL; write for example "
            "postgresql+psycopg://user:password@host/database or sqlite:////path/to/mlc.db."
        ) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(parsed, pool_pre_ping=True)
    raise DatabaseError(f"MLC_DATABASE_URL names {parsed.get_backend_name()}; use SQLite or PostgreSQL.")


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(
                f"The folder of the database {url.database} cannot be made: {error.strerror}. "
                "Set MLC_HOME or MLC_DATABASE_URL to a place that can be written."
            ) from error
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    # FULL: an intent to post must survive a power cut, else a replay would not know of it.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


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
    text = str(error.orig).strip().splitlines()[0]
    where = engine.url.render_as_string(hide_password=True)
    lowered = text.lower()
    if "readonly" in lowered or "read-only" in lowered:
        mend = "It is read-only: give this user the right to write, nothing was posted."
    elif "full" in lowered or "no space" in lowered:
        mend = "The disk is full: make room and run the period again."
    elif "locked" in lowered:
        mend = f"Another process held it for more than {_BUSY_SECONDS} s: wait for it to end and run again."
    elif "unable to open" in lowered or "connect" in lowered:
        mend = "It cannot be reached: check MLC_DATABASE_URL and that the server runs."
    elif "not a database" in lowered or "malformed" in lowered:
        mend = "The file is damaged or no SQLite database: restore a backup, then run `mlc audit verify`."
    else:
        mend = "See the message of the database."
    return f"The database {where} cannot be used: {text}. {mend}"
