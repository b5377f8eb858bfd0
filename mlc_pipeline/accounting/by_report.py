"""The expenses of a period by report, and the part of them that the employees or the company paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlc_pipeline.accounting.columns import Flags, Integers, Shared, first_positions, sums
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Expenses, Rows
from mlc_pipeline.accounting.heads import Heads


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """Reports in the order of their ids, and their expenses.

    `rows` is where the expenses stand among those of the `expensify_reports` asset, `reports` the report of each.
    """

    expenses: Expenses
    rows: Integers
    reports: Integers
    heads: Heads

    @classmethod
    def of(cls, rows: Rows) -> Period:
        """All reports of the asset. What is said of a report stands in all of its rows."""
        expenses = Expenses.of(rows)
        ids = expenses.shared("report_id").compacted()
        order = sorted(range(len(ids.texts)), key=ids.texts.__getitem__)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        reports = place[ids.numbers]
        return cls(expenses, np.arange(len(reports)), reports, Heads(expenses.taken(first_positions(reports))))

    @property
    def report_count(self) -> int:
        """How many reports there are."""
        return len(self.heads)

    def pieces(self, size: int) -> Iterator[Period]:
        """The same in pieces of so many reports, each by itself."""
        piece = (self.reports // size).astype(np.uint16)
        order = np.argsort(piece, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(piece[order])) + 1):
            reports = self.reports[rows] % size
            heads = Heads(self.expenses.taken(rows[first_positions(reports)]))
            yield Period(self.expenses.taken(rows), self.rows[rows], reports, heads)

    def part(self, name: Part) -> PartRows:
        """The rows that the employees, or the company, paid."""
        chosen = np.flatnonzero(are_of(name, self.expenses))
        positions = chosen[np.argsort(self.reports[chosen], kind="stable")]
        reports = self.reports[positions]
        cents = self.expenses.whole("effective_cents")[positions]
        return PartRows(name, self, positions, reports, cents, cents != 0)


def are_of(name: Part, expenses: Expenses) -> Flags:
    """Which expenses the employees, or the company, paid."""
    # One that does not say who paid has a problem of its own, and counts on the side that would be posted.
    by_employee = expenses.flags("reimbursable", unless_said=True)
    return np.asarray(by_employee == (name == "reimbursable"), dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class PartRows:
    """One part of the expenses, report by report.

    Of each row: its position among the expenses, its report, its cents, and whether it is an amount at all.
    """

    name: Part
    period: Period
    positions: Integers
    reports: Integers
    cents: Integers
    spent: Flags

    @property
    def report_count(self) -> int:
        """How many reports the period has, also those without rows of this part."""
        return self.period.report_count

    def texts(self, name: str) -> Shared:
        """A column of the expenses, for the rows of this part."""
        return self.period.expenses.shared(name).taken(self.positions)

    def totals(self) -> Integers:
        """The cents of each report."""
        return sums(self.cents, self.reports, self.report_count)
