"""What one client did on the wire: how much was sent, what was repeated and why, and how long it all waited."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass

_IDS = re.compile(r"(?<=/)[0-9]+(?=/|$)")
"""Documents are many; what was asked of them is what a person wants to know."""


@dataclass(frozen=True, slots=True)
class Retry:
    """One repetition: what was repeated, why, and after how many seconds of waiting."""

    method: str
    path: str
    attempt: int
    reason: str
    waited_seconds: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """The wire of one client so far: requests sent (repetitions included), and seconds waited for two reasons."""

    requests: int
    retried: int
    why: str
    waited_for_limits_seconds: float
    waited_for_retries_seconds: float

    def metadata(self) -> dict[str, int | float | str]:
        """For the metadata of a run: plain values under short names."""
        waited = self.waited_for_limits_seconds + self.waited_for_retries_seconds
        return {
            "requests": self.requests,
            "retried": self.retried,
            "why": self.why or "nothing was retried",
            "waited_seconds": round(waited, 1),
        }


class RetryLog:
    """Adds up what one client sent, repeated and waited for. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: Counter[str] = Counter()
        self._sent = 0
        self._for_retries = 0.0
        self._for_limits = 0.0

    def note(self, retry: Retry) -> None:
        """Add one retry."""
        with self._lock:
            self._reasons[f"{retry.method} {_IDS.sub('…', retry.path)}: {retry.reason}"] += 1
            self._for_retries += retry.waited_seconds

    def note_sent(self) -> None:
        """Add one request that went to the network."""
        with self._lock:
            self._sent += 1

    def note_wait(self, seconds: float) -> None:
        """Add seconds spent waiting for a place within the limits."""
        with self._lock:
            self._for_limits += seconds

    @property
    def traffic(self) -> Traffic:
        """All of it, as it stands now."""
        with self._lock:
            reasons = (f"{reason}, {times} times" for reason, times in self._reasons.most_common())
            return Traffic(
                self._sent, self._reasons.total(), ", ".join(reasons), self._for_limits, self._for_retries
            )
