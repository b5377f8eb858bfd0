"""What is wrong with a database is one sentence, and a password is never in it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from traceback import format_exception

import psycopg
import pytest
import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, explained, open_database
from mlc_pipeline_tests.databases import PostgresServer, opened

PASSWORD = "Tr0ub4dor"
UNREACHABLE = (
    f"postgresql://mlc:{PASSWORD}@127.0.0.1:1/books",
    f"postgresql+psycopg://mlc@127.0.0.1:1/books?password={PASSWORD}",
    f"postgres://mlc:{PASSWORD}@db.invalid/books",
)
WRONG = (
    "",
    "mlc.db",
    f"//mlc:{PASSWORD}@db.example/books",
    f"postgresql://mlc:{PASSWORD}@db.example:port/books",
    f"mysql://mlc:{PASSWORD}@db.example/books",
    f"postgresql+nodriver://mlc:{PASSWORD}@db.example/books",
    f"postgresql+asyncpg://mlc:{PASSWORD}@db.example/books",
    f"Postgresql+psycopg ://mlc:{PASSWORD}@db.example/books",
)


def refusal(url: str) -> str:
    with pytest.raises(DatabaseError) as refused:
        open_database(url)
    assert PASSWORD not in "".join(format_exception(refused.value))
    return str(refused.value)


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_is_answered_with_a_right_one(url: str) -> None:
    sentence = refusal(url)
    assert "MLC_DATABASE_URL" in sentence
    assert "postgresql+psycopg://" in sentence


@pytest.mark.parametrize("url", UNREACHABLE)
def test_a_server_that_cannot_be_reached_is_named_without_the_password(url: str) -> None:
    sentence = refusal(url)
    assert sentence.startswith("The database postgresql+psycopg://mlc")
    assert sentence.endswith("It cannot be reached: check MLC_DATABASE_URL and that the server runs.")


def ended_for_good(url: str) -> str:
    """What is said when nothing would be better later, at once."""
    before = time.monotonic()
    with pytest.raises(DatabaseError) as refused:
        open_database(url)
    assert not refused.value.temporary
    assert time.monotonic() - before < 5
    assert PASSWORD not in "".join(format_exception(refused.value))
    return str(refused.value)


def test_a_database_that_the_server_does_not_have_is_named(postgresql_server: PostgresServer) -> None:
    sentence = ended_for_good(postgresql_server.url("nowhere"))
    assert 'database "nowhere" does not exist' in sentence
    assert sentence.endswith("create it there, or correct its name in MLC_DATABASE_URL.")


@pytest.fixture(scope="module")
def guest(postgresql_server: PostgresServer) -> str:
    """A user whom the server asks for a password."""
    postgresql_server.create_user("guest", "the right one")
    return "guest"


def test_a_wrong_password_is_said_at_once(postgresql_url: str, guest: str) -> None:
    def url(*password: str) -> str:
        return postgresql_url.replace("postgres:@", f"{':'.join((guest, *password))}@")

    wrong_or_none = "The user name or the password is wrong: correct it in MLC_DATABASE_URL."
    deadline = time.monotonic() + 5  # the server reads its new rules in a moment
    while "password authentication failed" not in (sentence := refusal(url(PASSWORD))):
        assert time.monotonic() < deadline, sentence
    assert ended_for_good(url(PASSWORD)).endswith(wrong_or_none)
    assert ended_for_good(url()).endswith(wrong_or_none)
    assert ended_for_good(postgresql_url.replace("postgres:@", f"nobody:{PASSWORD}@")).endswith(wrong_or_none)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("57P03", "the database system is starting up"),
        ("57P03", "the database system is shutting down"),
        ("53300", "sorry, too many clients already"),
        ("53300", 'too many connections for role "mlc"'),
        ("58000", "LDAP authentication failed"),
    ],
)
def test_a_server_that_lets_nobody_in_for_a_while_is_waited_for(code: str, words: str) -> None:
    with refusing_server(code, words) as port, pytest.raises(DatabaseError, match=words) as refused:
        open_database(f"postgresql://mlc:{PASSWORD}@127.0.0.1:{port}/books")
    assert refused.value.temporary
    assert PASSWORD not in "".join(format_exception(refused.value))


def test_of_several_addresses_the_one_that_refused_is_named() -> None:
    words = 'password authentication failed for user "mlc"'
    with refusing_server("28P01", words) as port:
        url = f"postgresql://mlc:{PASSWORD}@/books?host=127.0.0.1:1&host=127.0.0.1:{port}"
        assert words in ended_for_good(url)


@contextmanager
def refusing_server(code: str, words: str) -> Iterator[int]:
    """A port at which every client is refused, as PostgreSQL's protocol has it."""

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client:
                    while int.from_bytes(client.recv(1024)[4:8]) in (80877103, 80877104):
                        client.sendall(b"N")  # no encryption here
                    fields = b"".join(
                        kind + text.encode() + b"\0"
                        for kind, text in ((b"S", "FATAL"), (b"C", code), (b"M", words))
                    )
                    client.sendall(b"E" + (len(fields) + 5).to_bytes(4) + fields + b"\0")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=serve, args=(listening,))
        serving.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()


