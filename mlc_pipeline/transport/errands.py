"""Errands: what the requests of a thread are sent for, and whether they may still be sent after a wait.

A request may wait for minutes, for a place in a budget or before it is repeated. Meanwhile its run may be
stopped, or another run may have taken over what it is about. So every wait is the errand's own, and the errand is
asked once more just before each request leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


class Errand(Protocol):
    """What the requests of a thread are sent for."""

    def sleep(self, seconds: float) -> None:
        """Wait; raises when the errand is called off meanwhile."""

    def confirm(self) -> None:
        """Raise when nothing may be sent any more."""


@dataclass(frozen=True, slots=True)
class _Free:
    """Of a thread that nobody calls off."""

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def confirm(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class _Provided:
    """An errand within another one, as long as `check` does not raise."""

    outer: Errand
    check: Callable[[], object]

    def sleep(self, seconds: float) -> None:
        self.outer.sleep(seconds)

    def confirm(self) -> None:
        self.outer.confirm()
        self.check()


_FREE = _Free()
_current: ContextVar[Errand] = ContextVar("errand", default=_FREE)


def sleep(seconds: float) -> None:
    """Wait on the errand of this thread."""
    _current.get().sleep(seconds)


def confirm() -> None:
    """Ask the errand of this thread whether a request may leave now."""
    _current.get().confirm()


@contextmanager
def on(errand: Errand) -> Iterator[None]:
    """What this thread sends is sent for the errand."""
    token = _current.set(errand)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def provided(check: Callable[[], object]) -> Iterator[None]:
    """Each request of this thread leaves only if `check` does not raise."""
    with on(_Provided(_current.get(), check)):
        yield
