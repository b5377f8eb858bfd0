"""The expenses of a period by report, and the part of them that the employees or the company paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlc_pipeline.accounting.columns import Flags, Integers, Shared, compacted, first_positions, sums
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Expenses, Rows
from mlc_pipeline.accounting.heads import Heads


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """The rows of the `expensify_reports` asset, with their reports in the order of the report ids.

    `reports` is the report of each row, `firsts` one row of each report: what is said of a report stands in all.
    """

    expenses: Expenses
    report_ids: Sequence[str]
    reports: Integers
    firsts: Integers
    heads: Heads

    @classmethod
    def of(cls, rows: Rows) -> Period:
        """Put the rows in the order of their reports."""
        expenses = Expenses.of(rows)
        ids = expenses.shared("report_id")
        numbers, used = compacted(ids.numbers, len(ids.texts))
        names = [ids.texts[number] for number in used]
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        reports = place[numbers]
        firsts = first_positions(reports)
        return cls(expenses, [names[index] for index in order], reports, firsts, Heads(expenses, firsts))

    def part(self, name: Part) -> PartRows:
        """The rows that the employees, or the company, paid."""
        # A row that does not say who paid has a problem of its own, and counts on the side that would be posted.
        by_employee = self.expenses.flags("reimbursable", unless_said=True)
        chosen = np.flatnonzero(by_employee == (name == "reimbursable"))
        positions = chosen[np.argsort(self.reports[chosen], kind="stable")]
        reports = self.reports[positions]
        cents = self.expenses.whole("effective_cents")[positions]
        return PartRows(name, self, positions, reports, cents, cents != 0)


@dataclass(frozen=True, slots=True, eq=False)
class PartRows:
    """One part of the expenses, report by report.

    Of each row: its position in the frame, its report, its cents, and whether it is an amount at all.
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
        return len(self.period.report_ids)

    def texts(self, name: str) -> Shared:
        """A column of the expenses, for the rows of this part."""
        return self.period.expenses.shared(name).taken(self.positions)

    def totals(self) -> Integers:
        """The cents of each report."""
        return sums(self.cents, self.reports, self.report_count)
