"""Keeps the sandbox's two states in one JSON file, replaced as a whole before a changing request is answered."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import simplejson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlc_pipeline.sandbox.expensify import ExpensifyAccount
from mlc_pipeline.sandbox.zoho import ZohoBooks

FORMAT = 1


class StateFileUnreadable(ValueError):
    """The file is no state of a sandbox; the sentence says which file and what to do."""


class StateFile:
    """One file and the two live states it mirrors; an existing file wins over the states given.

    What lives in memory only (clocks, faults to come, Expensify's limit) stays that of the given states.
    """

    def __init__(self, path: Path, account: ExpensifyAccount, books: ZohoBooks) -> None:
        self.path = path
        self.account, self.books = _loaded(path, account, books) if path.exists() else (account, books)
        self._expensify = self._expensify_text()
        self._zoho = self._zoho_text()
        self._zoho_changes = self.books.changes

    def keep_expensify(self, app: ASGIApp) -> ASGIApp:
        """Wrap the Expensify app so that what a request changed is in the file before its answer leaves."""
        return _before_answering(app, self._write_expensify)

    def keep_zoho(self, app: ASGIApp) -> ASGIApp:
        """Wrap the Zoho app in the same way."""
        return _before_answering(app, self._write_zoho)

    def _write_expensify(self) -> None:
        text = self._expensify_text()
        if text != self._expensify:
            self._expensify = text
            self._write()

    def _write_zoho(self) -> None:
        if self.books.changes != self._zoho_changes:
            self._zoho, self._zoho_changes = self._zoho_text(), self.books.changes
            self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_text(
            f'{{"format": {FORMAT}, "expensify": {self._expensify}, "zoho": {self._zoho}}}', encoding="utf-8"
        )
        os.replace(beside, self.path)  # noqa: PTH105

    def _expensify_text(self) -> str:
        return simplejson.dumps(self.account.to_dict(), use_decimal=True)

    def _zoho_text(self) -> str:
        return simplejson.dumps(self.books.to_dict(), use_decimal=True)


def _loaded(path: Path, account: ExpensifyAccount, books: ZohoBooks) -> tuple[ExpensifyAccount, ZohoBooks]:
    try:
        kept = simplejson.loads(path.read_text(encoding="utf-8"), use_decimal=True)
        loaded_account = ExpensifyAccount.from_dict(kept["expensify"])
        loaded_books = ZohoBooks.from_dict(kept["zoho"])
    except (ValueError, KeyError, TypeError) as error:
        raise StateFileUnreadable(
            f"{path} holds no state of this sandbox: move it away, or name another file."
        ) from error
    loaded_account.clock, loaded_account.limit = account.clock, account.limit
    loaded_account.faults = account.faults
    loaded_books.clock, loaded_books.faults = books.clock, books.faults
    return loaded_account, loaded_books


def _before_answering(app: ASGIApp, write: Callable[[], None]) -> ASGIApp:
    async def keeping(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_when_written(message: Message) -> None:
            write()
            await send(message)

        await app(scope, receive, send_when_written)
        write()

    return keeping
