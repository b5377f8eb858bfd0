"""The downloaded file of an export: is it whole, and where in it does each report stand?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlc_pipeline.expensify.errors import TemplateError
from mlc_pipeline.expensify.export_lines import report_object
from mlc_pipeline.side_by_side import side_by_side

# FreeMarker prints its own failure into the output, over several lines. A line of ours ends in a dot of its own
# after a tab, so a merchant of that name is not mistaken for it.
_FREEMARKER_FAILURE = re.compile(rb"FreeMarker template error[^\t\n]*\r?\n\s*([^\n]{0,200})", re.IGNORECASE)
_END = re.compile(rb"(?:^|\n|\xef\xbb\xbf)end\t([0-9]+)\t([0-9]+)\t\.\s*\Z")
_LONGEST_END = 4096
_BLOCK = 2**24
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NotWhole(Exception):
    """The file is empty, not there yet, or cut; the message says which. Downloading again may mend it."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A whole file: its bytes, and of each report where its line begins, where that ends, where its expenses end.

    `expenses` is how many expenses each report has.
    """

    body: bytes
    begins: NDArray[np.int64]
    line_ends: NDArray[np.int64]
    ends: NDArray[np.int64]
    expenses: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.begins)

    def report_lines(self, positions: slice) -> bytes:
        """The lines of some reports, without their expenses."""
        return b"\n".join(self._parts(self.begins[positions], self.line_ends[positions]))

    def expense_lines(self, positions: NDArray[np.int64]) -> Iterator[memoryview]:
        """The lines of the expenses of some reports, report after report."""
        return self._parts(self.line_ends[positions], self.ends[positions])

    def report(self, position: int) -> dict[str, Any]:
        """One report as an object. Raises TemplateError when it is not what the template renders."""
        return report_object(self.body[self.begins[position] : self.ends[position]].decode("utf-8"))

    def _parts(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[memoryview]:
        body = memoryview(self.body)
        return (body[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))


_NOWHERE = np.zeros(0, dtype=np.int64)
NO_REPORTS = ExportFile(b"", _NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE)


def whole_file(body: bytes) -> ExportFile:
    """The reports of a whole file.

    Raises:
        NotWhole: the last line is missing or counts other figures than the file holds.
        TemplateError: FreeMarker failed.
    """
    if not body[:_LONGEST_END].strip() and not body.strip():
        raise NotWhole("it is empty")
    end = _END.search(body, max(0, len(body) - _LONGEST_END))
    if end is None:
        _raise_if_freemarker_failed(body)
        raise NotWhole("its end marker is missing")
    if not _is_utf8(body):
        raise NotWhole("it is not text in UTF-8")
    lines = _line_starts(body, end.start())
    reports, expenses = _beginning(body, lines, b"re", b"ex")
    _check_counts(end, len(reports), len(expenses))
    begins, stop = lines[reports], end.start()
    line_ends = np.append(lines, stop)[reports + 1]
    return ExportFile(
        body,
        begins,
        line_ends,
        np.append(begins, stop)[1:],
        np.diff(np.searchsorted(expenses, [*reports, len(lines)])),
    )


def _check_counts(end: re.Match[bytes], reports: int, expenses: int) -> None:
    if (reports, expenses) != (int(end[1]), int(end[2])):
        raise NotWhole(
            f"its end marker counts {int(end[1])} reports and {int(end[2])} expenses, "
            f"but it holds {reports} and {expenses}"
        )


def _line_starts(body: bytes, stop: int) -> NDArray[np.int64]:
    """Where the lines before `stop` begin."""
    first = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    letters = np.frombuffer(body, dtype=np.uint8)
    blocks = side_by_side(
        lambda at: np.flatnonzero(letters[at : min(at + _BLOCK, stop)] == ord("\n")) + (at + 1),
        range(0, stop, _BLOCK),
    )
    return np.concatenate([np.array([first] if first < stop else [], dtype=np.int64), *blocks])


def _beginning(body: bytes, lines: NDArray[np.int64], *words: bytes) -> Iterator[NDArray[np.int64]]:
    """Of each word which lines begin with its two letters; the whole word is checked when the line is read."""
    file = np.frombuffer(body, dtype=np.uint8)
    first, second = file[lines], file[lines + 1]
    return (np.flatnonzero((first == word[0]) & (second == word[1])) for word in words)


def _is_utf8(body: bytes) -> bool:
    """Without decoding it: as text it could take four times the memory."""
    offsets = pa.py_buffer(np.array([0, len(body)], dtype=np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(body)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _raise_if_freemarker_failed(body: bytes) -> None:
    failure = _FREEMARKER_FAILURE.search(body)
    if failure is not None:
        reason = failure[1].decode("utf-8", errors="replace").strip()
        raise TemplateError(f"Expensify could not render the export template: {reason}")
