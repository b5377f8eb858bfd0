"""Exchanges with the Books API as values, and the way for tests to watch them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the answer the sandbox meant to give, before any fault touched it.

    `path` is the part below /books/v3. JSON numbers are int or Decimal; without a body the JSON is None.
    `edition` is the organization's, None where the request named none. `granted_scopes` are those of the
    access token, None without a live one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    request_json: Any
    files: tuple[str, ...]
    status: int
    response_json: Any
    edition: str | None
    granted_scopes: tuple[str, ...] | None


Observer = Callable[[Exchange], None]

_observers: list[Observer] = []


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Call `observer` with every exchange of every sandbox in this process while the context lasts."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def observers() -> tuple[Observer, ...]:
    """Return the observers that are switched on now."""
    return tuple(_observers)
