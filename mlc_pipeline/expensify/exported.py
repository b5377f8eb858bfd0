"""The reports of one or several exported files: each once, and cut by approval."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.expensify.columns import TEXT, Flags, Integers
from mlc_pipeline.expensify.export_file import NO_REPORTS, ExportFile
from mlc_pipeline.expensify.models import ReportRecord
from mlc_pipeline.expensify.reading import read_report
from mlc_pipeline.expensify.report_columns import report_columns
from mlc_pipeline.expensify.selection import latest, without_copies

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ExportedReports:
    """All reports of the files, which are in the order of their export: a later one knows a report better.

    `reports` has a row for every report of every file; methods take positions in it.
    """

    def __init__(self, files: Sequence[ExportFile], zone: tzinfo) -> None:
        """`zone` is where a date without a time begins. Raises TemplateError when a file is not the template's."""
        self._files = files or [NO_REPORTS]
        self._zone = zone
        self.reports = report_columns(self._files, zone)
        self._file = np.repeat(np.arange(len(self._files)), [len(file) for file in self._files])
        self._position = np.concatenate([np.arange(len(file)) for file in self._files])
        self._expenses = np.concatenate([file.expenses for file in self._files])
        self._told_apart: dict[int, ReportRecord] = {}
        self._kept = self._each_once()

    def __len__(self) -> int:
        """How many reports the files hold, copies included."""
        return len(self.reports)

    def approved_within(
        self, start: datetime, end: datetime, states: Collection[str], policy_ids: Collection[str] = ()
    ) -> SelectedReports:
        """The reports approved in `[start, end)`, in the given states and workspaces, by approval and id.

        What Expensify returned and whose state, workspace or date cannot be read stays in: it carries a problem
        and is reviewed, never lost. No `policy_ids` means all workspaces.
        """
        state, policy, placed = self.reports.text("state"), self.reports.text("policy_id"), self.reports.placed_at
        first, last = ((moment - _EPOCH) // timedelta(microseconds=1) for moment in (start, end))
        chosen = _flags(pc.or_(pc.is_null(state), _is_in(state, states)))
        if policy_ids:
            chosen &= _flags(pc.or_(pc.equal(policy, ""), _is_in(policy, policy_ids)))
        chosen &= ~placed.present | ((placed.values >= first) & (placed.values < last))
        rows = self._kept[chosen[self._kept]]
        keys = {
            "at": np.where(placed.present, placed.values, first)[rows],
            "id": self.reports.text("report_id").take(pa.array(rows)),
            "row": rows,
        }
        order = pc.sort_indices(pa.table(keys), [(key, "ascending") for key in keys]).to_numpy()
        return SelectedReports(self, rows[order])

    def are_odd(self, rows: Integers) -> Flags:
        """Which of these reports are known to need reading by themselves."""
        odd: Flags = self.reports.odd[rows] | np.isin(rows, list(self._told_apart))
        return odd

    def expenses(self, rows: Integers) -> Integers:
        """How many expenses each of these reports has."""
        return self._expenses[rows]

    def expense_lines(self, rows: Integers) -> bytes:
        """The lines of the expenses, report after report."""
        of_files = (
            self._files[number].expense_lines(self._position[places]) for number, places in self._by_file(rows)
        )
        return b"\n".join(chain.from_iterable(of_files))

    def record(self, row: int) -> ReportRecord:
        """One report, read by itself."""
        known = self._told_apart.get(row)
        return known or read_report(self._files[self._file[row]].report(self._position[row]), self._zone)

    def _by_file(self, rows: Integers) -> Iterator[tuple[int, Integers]]:
        """The rows in their order, cut where the next one is of another file."""
        cuts = np.flatnonzero(np.diff(self._file[rows])) + 1
        return ((int(self._file[part[0]]), part) for part in np.split(rows, cuts))

    def _each_once(self) -> Integers:
        """The rows of the reports, each once; records of those of which that needed a closer look are kept."""
        report_id = self.reports.text("report_id")
        distinct = pc.dictionary_encode(report_id)
        code = distinct.indices.to_numpy()
        named = _flags(pc.not_equal(report_id, ""))
        last_file = np.zeros(len(distinct.dictionary), dtype=np.int64)
        last_file[code] = self._file  # of equal codes the last assignment stays, and files ascend
        rows = np.flatnonzero(named & (self._file == last_file[code]))
        _, first, which, copies = np.unique(code[rows], return_index=True, return_inverse=True, return_counts=True)
        for group in np.flatnonzero(copies > 1):
            self._tell_apart(rows[which == group])
        return np.concatenate([rows[first], self._nameless(np.flatnonzero(~named))])

    def _tell_apart(self, copies: Integers) -> None:
        (one,) = without_copies(self.record(row) for row in copies)
        self._told_apart[int(copies[0])] = one

    def _nameless(self, rows: Integers) -> Integers:
        records = {int(row): self.record(row) for row in rows}
        kept = {id(record) for record in latest([records.values()])}
        self._told_apart |= {row: record for row, record in records.items() if id(record) in kept}
        return np.array([row for row, record in records.items() if id(record) in kept], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class SelectedReports:
    """Some reports of the files in their order; iterating reads each as a record."""

    exported: ExportedReports
    rows: Integers

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ReportRecord]:
        return (self.exported.record(row) for row in self.rows)


def _is_in(texts: pa.LargeStringArray, wanted: Collection[str]) -> pa.BooleanArray:
    return pc.is_in(texts, pa.array([str(one) for one in wanted], TEXT))


def _flags(flags: pa.BooleanArray) -> Flags:
    found: Flags = flags.to_numpy(zero_copy_only=False)
    return found
