"""How a ratio is taken: both sides in turn, several times, the ratio of the medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `what` is `ratio` times `against`; `must` is what it has to reach, if anything."""

    what: str
    against: str
    ratio: float
    must: str = ""


def side_by_side(
    what: tuple[str, Callable[[], object]], against: tuple[str, Callable[[], object]], rounds: int, must: str = ""
) -> Row:
    """Time both in turn, so that a machine that slows down slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, (_, act) in zip(times, (what, against), strict=True):
            side.append(_seconds(act))
    return Row(what[0], against[0], statistics.median(times[0]) / statistics.median(times[1]), must)


def within(what: tuple[str, Callable[[], object]], seconds: int, rounds: int) -> Row:
    """Time an act that has to end in so many seconds."""
    taken = statistics.median(_seconds(what[1]) for _ in range(rounds))
    return Row(what[0], f"{seconds} s", taken / seconds, "< 1")


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
