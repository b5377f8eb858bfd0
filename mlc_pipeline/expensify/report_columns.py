"""The reports of exported files as columns: what places each of them, and what its expenses' rows repeat of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.expensify import columns
from mlc_pipeline.expensify.columns import TEXT, Flags, Integers, Numbers
from mlc_pipeline.expensify.errors import TemplateError
from mlc_pipeline.expensify.export_file import ExportFile
from mlc_pipeline.expensify.export_lines import REPORT_CELLS, cell_text, json_cell
from mlc_pipeline.expensify.models import ReportState
from mlc_pipeline.expensify.reading import state_of
from mlc_pipeline.expensify.values import fields_text, unescaped
from mlc_pipeline.side_by_side import side_by_side

_WANTED = tuple(name for name in REPORT_CELLS if name not in ("approvers", "reimbursed", "oldReportID"))
_REPORTS_AT_ONCE = 8000

_APPROVED = (ReportState.APPROVED, ReportState.REIMBURSED)
_NOT_APPROVED = (ReportState.OPEN, ReportState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """One row a report, in the order of the files.

    `rows` has the columns that every row of the `EXPENSES` frame repeats. `odd` reports are read one by one.
    """

    rows: pa.Table
    total: Numbers
    placed_at: Numbers
    odd: Flags

    def __len__(self) -> int:
        return len(self.odd)

    def text(self, name: str) -> pa.LargeStringArray:
        """One of the repeated columns, in one piece."""
        return columns.column(self.rows, name)

    def taken(self, rows: Integers) -> ReportColumns:
        """Some of the reports, in the order of `rows`."""
        total, placed_at = self.total.taken(rows), self.placed_at.taken(rows)
        return ReportColumns(self.rows.take(pa.array(rows)), total, placed_at, self.odd[rows])


def report_columns(files: Sequence[ExportFile], zone: tzinfo) -> ReportColumns:
    """The reports of the files, one file after the other.

    Raises:
        TemplateError: a line is not one that the template writes.
    """
    pieces = [
        (file, slice(begin, begin + _REPORTS_AT_ONCE))
        for file in files
        for begin in range(0, max(len(file), 1), _REPORTS_AT_ONCE)
    ]
    return _together(side_by_side(lambda piece: _columns(piece[0], piece[1], zone), pieces))


def _columns(file: ExportFile, positions: slice, zone: tzinfo) -> ReportColumns:
    expenses = file.expenses[positions]
    cells = columns.read_cells(file.report_lines(positions), "report", REPORT_CELLS, _WANTED)
    if cells is None or cells.num_rows != len(expenses):
        raise _misshapen(file)
    state = _states(cells)
    currency = columns.currencies(columns.column(cells, "currency"))
    fields, unreadable_fields = columns.by_distinct(columns.column(cells, "customField"), _fields_text)
    total = columns.cents(columns.column(cells, "total"))
    approved, submitted, created = (
        columns.instants(columns.column(cells, name), zone) for name in ("approved", "submitted", "created")
    )
    placed_at = _unless(_is_in(state, _NOT_APPROVED), approved.or_else(submitted).or_else(created))
    report_id = columns.identifiers(columns.column(cells, "reportID"))
    rows = pa.table(
        {
            "report_id": report_id,
            "report_name": _text(cells, "reportName"),
            "state": pc.if_else(pc.equal(state, ""), pa.scalar(None, TEXT), state),
            "policy_id": columns.identifiers(columns.column(cells, "policyID")),
            "currency": currency,
            "report_total_cents": total.as_arrow(),
            "employee_email": _text(cells, "accountEmail"),
            "employee_name": _text(cells, "submitterFullName"),
            "employee_number": _text(cells, "employeeCustomField1"),
            "approved_at": placed_at.as_arrow(pa.timestamp("us", "UTC")).cast(pa.timestamp("ns", "UTC")),
            "approver_email": _text(cells, "managerEmail"),
            "report_fields": fields,
        }
    )
    odd = (
        (approved.odd | submitted.odd | created.odd | total.odd | unreadable_fields)
        | ~(columns.is_set(report_id) & columns.is_set(currency) & columns.is_set(state) & total.present)
        | (_is_in(state, _APPROVED) & ~approved.present)
        | (expenses == 0)
    )
    return ReportColumns(rows, total, placed_at, odd)


def _together(parts: Sequence[ReportColumns]) -> ReportColumns:
    return ReportColumns(
        pa.concat_tables([part.rows for part in parts]).combine_chunks(),
        _joined([part.total for part in parts]),
        _joined([part.placed_at for part in parts]),
        np.concatenate([part.odd for part in parts]),
    )


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return Numbers(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.odd for part in parts]),
    )


def _text(cells: pa.Table, name: str) -> pa.LargeStringArray:
    return columns.texts(columns.column(cells, name))


def _states(cells: pa.Table) -> pa.LargeStringArray:
    words = [columns.column(cells, name) for name in ("status", "displayStatus")]
    states, _ = columns.by_distinct(pc.binary_join_element_wise(*words, pa.scalar("\t", TEXT)), _state)
    return states


def _state(words: str) -> str:
    status, display_status = (unescaped(cell_text(word)) for word in words.split("\t"))
    return str(state_of(status, display_status) or "")


def _fields_text(cell: str) -> str | None:
    try:
        fields = json_cell("customField", cell)
    except TemplateError:
        return None
    if not isinstance(fields, dict) or not all(isinstance(text, str) for text in fields.values()):
        return None
    return fields_text({name: unescaped(text) for name, text in fields.items()})


def _unless(condition: Flags, numbers: Numbers) -> Numbers:
    values: Integers = np.where(condition, 0, numbers.values)
    return Numbers(values, numbers.present & ~condition, numbers.odd)


def _is_in(state: pa.LargeStringArray, states: Sequence[ReportState]) -> Flags:
    found: Flags = pc.is_in(state, pa.array([str(one) for one in states])).to_numpy(zero_copy_only=False)
    return found


def _misshapen(file: ExportFile) -> TemplateError:
    """The error of the first report that is not as the template writes it."""
    try:
        for position in range(len(file)):
            file.report(position)
    except TemplateError as error:
        return error
    return TemplateError("Expensify's file is whole but its lines are not those of the export template.")
