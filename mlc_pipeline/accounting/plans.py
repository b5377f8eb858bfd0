"""Plans: all reports of a period, put into words in columns; a report becomes an object when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from operator import eq
from typing import overload

import numpy as np

from mlc_pipeline.accounting.checks import Checks
from mlc_pipeline.accounting.columns import Integers
from mlc_pipeline.accounting.contents import Contents
from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.plan_columns import PlanColumns
from mlc_pipeline.accounting.sheets import Sheet

_AT_ONCE = 2000

# Arrow works outside Python's lock.
_THREADS = 4


class Plans(Sequence[ReportPlan]):
    """The plans of a period: a sequence whose objects are made anew each time, so that millions fit in memory.

    Equal to every other sequence with the same plans.
    """

    def __init__(self, parts: Iterable[PlannedPart] = ()) -> None:
        self._parts = tuple(parts)

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    @overload
    def __getitem__(self, index: int) -> ReportPlan: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ReportPlan]: ...
    def __getitem__(self, index: int | slice) -> ReportPlan | Sequence[ReportPlan]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(len(self))[index])
        place = range(len(self))[index]
        for part in self._parts:
            if place < len(part):
                return part.plan(place)
            place -= len(part)
        raise IndexError(index)

    def __iter__(self) -> Iterator[ReportPlan]:
        return chain.from_iterable(self._parts)

    def __add__(self, other: Plans) -> Plans:
        return Plans((*self._parts, *other._parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]


class PlannedPart:
    """One part of the reports of a period; all of it stands in columns, some thousand reports in each piece."""

    def __init__(self, sheet: Sheet, reports: Integers) -> None:
        checks, contents = Checks(sheet), Contents(sheet.part)
        cuts = range(_AT_ONCE, len(reports), _AT_ONCE)
        period = sheet.part.period
        period.expenses.texts("transaction_id")
        period.heads.prepare(sheet.rules.timezone, sheet.rules.period)
        pieces = [piece for piece in np.split(reports, cuts) if len(piece)]
        with ThreadPoolExecutor(_THREADS) as threads:
            self._pieces = [*threads.map(partial(PlanColumns, sheet, checks, contents), pieces)]
        self._count = len(reports)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[ReportPlan]:
        for piece in self._pieces:
            yield from piece.plans(0, len(piece))

    def plan(self, place: int) -> ReportPlan:
        """The plan at one place."""
        number = place % _AT_ONCE
        return next(self._pieces[place // _AT_ONCE].plans(number, number + 1))
