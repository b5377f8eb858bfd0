"""How a ratio is taken: both sides in turn, several times, the ratio of the medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `what` is `ratio` times `against`, and what the ratio has to reach, if anything."""

    what: str
    against: str
    ratio: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether the ratio is not what it must be."""
        too_high = self.at_most is not None and self.ratio > self.at_most
        return too_high or (self.at_least is not None and self.ratio < self.at_least)

    @property
    def must(self) -> str:
        """What the ratio must be, in a word."""
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        return ", ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


def side_by_side(
    what: tuple[str, Callable[[], object]],
    against: tuple[str, Callable[[], object]],
    rounds: int,
    at_most: float | None = None,
) -> Row:
    """Time both in turn, so that a machine that slows down slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, (_, act) in zip(times, (what, against), strict=True):
            side.append(_seconds(act))
    return Row(what[0], against[0], statistics.median(times[0]) / statistics.median(times[1]), at_most)


def within(what: tuple[str, Callable[[], object]], seconds: int, rounds: int) -> Row:
    """Time an act that has to end in so many seconds."""
    taken = statistics.median(_seconds(what[1]) for _ in range(rounds))
    return Row(what[0], f"{seconds} s", taken / seconds, at_most=1)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
