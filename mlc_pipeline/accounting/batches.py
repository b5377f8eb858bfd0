"""Batches: some thousand reports of a part, with their rows in the order in which they are put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.columns import Integers, objects
from mlc_pipeline.accounting.moments import in_utc, in_zone


class Head(NamedTuple):
    """What is said of a report; what is missing is empty.

    `approved_at` is ISO 8601 in UTC, `approved_locally` in the time zone of the connection, to the second.
    `problems` is the JSON list of what the reader found.
    """

    report_id: str
    report_name: str
    currency: str
    employee_email: str
    employee_name: str
    approver_email: str
    problems: str
    approved_at: str
    approved_locally: str


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Neighbouring reports of a part, and their rows: report by report, in a report by transaction id.

    `rows` are the places of the rows in the part, `ids` and `id_cells` their transaction ids, empty where there is
    none. The rows of the n-th of the `reports` are those from `bounds[n]` to before `bounds[n + 1]`.
    """

    part: PartRows
    reports: Integers
    rows: Integers
    ids: NDArray[np.object_]
    id_cells: pa.LargeStringArray
    bounds: Integers

    @classmethod
    def of(cls, part: PartRows, reports: Integers) -> Batch:
        """The batch of these reports; every row of the part between the first and the last is of one of them."""
        first, last = np.searchsorted(part.reports, [reports[0], reports[-1] + 1])
        found = part.period.texts("transaction_id").take(pa.array(part.positions[first:last]))
        ids, owner = pc.fill_null(found, ""), part.reports[first:last]
        # A stable sort; UTF-8 is in the order of its characters, as Python's text is.
        order = pc.sort_indices(
            pa.table({"report": owner, "id": ids}), [("report", "ascending"), ("id", "ascending")]
        )
        bounds = np.append(np.searchsorted(owner, reports), len(owner))
        rows, cells = order.to_numpy().astype(np.int64) + first, ids.take(order)
        return cls(part, reports, rows, cells.to_numpy(zero_copy_only=False), cells, bounds)

    @property
    def positions(self) -> Integers:
        """Where the rows stand in the frame."""
        found: Integers = self.part.positions[self.rows]
        return found

    def heads(self, timezone: str) -> Iterator[Head]:
        """What is said of each report."""
        period = self.part.period
        reports = pa.array(self.reports)
        names = Head._fields[: Head._fields.index("approved_at")]
        said = [objects(pc.fill_null(period.head_texts(name).take(reports), "")) for name in names]
        approved = period.expenses["approved_at"].take(period.heads[self.reports])
        columns = (*said, in_utc(approved), in_zone(approved, ZoneInfo(timezone)))
        return map(Head._make, zip(*columns, strict=True))
