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
            started = time.perf_counter()
            act()
            side.append(time.perf_counter() - started)
    return Row(what[0], against[0], statistics.median(times[0]) / statistics.median(times[1]), must)
