"""Plans: the reports of a period one by one, each put into words when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import eq
from typing import overload

import numpy as np

from mlc_pipeline.accounting import approved
from mlc_pipeline.accounting.approved import Row
from mlc_pipeline.accounting.building import document_of
from mlc_pipeline.accounting.checks import Checks
from mlc_pipeline.accounting.columns import Integers
from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.lines import Amount
from mlc_pipeline.accounting.sheets import Sheet

_AT_ONCE = 256


class Plans(Sequence[ReportPlan]):
    """The plans of a period: a sequence whose members are made anew each time, so that millions fit in memory.

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
                return next(part.plans(place, place + 1))
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
    """One part of the reports of a period, worked out; its plans are made from it in batches."""

    def __init__(self, sheet: Sheet, reports: Integers) -> None:
        self._sheet = sheet
        self._reports = reports
        self._checks = Checks(sheet)
        self._has_lines = sheet.has_lines()
        self._starts = np.searchsorted(sheet.part.reports, np.arange(sheet.part.report_count + 1))
        # Where among the amounts a row of the part stands; of one that is none, this is where the next one does.
        self._places: Integers = np.cumsum(sheet.part.spent) - sheet.part.spent

    def __len__(self) -> int:
        return len(self._reports)

    def __iter__(self) -> Iterator[ReportPlan]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self.plans(start, min(start + _AT_ONCE, len(self)))

    def plans(self, start: int, end: int) -> Iterator[ReportPlan]:
        """The plans from one place to before another."""
        reports = self._reports[start:end]
        heads = self._sheet.part.period.heads[reports]
        bounds = [(self._starts[report], self._starts[report + 1]) for report in reports]
        members = np.concatenate([np.arange(first, last) for first, last in bounds])
        rows = iter(self._rows(self._sheet.part.positions[members]))
        for report, head, (first, last) in zip(reports, self._rows(heads), bounds, strict=True):
            part = [(next(rows), place) for place in range(first, last)]
            yield self._plan(int(report), head, sorted(part, key=lambda one: one[0].transaction_id or ""))

    def _plan(self, number: int, report: Row, part: Sequence[tuple[Row, int]]) -> ReportPlan:
        sheet, rows = self._sheet, [row for row, _ in part]
        plan = ReportPlan(
            report_id=report.report_id,
            part=sheet.part.name,
            currency=report.currency or "",
            total_cents=int(sheet.totals[number]),
            content_hash=approved.content_hash(report, rows),
            transactions=approved.transactions(rows),
            approved_at="" if report.approved_at is None else report.approved_at.isoformat(),
            approver=report.approver_email or "",
            mapping_version=sheet.mappings.version,
        )
        found = approved.unreadable(report, rows)
        if found:
            return replace(plan, problems=found)
        amounts = [Amount(row, int(self._places[place])) for row, place in part if sheet.part.spent[place]]
        if sheet.rules.kind == "skip" or not amounts:
            return plan
        problems = self._checks.problems(number, [amount.place for amount in amounts])
        if problems or not self._has_lines[number]:
            return replace(plan, problems=problems)
        return replace(plan, document=document_of(sheet, number, report, amounts))

    def _rows(self, positions: Integers) -> Iterator[Row]:
        # The rows of neighbouring reports are neighbours, mostly: a slice costs nothing, however long the period.
        first, last = positions.min(initial=len(self._sheet.part.period.reports)), positions.max(initial=-1)
        expenses = self._sheet.part.period.expenses
        near = (expenses[name].array[first : last + 1].take(positions - first) for name in Row._fields)
        columns = (values.to_numpy(dtype=object, na_value=None) for values in near)
        return map(Row._make, zip(*columns, strict=True))
