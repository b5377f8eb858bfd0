"""How far posting has come: the pace while it goes on, and what came of it at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mlc_pipeline.zoho.errors import ZohoError


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of posting: how many requests wrote to Zoho Books, and what stopped it, if anything.

    `error` is what stopped it as it came; `failure` is its sentence, or that of a document that could not be sent.
    `refused` are the codes of the reasons for which Zoho Books would not have a document or a vendor.
    """

    writes: int
    failure: str | None
    error: ZohoError | None = None
    refused: frozenset[str] = frozenset()

    def then(self, further: Progress) -> Progress:
        """What came of both, one after the other."""
        return replace(further, writes=self.writes + further.writes, refused=self.refused | further.refused)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a period has come: documents handled and, of those, posted; seconds since the first of them."""

    total: int
    handled: int
    posted: int
    seconds: float

    @property
    def per_minute(self) -> float:
        """Documents handled in a minute, so far."""
        return 60 * self.handled / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this pace; None while nothing is handled."""
        return self.seconds * (self.total - self.handled) / self.handled if self.handled else None

    def __str__(self) -> str:
        text = f"{self.posted} of {self.total} documents posted"
        if self.handled > self.posted:
            text += f", {self.handled - self.posted} not"
        text += f"; {self.per_minute:.0f} a minute"
        left = self.seconds_left
        return f"{text}; {_span(left)} left." if left else f"{text}."


OnProgress = Callable[[Pace], None]
"""What is told how far posting has come, in the thread that posts."""


def tell_nobody(pace: Pace) -> None:
    """For who does not want to know."""


SETTLED = frozenset({"posted", "review", "superseded"})
"""The states in which nothing is left to be done by a run."""


class Meter:
    """Counts what is settled of so many documents that wait. Safe between threads."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._states: dict[int, str] = {}

    def note(self, posting_id: int, state: str) -> None:
        """Say in which state a posting is now."""
        with self._lock:
            self._states[posting_id] = state

    def read(self) -> Pace:
        """The pace so far."""
        with self._lock:
            states = list(self._states.values())
        handled = sum(1 for state in states if state in SETTLED)
        seconds = time.monotonic() - self._started
        return Pace(self.total, handled, states.count("posted"), seconds)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
