"""Plans: the reports of a period one by one, each put into words when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from operator import eq
from typing import overload

from mlc_pipeline.accounting.approved import Content
from mlc_pipeline.accounting.batches import Batch, Head
from mlc_pipeline.accounting.building import Building
from mlc_pipeline.accounting.checks import Checks
from mlc_pipeline.accounting.columns import Integers
from mlc_pipeline.accounting.contents import Contents
from mlc_pipeline.accounting.documents import Document, ReportPlan
from mlc_pipeline.accounting.problems import Problem
from mlc_pipeline.accounting.sheets import Sheet

_AT_ONCE = 2000


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
        self._holds = self._checks.holds
        self._has_lines = sheet.has_lines()

    def __len__(self) -> int:
        return len(self._reports)

    def __iter__(self) -> Iterator[ReportPlan]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self.plans(start, min(start + _AT_ONCE, len(self)))

    def plans(self, start: int, end: int) -> Iterator[ReportPlan]:
        """The plans from one place to before another."""
        sheet = self._sheet
        batch = Batch.of(sheet.part, self._reports[start:end])
        heads = list(batch.heads(sheet.rules.timezone))
        building = Building(sheet, batch, heads)
        plans = zip(batch.reports.tolist(), heads, self._contents.of(batch, heads), strict=True)
        for number, (place, head, content) in enumerate(plans):
            problems, document = self._posted(number, place, head, content, building)
            yield ReportPlan(
                report_id=head.report_id,
                part=sheet.part.name,
                currency=head.currency,
                total_cents=int(sheet.totals[place]),
                content_hash=content.hash,
                transactions=content.transactions,
                approved_at=head.approved_at,
                approver=head.approver_email,
                mapping_version=sheet.mappings.version,
                document=document,
                problems=problems,
            )

    @cached_property
    def _contents(self) -> Contents:
        return Contents(self._sheet.part)

    def _posted(
        self, number: int, place: int, report: Head, content: Content, building: Building
    ) -> tuple[tuple[Problem, ...], Document | None]:
        """What keeps a report from having a document, else that; neither where there is nothing to post."""
        if content.unreadable:
            return content.unreadable, None
        amounts = building.amounts(number)
        if self._sheet.rules.kind == "skip" or not amounts:
            return (), None
        problems = self._checks.problems(place, amounts) if self._holds[place] else ()
        if problems or not self._has_lines[place]:
            return problems, None
        return (), building.document(number, report)
