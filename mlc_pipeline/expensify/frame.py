"""From exported reports to the frame of the `expensify_reports` asset: one row an expense.

The reports are read in columns, a thousand at a time. Those that turn out to be odd are read again one by one,
by the rules that define what a report is (`reading`, `checks`), and take their place among the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from mlc_pipeline.expensify.columns import Flags, Integers
from mlc_pipeline.expensify.expense_columns import expense_columns
from mlc_pipeline.expensify.exported import ExportedReports, SelectedReports
from mlc_pipeline.expensify.models import ReportRecord
from mlc_pipeline.expensify.record_rows import ROWS, record_table
from mlc_pipeline.frames import frame_from
from mlc_pipeline.side_by_side import side_by_side

# So many that what each part costs by itself does not count, so few that the threads share them.
_REPORTS_AT_ONCE = 1000


def expenses_frame(reports: SelectedReports) -> pd.DataFrame:
    """The rows of the reports in their order, as in `EXPENSES`; a report without expenses keeps one row.

    Raises:
        TemplateError: a line is not one that the template writes.
    """
    return frame_from(expenses_table(reports).cast(ROWS))


def expenses_table(reports: SelectedReports) -> pa.Table:
    """The same rows as a table, in which texts that many rows share are encoded.

    Raises:
        TemplateError: a line is not one that the template writes.
    """
    cuts = range(_REPORTS_AT_ONCE, len(reports), _REPORTS_AT_ONCE)
    return pa.concat_tables(side_by_side(partial(_table, reports.exported), np.split(reports.rows, cuts)))


def _table(exported: ExportedReports, rows: Integers) -> pa.Table:
    odd = exported.are_odd(rows)
    sizes = np.where(odd, 0, exported.expenses(rows))
    found = _in_columns(exported, rows[~odd], sizes[~odd])
    if found is None:
        return record_table(exported.record(row) for row in rows)
    plain, odd[~odd] = found
    if not odd.any():
        return plain
    ends = np.cumsum(sizes)
    return _with_odd(plain, (ends - sizes)[odd], ends[odd], [exported.record(row) for row in rows[odd]])


def _in_columns(exported: ExportedReports, rows: Integers, expenses: Integers) -> tuple[pa.Table, Flags] | None:
    if not len(rows):
        return record_table(()), np.zeros(0, dtype=bool)
    return expense_columns(exported.expense_lines(rows), exported.reports.taken(rows), expenses)


def _with_odd(plain: pa.Table, begins: Integers, ends: Integers, records: Sequence[ReportRecord]) -> pa.Table:
    """The plain rows, of which those from `begins` to `ends` give way to the rows of a record."""
    read = record_table(records)
    pieces, at, of_read = [], 0, 0
    for begin, end, record in zip(begins, ends, records, strict=True):
        size = max(1, len(record.expenses))
        pieces += [plain.slice(at, begin - at), read.slice(of_read, size)]
        at, of_read = end, of_read + size
    return pa.concat_tables([*pieces, plain.slice(at)])
