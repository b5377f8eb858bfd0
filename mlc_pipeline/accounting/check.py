"""A check: where in a sheet something is wrong, found for all at once, and what is said about one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mlc_pipeline.accounting.columns import Flags
from mlc_pipeline.accounting.problems import Problem

_Problems = Iterable[Problem]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """Where something is wrong, by report or by amount, and what is said about one of these."""

    wrong: Flags
    problems: Callable[[int], _Problems]

    def of(self, places: Iterable[int]) -> Iterator[Problem]:
        """What is said about those of the places that are wrong."""
        for place in places:
            if self.wrong[place]:
                yield from self.problems(place)
