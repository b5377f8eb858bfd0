"""Cuts: the amounts of a batch in the order of their transactions, and cut into the lines that they become."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlc_pipeline.accounting.batches import Batch
from mlc_pipeline.accounting.columns import Groups, Integers
from mlc_pipeline.accounting.sheets import Sheet


class Amounts:
    """The amounts of a batch, report by report and in a report by transaction id: their numbers in the sheet.

    Those of the n-th report of the batch stand from `bounds[n]` to before `bounds[n + 1]`.
    """

    def __init__(self, sheet: Sheet, batch: Batch) -> None:
        spent = np.flatnonzero(sheet.part.spent[batch.rows])
        self.reports = batch.reports
        self.numbers: Integers = sheet.amount_of_row[batch.rows[spent]]
        self.ids = batch.ids[spent]
        self.bounds: list[int] = np.searchsorted(spent, batch.bounds).tolist()


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The same amounts line by line; those that cancel out are in none.

    A line has its sum in `cents`; its amounts are those of `numbers` and `ids` from `starts` to before `ends`. The
    lines of the n-th report of the batch stand from `bounds[n]` to before `bounds[n + 1]`.
    """

    numbers: Integers
    ids: tuple[str, ...]
    cents: Integers
    starts: Integers
    ends: Integers
    bounds: Integers

    @classmethod
    def of(cls, amounts: Amounts, groups: Groups) -> Cut:
        """One line for each group whose amounts do not cancel out."""
        of_amount = groups.of_row[amounts.numbers]
        order = np.argsort(of_amount, kind="stable")
        starts = np.flatnonzero(np.diff(of_amount[order], prepend=-1))
        found, ends = of_amount[order][starts], np.append(starts[1:], len(order))
        kept = groups.cents[found] != 0
        found = found[kept]
        bounds = np.append(np.searchsorted(groups.report[found], amounts.reports), len(found))
        ids = tuple(amounts.ids[order].tolist())
        return cls(amounts.numbers[order], ids, groups.cents[found], starts[kept], ends[kept], bounds)

    def singly(self, cents: Integers) -> Cut:
        """One line for each amount of these lines; `cents` are those of all amounts of the sheet."""
        sizes = self.ends - self.starts
        firsts = np.cumsum(sizes) - sizes
        places = np.arange(sizes.sum()) + np.repeat(self.starts - firsts, sizes)
        bounds = np.append(0, np.cumsum(sizes))[self.bounds]
        return Cut(self.numbers, self.ids, cents[self.numbers[places]], places, places + 1, bounds)

    def first(self, answers: Integers) -> list[int]:
        """By line, of the numbers that the amounts of the sheet have, that of its first amount."""
        found: list[int] = answers[self.numbers[self.starts]].tolist()
        return found

    def reports(self) -> list[int]:
        """By line, the number of its report in the batch."""
        found: list[int] = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds)).tolist()
        return found

    def counts(self) -> list[int]:
        """By line, how many amounts it has."""
        found: list[int] = (self.ends - self.starts).tolist()
        return found
