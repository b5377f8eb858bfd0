"""How many access tokens a day of 24 runs asks Zoho for, each run with four processes that begin at once.

The day is simulated: the clock stands still while the processes work and moves on an hour between the runs, and
each run works for some minutes on both sides of the age at which a token is renewed. The processes are threads
with everything of their own but the database: vault, token store, client, budget.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

from benchmarks.measuring import Row
from mlc_pipeline.budgets import SharedBudget, secret_name
from mlc_pipeline.config import Connection
from mlc_pipeline.resources import Database, VaultTokenStore
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Organization, ZohoBooks, create_zoho_app
from mlc_pipeline.settings import Settings
from mlc_pipeline.transport.occupancy import Limits
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limit_answers import TOKEN_PATH
from mlc_pipeline.zoho.limits import TOKEN_GRANTS, BooksRules, books_transport
from mlc_pipeline.zoho.tokens import ZohoCredentials

RUNS, PROCESSES = 24, 4
_MOST_A_DAY = 30
_MINUTES_OF_A_RUN = (0, 30, 56)
_CREDENTIALS = ZohoCredentials("1000.GRANTS", "client-secret-of-grants", f"1000.{'5' * 32}.{'6' * 32}")


@dataclass(slots=True)
class Day:
    """A clock that only the simulation moves."""

    now: datetime = datetime(2026, 1, 5, tzinfo=UTC)

    def read(self) -> datetime:
        """The present instant."""
        return self.now


@dataclass(frozen=True, slots=True)
class Grants:
    """When tokens were granted, and how many requests were refused."""

    granted: tuple[datetime, ...]
    refused: int

    @property
    def most_in_ten_minutes(self) -> int:
        """The most grants within any ten minutes."""
        ten = timedelta(minutes=10)
        return max(sum(first <= each < first + ten for each in self.granted) for first in self.granted)


def measure() -> Iterator[Row]:
    """The grants of the day, and of its busiest ten minutes, against the most there may be."""
    with tempfile.TemporaryDirectory() as folder:
        grants = simulated_day(Path(folder))
    count = len(grants.granted)
    what = f"{count} token grants in a day of {RUNS} runs x {PROCESSES} processes"
    yield Row(what, f"{_MOST_A_DAY} grants", count / _MOST_A_DAY, at_most=1)
    yield Row("the most of them in ten minutes", "one grant", grants.most_in_ten_minutes, at_most=10)
    yield Row("refused requests of the day", "one request", grants.refused, at_most=0)


def simulated_day(home: Path) -> Grants:
    """Run the day in a home of its own."""
    day = Day()
    books = ZohoBooks(clock=day.read)
    books.allow_client(_CREDENTIALS.client_id, _CREDENTIALS.client_secret)
    books.allow_refresh_token(_CREDENTIALS.client_id, _CREDENTIALS.refresh_token)
    books.add_organization(Organization("10234695", "Northwind Example Inc"))
    books.limits.enforced = False
    settings = Settings.from_environment({"MLC_HOME": str(home)})
    Database(settings).engine.dispose()
    with serve_app(create_zoho_app(books)) as url:
        for hour in range(RUNS):
            _run(day, day.now.replace(hour=hour), settings, url)
    asked = [call for call in books.request_log if call.path == TOKEN_PATH]
    return Grants(tuple(call.time for call in asked), sum(call.status >= 400 for call in books.request_log))


def _run(day: Day, start: datetime, settings: Settings, url: str) -> None:
    """Four processes work at the same moments; between these the clock moves on for all of them."""
    together = Barrier(PROCESSES, timeout=60)

    def process() -> None:
        database = Database(settings)
        with _client(database, day, url) as client:
            for minute in _MINUTES_OF_A_RUN:
                if together.wait() == 0:
                    day.now = start + timedelta(minutes=minute)
                together.wait()
                client.me()
        database.engine.dispose()

    with ThreadPoolExecutor(PROCESSES) as pool:
        for future in [pool.submit(process) for _ in range(PROCESSES)]:
            future.result()


def _client(database: Database, day: Day, url: str) -> ZohoBooksClient:
    connection = Connection.model_validate(
        {
            "name": "bench",
            "sandbox": True,
            "period": {"cadence": "weekly", "start": "2026-01-05", "timezone": "Europe/Berlin"},
            "expensify": {"url": url},
            "zoho": {"accounts_url": url},
        }
    )
    grants = SharedBudget(
        database.engine,
        f"tokens {secret_name(_CREDENTIALS.refresh_token)}",
        TOKEN_GRANTS,
        clock_ms=lambda _: round(day.read().timestamp() * 1000),
        monotonic=lambda: day.read().timestamp(),
    )
    calls = SharedBudget(database.engine, "calls", Limits(windows=()))
    rules = BooksRules(lambda organization, plan: calls, grants=grants)
    return ZohoBooksClient(
        connection="bench",
        accounts_url=url,
        credentials=_CREDENTIALS,
        token_store=VaultTokenStore(database, connection),
        sandbox=True,
        transport=books_transport(rules=rules),
        now=day.read,
    )
