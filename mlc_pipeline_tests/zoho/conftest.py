"""The sandbox's Zoho Books on loopback, a clock that only tests move, and clients of both."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Organization, ZohoBooks, create_zoho_app
from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.tokens import InMemoryTokenStore, TokenStore, ZohoCredentials

CREDENTIALS = ZohoCredentials(
    client_id="1000.CLIENT",
    client_secret="client-secret-of-the-tests",
    refresh_token=f"1000.{'a' * 32}.{'b' * 32}",
)


class Time:
    """A clock that stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 1, 5, 6, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)

    def clock(self) -> float:
        return self.instant.timestamp()


class Zoho:
    """The sandbox's state beside its URL, and what clients of it share."""

    def __init__(self, books: ZohoBooks, url: str, time: Time) -> None:
        self.books = books
        self.url = url
        self.time = time
        self.retries = RetryLog()
        self.store = InMemoryTokenStore()
        self.organization = books.organizations["10234695"]
        self._open = ExitStack()

    def client(
        self,
        *,
        organization: str | None = "10234695",
        credentials: ZohoCredentials = CREDENTIALS,
        store: TokenStore | None = None,
    ) -> ZohoBooksClient:
        """A client as a connection with `sandbox: true` has it."""
        return self._open.enter_context(
            ZohoBooksClient(
                connection="us",
                accounts_url=self.url,
                credentials=credentials,
                token_store=store or self.store,
                organization=organization,
                sandbox=True,
                transport=books_transport(self.retries, sleep=self.time.sleep, clock=self.time.clock),
                now=self.time.now,
            )
        )

    def requests(self, path: str) -> int:
        """How many requests for this path the server saw."""
        return sum(1 for request in self.books.request_log if request.path == path)

    @property
    def token_requests(self) -> int:
        """How many access tokens were asked for."""
        return self.requests("/oauth/v2/token")

    def close(self) -> None:
        """Close the clients."""
        self._open.close()


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    time = Time()
    books = ZohoBooks(clock=time.now)
    books.allow_client(CREDENTIALS.client_id, CREDENTIALS.client_secret)
    books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token)
    books.add_organization(Organization("10234695", "Northwind Example Inc"))
    with serve_app(create_zoho_app(books)) as url:
        zoho = Zoho(books, url, time)
        yield zoho
        zoho.close()


@pytest.fixture
def client(zoho: Zoho) -> ZohoBooksClient:
    return zoho.client()
