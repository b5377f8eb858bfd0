"""Serves the sandbox's Expensify and Zoho Books together on one loopback port, and keeps their state in a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from mlc_pipeline.sandbox.company import Company, generate_company
from mlc_pipeline.sandbox.company.group import Group
from mlc_pipeline.sandbox.expensify import ENDPOINT, RECEIPTS, ExpensifyAccount, create_expensify_app
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.state_file import StateFile
from mlc_pipeline.sandbox.zoho import ZohoBooks, create_zoho_app
from mlc_pipeline.sandbox.zoho.company_books import books_for
from mlc_pipeline.sandbox.zoho.group_books import books_for_group


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a connection needs to log in to the sandbox; all invented."""

    expensify_partner_user_id: str
    expensify_partner_user_secret: str
    zoho_client_id: str
    zoho_client_secret: str
    zoho_refresh_token: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: where it is, how to log in, and the live state behind it.

    The state is the one given to `serve_sandbox`, or the one from its state file if that existed.
    """

    url: str
    expensify_account: ExpensifyAccount
    zoho_books: ZohoBooks

    @property
    def expensify_url(self) -> str:
        """The one endpoint of the Expensify integration server."""
        return self.url + ENDPOINT

    @property
    def accounts_url(self) -> str:
        """The Zoho accounts server; its token answer names the API's host."""
        return self.url

    @property
    def credentials(self) -> Credentials:
        """The first login of each system."""
        refresh_token = next(iter(self.zoho_books.refresh_tokens.values()))
        client = self.zoho_books.clients[refresh_token.client_id]
        return Credentials(
            expensify_partner_user_id=self.expensify_account.partner_user_id,
            expensify_partner_user_secret=self.expensify_account.partner_user_secret,
            zoho_client_id=client.client_id,
            zoho_client_secret=client.client_secret,
            zoho_refresh_token=refresh_token.token,
        )


@contextmanager
def serve_sandbox(
    expensify_account: ExpensifyAccount,
    zoho_books: ZohoBooks,
    *,
    port: int = 0,
    state_file: Path | None = None,
) -> Iterator[Sandbox]:
    """Serve both systems in a background thread while the context lasts; port 0 takes a free one.

    An existing `state_file` replaces the given states (their clocks stay); every change is written to it
    before it is answered. Raises PortTaken, and StateFileUnreadable for a file that is no sandbox's.
    """
    keeper = StateFile(state_file, expensify_account, zoho_books) if state_file else None
    account, books = (keeper.account, keeper.books) if keeper else (expensify_account, zoho_books)
    expensify: ASGIApp = create_expensify_app(account)
    zoho: ASGIApp = create_zoho_app(books)
    if keeper:
        expensify, zoho = keeper.keep_expensify(expensify), keeper.keep_zoho(zoho)
    with serve_app(_side_by_side(expensify, zoho), port=port) as url:
        yield Sandbox(url, account, books)


def run_sandbox(
    ready: Callable[[Sandbox], None],
    *,
    port: int,
    state_file: Path | None,
    seed: int,
    weeks: int,
    zone: str,
    first_period_start: date,
    time_scale: float = 1.0,
) -> None:
    """Serve a generated company until interrupted (Ctrl-C); calls `ready` once and prints nothing.

    Zoho's minutes and days pass `time_scale` times as fast. Raises PortTaken and StateFileUnreadable.
    """
    company = generate_company(seed, zone=zone, first_period_start=first_period_start, weeks=weeks)
    account, books = sandbox_for(company)
    with serve_sandbox(account, books, port=port, state_file=state_file) as sandbox:
        sandbox.zoho_books.limits.time_scale = time_scale
        ready(sandbox)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def sandbox_for(company: Company) -> tuple[ExpensifyAccount, ZohoBooks]:
    """Return the two states of a generated company."""
    return company.to_expensify_account(), books_for(company)


def sandbox_for_group(group: Group) -> tuple[ExpensifyAccount, ZohoBooks]:
    """Return the two states of a generated group of three entities."""
    return group.to_expensify_account(), books_for_group(group)


def _side_by_side(expensify: ASGIApp, zoho: ASGIApp) -> ASGIApp:
    """Send each request to the system its path belongs to."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = expensify if scope["path"].startswith((ENDPOINT, RECEIPTS)) else zoho
        await chosen(scope, receive, send)

    return app
