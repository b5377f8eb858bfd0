"""Plans: all reports of a period, put into words in columns; a report becomes an object when it is asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import eq
from typing import overload

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.plan_columns import PlanColumns


class Plans(Sequence[ReportPlan]):
    """The plans of a period: a sequence whose objects are made anew each time, so that millions fit in memory.

    Equal to every other sequence with the same plans.
    """

    def __init__(self, pieces: Iterable[PlanColumns] = ()) -> None:
        self._pieces = [piece for piece in pieces if len(piece)]
        self._starts = [0, *accumulate(map(len, self._pieces))]

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> ReportPlan: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ReportPlan]: ...
    def __getitem__(self, index: int | slice) -> ReportPlan | Sequence[ReportPlan]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(len(self))[index])
        place = range(len(self))[index]
        piece = bisect_right(self._starts, place) - 1
        number = place - self._starts[piece]
        return next(self._pieces[piece].plans(number, number + 1))

    def __iter__(self) -> Iterator[ReportPlan]:
        for piece in self._pieces:
            yield from piece.plans(0, len(piece))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]
