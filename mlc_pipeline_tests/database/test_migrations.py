"""The schema: made from nothing, once, by one process of many, and as the tables say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import mlc_pipeline.posting.migrations
from mlc_pipeline import tables
from mlc_pipeline.database import DatabaseError, current_revision, migrate, open_database
from mlc_pipeline_tests.database.processes import at_once


@pytest.fixture
def event(database: sa.Engine) -> Iterator[sa.Engine]:
    """A database with one audit event in it."""
    row = {
        "sequence": 1,
        "at": "2026-01-05T06:00:00Z",
        "actor": "run of us",
        "event": "posted",
        "connection": "us",
        "organization_id": "10234695",
        "details": "{}",
        "previous_hash": "0" * 64,
        "hash": "1" * 64,
    }
    with database.begin() as connection:
        connection.execute(sa.insert(tables.audit_events).values(**row))
    yield database
    with database.connect() as connection:
        kept = connection.execute(sa.select(tables.audit_events)).mappings().one()
    assert {column: kept[column] for column in row} == row


def stamp(engine: sa.Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = :revision"), {"revision": revision})


def test_the_newest_migration_is_the_revision_that_the_program_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(mlc_pipeline.posting.migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_heads() == [tables.SCHEMA_REVISION]


def test_an_empty_database_gets_every_table(database: sa.Engine) -> None:
    assert current_revision(database) == tables.SCHEMA_REVISION
    assert set(tables.metadata.tables) <= set(sa.inspect(database).get_table_names())


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite does not tell what they are
def test_the_migrations_make_what_the_tables_say(database: sa.Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_the_audit_trail_of_an_empty_database_starts_at_its_beginning(database: sa.Engine) -> None:
    with database.connect() as connection:
        head = connection.execute(sa.select(tables.audit_head)).one()
    assert (head.sequence, head.hash) == (0, "0" * 64)


def test_migrating_again_changes_nothing(event: sa.Engine) -> None:
    migrate(event)
    assert current_revision(event) == tables.SCHEMA_REVISION


def test_processes_that_start_at_once_make_one_schema(database_url: str) -> None:
    revisions = at_once(
        "from mlc_pipeline.database import current_revision, open_database",
        "print(current_revision(open_database(sys.argv[1])))",
        database_url,
        processes=4,
    )
    assert revisions == [tables.SCHEMA_REVISION] * 4


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: sa.Engine, database_url: str) -> None:
    stamp(database, "9999")
    with pytest.raises(DatabaseError) as refused:
        open_database(database_url)
    assert str(refused.value) == (
        f"The database is of a newer version (schema 9999; this program knows up to {tables.SCHEMA_REVISION}). "
        "Update ml-connector, or point MLC_DATABASE_URL elsewhere."
    )
    assert current_revision(database) == "9999"


@pytest.mark.parametrize(
    "statement", ["update audit_events set actor = 'somebody else'", "delete from audit_events"]
)
def test_the_database_itself_refuses_to_change_an_audit_event(event: sa.Engine, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="audit events are never changed"), event.begin() as connection:
        connection.execute(sa.text(statement))


def test_postgresql_refuses_to_empty_the_audit_trail(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with (
        pytest.raises(sa.exc.DBAPIError, match="audit events are never changed"),
        engine.begin() as connection,
    ):
        connection.execute(sa.text("truncate audit_events"))
    engine.dispose()
