"""Cuts: the amounts of documents in the order of their transactions, and cut into the lines that they become."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlc_pipeline.accounting.batches import Batch
from mlc_pipeline.accounting.columns import Flags, Groups, Integers
from mlc_pipeline.accounting.sheets import Sheet


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """The amounts of some reports, report by report and in a report by transaction id: their numbers in the sheet.

    Those of the n-th of the `reports` stand from `bounds[n]` to before `bounds[n + 1]`.
    """

    reports: Integers
    numbers: Integers
    ids: pa.LargeStringArray
    bounds: Integers

    @classmethod
    def of(cls, sheet: Sheet, batch: Batch, chosen: Flags) -> Amounts:
        """The amounts of the chosen ones of the reports of the batch."""
        found = np.flatnonzero(sheet.part.spent[batch.rows] & chosen[batch.owner])
        numbers = np.flatnonzero(chosen)
        bounds = np.append(np.searchsorted(batch.owner[found], numbers), len(found))
        ids = batch.ids if len(found) == len(batch.ids) else batch.ids.take(pa.array(found))
        return cls(batch.reports[numbers], sheet.amount_of_row[batch.rows[found]], ids, bounds)

    @property
    def firsts(self) -> Integers:
        """The first amount of each report."""
        found: Integers = self.numbers[self.bounds[:-1]]
        return found

    def owners(self) -> Integers:
        """By amount, the number of its report."""
        return np.repeat(np.arange(len(self.reports)), np.diff(self.bounds))


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The same amounts line by line; those that cancel out are in none.

    A line has its sum in `cents`; its amounts are those of `numbers` from its start to before the next one's, and
    their transactions those of `ids`. The lines of the n-th report stand from `bounds[n]` to before
    `bounds[n + 1]`.
    """

    numbers: Integers
    ids: pa.LargeStringArray
    cents: Integers
    starts: Integers
    bounds: Integers

    @classmethod
    def of(cls, amounts: Amounts, groups: Groups) -> Cut:
        """One line for each group whose amounts do not cancel out."""
        of_amount = groups.of_row[amounts.numbers]
        order = np.argsort(of_amount, kind="stable")
        order = order[groups.cents[of_amount[order]] != 0]
        numbers, of_amount = amounts.numbers[order], of_amount[order]
        starts = np.flatnonzero(np.diff(of_amount, prepend=-1))
        found = of_amount[starts]
        bounds = np.append(np.searchsorted(groups.report[found], amounts.reports), len(found))
        return cls(numbers, amounts.ids.take(pa.array(order)), groups.cents[found], starts, bounds)

    def singly(self, cents: Integers) -> Cut:
        """One line for each amount of these lines; `cents` are those of all amounts of the sheet."""
        bounds = np.append(self.starts, len(self.numbers))[self.bounds]
        return Cut(self.numbers, self.ids, cents[self.numbers], np.arange(len(self.numbers)), bounds)

    def first(self, answers: Integers) -> Integers:
        """By line, of the numbers that the amounts of the sheet have, that of its first amount."""
        found: Integers = answers[self.numbers[self.starts]]
        return found

    def reports(self) -> Integers:
        """By line, the number of its report."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))

    def counts(self) -> Integers:
        """By line, how many amounts it has."""
        return np.diff(self.starts, append=len(self.numbers))

    def lines(self) -> Integers:
        """By amount, the number of its line."""
        return np.repeat(np.arange(len(self.starts)), self.counts())

    def transactions(self) -> pa.LargeListArray:
        """By line, its transactions."""
        return pa.LargeListArray.from_arrays(pa.array(np.append(self.starts, len(self.numbers))), self.ids)
