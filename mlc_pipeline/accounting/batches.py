"""Batches: reports of a part, with their rows in the order in which they are put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlc_pipeline.accounting.approved import Row
from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.columns import TEXT, Flags, Integers
from mlc_pipeline.accounting.heads import Head

_MOST_DIGITS = 19  # as many as fit into 64 bits


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Reports of a part, and their rows: report by report, in a report by transaction id.

    `rows` are the places of the rows in the part, `positions` those in its expenses, `origins` those in the asset;
    `ids` are their transaction ids, empty where there is none, `owner` the number of the report of each. The rows
    of the n-th of the `reports` are those from `bounds[n]` to before `bounds[n + 1]`.
    """

    part: PartRows
    reports: Integers
    rows: Integers
    positions: Integers
    origins: Integers
    ids: pa.LargeStringArray
    owner: Integers
    bounds: Integers

    @classmethod
    def of(cls, part: PartRows, reports: Integers) -> Batch:
        """The batch of these reports; every row of the part is of one of them."""
        ids = part.period.expenses.texts("transaction_id").take(pa.array(part.positions))
        owner = np.searchsorted(reports, part.reports)
        rows = _order(ids, owner)
        bounds = np.append(np.searchsorted(owner, np.arange(len(reports))), len(owner))
        positions = part.positions[rows]
        origins = part.period.rows[positions]
        return cls(part, reports, rows, positions, origins, ids.take(pa.array(rows)), owner, bounds)

    def part_of(self, start: int, end: int) -> Batch:
        """The reports from one place to before another, with their rows."""
        first, last = self.bounds[start], self.bounds[end]
        return Batch(
            self.part,
            self.reports[start:end],
            self.rows[first:last],
            self.positions[first:last],
            self.origins[first:last],
            self.ids.slice(first, last - first),
            self.owner[first:last] - start,
            self.bounds[start : end + 1] - first,
        )

    @property
    def repeated(self) -> Flags:
        """Which rows have the transaction of the row before them."""
        found = np.zeros(len(self.ids), dtype=np.bool_)
        before, after = self.ids.slice(0, max(len(self.ids) - 1, 0)), self.ids.slice(1)
        found[1:] = pc.equal(before, after).to_numpy(zero_copy_only=False)
        found[1:] &= self.owner[1:] == self.owner[:-1]
        return found

    def head(self, number: int) -> Head:
        """What approved content says of one of the reports."""
        return self.part.period.heads.head(self.reports[number])

    def any_of(self, flags: Flags) -> Flags:
        """By report, whether one of its rows has the flag."""
        found = np.zeros(len(self.reports), dtype=np.bool_)
        found[self.owner[flags]] = True
        return found

    def together(self, texts: pa.LargeStringArray, separator: str) -> pa.LargeStringArray:
        """By report, the texts of its rows."""
        rows = pa.LargeListArray.from_arrays(pa.array(self.bounds), texts)
        return pc.binary_join(rows, pa.scalar(separator, TEXT))

    def approved_rows(self, chosen: Flags) -> Iterator[tuple[int, list[Row]]]:
        """The rows of the chosen ones of the reports, as far as they are approved content."""
        if not chosen.any():
            return
        expenses = self.part.period.expenses
        positions = pa.array(self.positions[chosen[self.owner]])
        columns = (expenses.column(name).take(positions).to_pylist() for name in Row._fields)
        rows = map(Row._make, zip(*columns, strict=True))
        sizes = np.diff(self.bounds).tolist()
        for number in np.flatnonzero(chosen).tolist():
            yield number, list(islice(rows, sizes[number]))


def are_numbers(ids: pa.LargeStringArray) -> bool:
    """Whether all ids are digits and as long as each other, as Expensify's are: then they sort as numbers do."""
    if not len(ids):
        return False
    offsets = np.frombuffer(ids.buffers()[1], dtype=np.int64)[ids.offset : ids.offset + len(ids) + 1]
    sizes = np.diff(offsets)
    if not 0 < sizes[0] <= _MOST_DIGITS or (sizes != sizes[0]).any():
        return False
    letters = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return bool(((letters >= ord("0")) & (letters <= ord("9"))).all())


def _order(ids: pa.LargeStringArray, owner: Integers) -> Integers:
    """The rows by report, in a report by id; equal ones stay as they stand."""
    if are_numbers(ids):
        numbers: NDArray[np.uint64] = pc.cast(ids, pa.uint64()).to_numpy()
        return np.lexsort((numbers, owner))
    # UTF-8 is in the order of its characters, as Python's text is.
    keys = pa.table({"report": owner, "id": ids})
    order: Integers = pc.sort_indices(keys, [("report", "ascending"), ("id", "ascending")]).to_numpy()
    return order.astype(np.int64)
