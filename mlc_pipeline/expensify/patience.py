"""How often and how long the client waits before it downloads a file again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """`attempts` in all; between them pauses that double from `first_wait` up to `longest_wait`, in seconds."""

    attempts: int
    first_wait: float
    longest_wait: float

    def pauses(self) -> Iterator[float]:
        """The seconds to wait before each further attempt."""
        for earlier in range(self.attempts - 1):
            yield min(self.first_wait * 2**earlier, self.longest_wait)


# About a minute: the export call itself blocks until the file is rendered, so the download is nearly always ready.
DOWNLOADS = Patience(attempts=8, first_wait=1.0, longest_wait=15.0)
