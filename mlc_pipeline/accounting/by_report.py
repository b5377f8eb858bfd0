"""The expenses of a period by report, and the part of them that the employees or the company paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlc_pipeline.accounting.columns import Flags, Integers, distinct, first_positions, sums, texts, whole
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.heads import Heads


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """The rows of the `expensify_reports` asset, with their reports in the order of the report ids.

    `reports` is the report of each row, `firsts` one row of each report: what is said of a report stands in all.
    """

    expenses: pd.DataFrame
    report_ids: Sequence[str]
    reports: Integers
    firsts: Integers
    heads: Heads
    _known: dict[tuple[str, ...], tuple[Integers, pd.DataFrame]] = field(default_factory=dict)
    _texts: dict[str, pa.LargeStringArray] = field(default_factory=dict)

    @classmethod
    def of(cls, expenses: pd.DataFrame) -> Period:
        """Put the rows in the order of their reports."""
        codes, values = pd.factorize(expenses["report_id"])
        names = [str(value) for value in values]
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        reports = place[codes]
        firsts = first_positions(reports)
        heads = Heads(expenses, firsts)
        return cls(expenses, [names[index] for index in order], reports, firsts, heads)

    def distinct(self, columns: Mapping[str, pd.Series[Any]]) -> tuple[Integers, pd.DataFrame]:
        """As `columns.distinct`, for columns of the expenses; worked out once for both parts."""
        key = tuple(columns)
        if key not in self._known:
            self._known[key] = distinct(columns)
        return self._known[key]

    def distinct_heads(self, names: Sequence[str]) -> tuple[Integers, pd.DataFrame]:
        """For each report the number of its combination of values in these columns, and the combinations."""
        return distinct({name: self.expenses[name].take(self.firsts) for name in names})

    def texts(self, name: str) -> pa.LargeStringArray:
        """A column of texts in one piece, from which some rows are soon taken; worked out once for both parts."""
        if name not in self._texts:
            self._texts[name] = texts(self.expenses[name])
        return self._texts[name]

    def part(self, name: Part) -> PartRows:
        """The rows that the employees, or the company, paid."""
        # A row that does not say who paid has a problem of its own, and counts on the side that would be posted.
        by_employee = self.expenses["reimbursable"].fillna(value=True).to_numpy(dtype=np.bool_)
        chosen = np.flatnonzero(by_employee == (name == "reimbursable"))
        positions = chosen[np.argsort(self.reports[chosen], kind="stable")]
        reports = self.reports[positions]
        cents = whole(self.expenses["effective_cents"])[positions]
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

    def column(self, name: str) -> pd.Series[Any]:
        """A column of the expenses, for the rows of this part."""
        return self.period.expenses[name].take(self.positions).reset_index(drop=True)

    def totals(self) -> Integers:
        """The cents of each report."""
        return sums(self.cents, self.reports, self.report_count)