def test_every_spelling_of_postgresql_opens_it(postgresql_url: str) -> None:
    for scheme in ("postgresql+psycopg", "postgresql", "postgres"):
        with opened(postgresql_url.replace("postgresql+psycopg", scheme)) as engine:
            assert engine.dialect.driver == "psycopg"


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/new/folder/mlc.db"):
        assert (tmp_path / "new/folder/mlc.db").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = refusal(f"sqlite:///{tmp_path}/file/mlc/mlc.db")
    assert sentence.startswith(f"The folder of the database {tmp_path}/file/mlc/mlc.db cannot be made: Not a dir")
    assert "Set MLC_HOME or MLC_DATABASE_URL" in sentence


def test_a_folder_in_the_place_of_the_file_is_no_database(tmp_path: Path) -> None:
    assert "It must be a file in a folder" in refusal(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 400, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mlc.db").write_bytes(content)
    assert "The file is damaged or no SQLite database: restore a backup" in refusal(f"sqlite:///{tmp_path}/mlc.db")
    assert (tmp_path / "mlc.db").read_bytes() == content


def test_a_read_only_file_can_be_read_but_not_written(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/mlc.db"):
        pass
    with (
        opened(f"sqlite:///file:{tmp_path}/mlc.db?mode=ro&uri=true") as engine,
        pytest.raises(DatabaseError, match="It is read-only: give this user the right to write; nothing was"),
    ):
        write_a_megabyte(engine)


def test_a_read_only_file_without_our_schema_is_refused(tmp_path: Path) -> None:
    sa.create_engine(f"sqlite:///{tmp_path}/mlc.db").connect().close()
    assert "It is read-only" in refusal(f"sqlite:///file:{tmp_path}/mlc.db?mode=ro&uri=true")


def test_a_read_only_postgresql_database_is_refused(postgresql_url: str) -> None:
    with opened(postgresql_url) as engine, engine.connect() as connection:
        connection.execute(sa.text("drop table alembic_version"))
        name = connection.engine.url.database
        connection.execute(sa.text(f"alter database {name} set default_transaction_read_only = on"))
        connection.commit()
    assert "It is read-only: give this user the right to write" in refusal(postgresql_url)


def test_a_disk_that_is_full_is_said(sqlite_url: str) -> None:
    with opened(sqlite_url) as engine, pytest.raises(DatabaseError, match="The disk is full: make room and run"):
        write_a_megabyte(engine, "pragma max_page_count = 1")


def write_a_megabyte(engine: sa.Engine, *before: str) -> None:
    with explained(engine), engine.begin() as connection:
        for statement in (*before, "create table filler as select zeroblob(1000000)"):
            connection.execute(sa.text(statement))


def test_a_database_that_another_process_holds_is_said_so_after_a_while(sqlite_url: str) -> None:
    with opened(sqlite_url) as engine, engine.begin():
        sentence = refusal(f"{sqlite_url}?timeout=0.1")
    assert sentence.endswith("Another process held it for too long: wait for it to end and run again.")


def test_a_user_without_rights_is_told_so(postgresql_url: str) -> None:
    with opened(postgresql_url) as engine, engine.begin() as connection:
        connection.execute(sa.text("drop role if exists reader"))
        connection.execute(sa.text("create role reader login"))
    assert "This user may not do that" in refusal(postgresql_url.replace("postgres:@", "reader:@"))
    with opened(postgresql_url) as engine, engine.begin() as connection:
        connection.execute(sa.text("drop role reader"))


def test_a_server_that_stops_in_the_middle_is_said_so(postgresql_url: str) -> None:
    with opened(postgresql_url) as engine, pytest.raises(DatabaseError, match=r"cannot be used: .*terminat"):
        lose_the_connection(engine, postgresql_url)


def lose_the_connection(engine: sa.Engine, url: str) -> None:
    with explained(engine), engine.begin() as connection:
        backend = connection.execute(sa.text("select pg_backend_pid()")).scalar_one()
        with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", (backend,))
        connection.execute(sa.text("select 1"))


def test_a_constraint_is_left_to_the_caller(database: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), explained(database), database.begin() as connection:
        connection.execute(sa.text("insert into audit_head (id, sequence, hash) values (1, 0, '')"))


def in_threads(number: int, act: Callable[[], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_a_new_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    for attempt in range(10):
        url = f"sqlite:///{tmp_path}/{attempt}.db"
        barrier = threading.Barrier(6)

        def open_it(url: str = url, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            open_database(url).dispose()

        assert in_threads(6, open_it) == []
