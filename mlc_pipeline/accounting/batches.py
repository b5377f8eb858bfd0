"""Batches: some thousand reports of a part, with their rows in the order in which they are put into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.columns import Flags, Integers

_MOST_DIGITS = 19  # as many as fit into 64 bits


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Neighbouring reports of a part, and their rows: report by report, in a report by transaction id.

    `rows` are the places of the rows in the part, `ids` their transaction ids, empty where there is none, `owner`
    the number of the report of each. The rows of the n-th of the `reports` are those from `bounds[n]` to before
    `bounds[n + 1]`.
    """

    part: PartRows
    reports: Integers
    rows: Integers
    ids: pa.LargeStringArray
    owner: Integers
    bounds: Integers

    @classmethod
    def of(cls, part: PartRows, reports: Integers) -> Batch:
        """The batch of these reports; every row of the part between the first and the last is of one of them."""
        first, last = np.searchsorted(part.reports, [reports[0], reports[-1] + 1])
        ids = part.period.expenses.texts("transaction_id").take(pa.array(part.positions[first:last]))
        owner = np.searchsorted(reports, part.reports[first:last])
        order = _order(ids, owner)
        bounds = np.append(np.searchsorted(owner, np.arange(len(reports))), len(owner))
        return cls(part, reports, order + first, ids.take(pa.array(order)), owner, bounds)

    @property
    def positions(self) -> Integers:
        """Where the rows stand in the frame."""
        found: Integers = self.part.positions[self.rows]
        return found

    @property
    def repeated(self) -> Flags:
        """Which rows have the transaction of the row before them."""
        found = np.zeros(len(self.ids), dtype=np.bool_)
        before, after = self.ids.slice(0, max(len(self.ids) - 1, 0)), self.ids.slice(1)
        found[1:] = pc.equal(before, after).to_numpy(zero_copy_only=False)
        found[1:] &= self.owner[1:] == self.owner[:-1]
        return found

    def any_of(self, flags: Flags) -> Flags:
        """By report, whether one of its rows has the flag."""
        found = np.zeros(len(self.reports), dtype=np.bool_)
        found[self.owner[flags]] = True
        return found


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
