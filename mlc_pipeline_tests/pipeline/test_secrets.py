"""No secret leaves the vault: not in what is printed, not in Dagster's event log, not in any file of the home."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from mlc_pipeline.commands.sandbox import credentials
from mlc_pipeline.sandbox.zoho.faults import Fault, FaultKind
from mlc_pipeline_tests.front_door import ACME, House, Said, week

AT_CONNECTION = ("--connection", ACME)
RUN = ("run", *AT_CONNECTION, "--period", week(0))
CANARY = "EXP-R00"
"""What must be found where secrets must not be: the search itself is checked with it."""


class Lived:
    """A house in which everything happened that touches a secret, what was said, and the secrets."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.said: list[Said] = []
        self.secrets: set[str] = set()

    def do(self, *arguments: str, **variables: str) -> None:
        """Run a command and remember which secrets there were."""
        self.said.append(self.house.mlc_here(*arguments, **({"MLC_LOG_LEVEL": "DEBUG"} | variables)))
        self.remember()

    def remember(self) -> None:
        """Note every secret that there is by now; Zoho forgets access tokens."""
        books = self.house.sandbox.zoho_books
        self.secrets |= {*books.access_tokens, *books.refresh_tokens, *books.grant_codes}
        self.secrets |= {client.client_secret for client in books.clients.values()}
        self.secrets |= {self.house.sandbox.expensify_account.partner_user_secret}
        self.secrets |= {(self.house.home / "vault.key").read_text().strip()}


@pytest.fixture
def lived(house: House) -> Lived:
    """All commands, with right and with wrong credentials, some in a process that knows no secret beforehand."""
    lived = Lived(house)
    books, variables = house.sandbox.zoho_books, credentials(house.sandbox)
    lived.do("connect", "expensify", *AT_CONNECTION, **variables)
    lived.do("connect", "zoho", *AT_CONNECTION, **variables)
    lived.do("ping", "--json")
    lived.do("preview", *AT_CONNECTION, "--period", week(0))
    books.faults.append(Fault(FaultKind.ACCESS_REVOKED, method="GET", path="/bills"))
    lived.do(*RUN)
    wrong = {"MLC_ZOHO_CLIENT_SECRET": "a-secret-that-is-wrong"}
    wrong |= {"MLC_EXPENSIFY_PARTNER_USER_SECRET": "another-secret-that-is-wrong"}
    lived.secrets |= set(wrong.values())
    books.access_tokens.clear()
    house.connect(**wrong)
    lived.said.append(house.mlc(*RUN, MLC_LOG_LEVEL="DEBUG"))
    del variables["MLC_ZOHO_REFRESH_TOKEN"]
    code = books.allow_grant_code(variables["MLC_ZOHO_CLIENT_ID"], "1000.a-grant-code.for-once").code
    lived.secrets.add(code)
    lived.do("connect", "zoho", *AT_CONNECTION, **variables, MLC_ZOHO_GRANT_CODE=code)
    lived.do("connect", "zoho", *AT_CONNECTION, **variables, MLC_ZOHO_GRANT_CODE=code)
    lived.do("vault", "rotate")
    return lived


def test_no_secret_is_printed_logged_or_kept_in_the_clear(lived: Lived) -> None:
    assert [said.exit_code for said in lived.said] == [0, 0, 0, 0, 1, 2, 0, 2, 0]
    assert len(lived.secrets) >= 10
    for said in lived.said:
        assert [secret for secret in lived.secrets if secret in said.everything] == []
    found_canary = False
    for place, content in contents(lived.house):
        found_canary = found_canary or CANARY.encode() in content
        assert [place for secret in lived.secrets if secret.encode() in content] == []
    assert found_canary


def contents(house: House) -> Iterator[tuple[str, bytes]]:
    """Every file of the home but the key's, as its bytes and as what these stand for; and Dagster's event log."""
    for path in sorted(house.home.rglob("*")):
        if path.is_file() and path.name != "vault.key":
            yield str(path), path.read_bytes()
        if path.suffix == ".db":
            yield from ((f"{path}, a cell", cell) for cell in cells(path))
        if path.suffix == ".parquet":
            yield f"{path}, rows", pd.read_parquet(path).to_csv().encode()
    with house.dagster_instance() as instance:
        for run in instance.get_runs():
            yield f"run {run.run_id}", repr(run).encode()
            for entry in instance.all_logs(run.run_id):
                yield f"event of {run.run_id}", repr(entry).encode()


def cells(path: Path) -> Iterator[bytes]:
    """Every text or blob of an SQLite database, unpacked where Dagster packs it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f'select * from "{table}"'):
                for value in row:
                    content = value.encode() if isinstance(value, str) else value
                    if isinstance(content, bytes):
                        yield unpacked(content)


def unpacked(content: bytes) -> bytes:
    """The content, or what zlib packed in it."""
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content
