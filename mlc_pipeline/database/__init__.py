"""Opening our own database, SQLite or PostgreSQL, and bringing its schema up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlc_pipeline import tables
from mlc_pipeline.database.engines import create_engine
from mlc_pipeline.database.engines import without_limits as without_limits
from mlc_pipeline.database.errors import DatabaseError as DatabaseError
from mlc_pipeline.database.errors import explained as explained

_MIGRATION_LOCK = 0x6D6C63  # "mlc": one key for PostgreSQL's advisory lock


def open_database(url: str) -> sa.Engine:
    """Open the database at an SQLAlchemy URL and bring its schema up to date.

    Raises:
        DatabaseError: it cannot be reached, is read-only, full, locked or of a newer version.
    """
    engine = create_engine(url)
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
def _one_migrator(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        without_limits(connection)  # a migration takes its time, and so may the one that is waited for
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
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "posting" / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic_config()).walk_revisions()}
