"""Columns of cells, read by the same rules as single values.

Plain cells are read at once; of the others each distinct one goes through the function that reads a single value.
`odd` marks the rows that only the reader of single reports (`reading`) can judge.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache, reduce
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from mlc_pipeline.expensify import values
from mlc_pipeline.expensify.export_lines import CLOSING, cell_text

Flags: TypeAlias = NDArray[np.bool_]
Integers: TypeAlias = NDArray[np.int64]

# 64-bit offsets, as pandas has them: its frame takes the columns as they are.
TEXT = pa.large_string()

# Thirteen digits: so a report of 900,000 expenses still adds up within 64 bits. Longer ones are odd, not wrong.
_MOST_DIGITS = 13
_PLAIN_CENTS = rf"^(-?[0-9]{{1,{_MOST_DIGITS}}})?$"
_PLAIN_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
_PLAIN_YEARS = np.array(["1970", "2200"], dtype="datetime64[us]").astype(np.int64)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers; where `present` is false the number is 0 and stands for nothing."""

    values: Integers
    present: Flags
    odd: Flags

    def or_else(self, other: Numbers) -> Numbers:
        """These numbers where they are present, else the others."""
        chosen = np.where(self.present, self.values, other.values)
        return Numbers(chosen, self.present | other.present, self.odd | other.odd)

    def taken(self, rows: Integers) -> Numbers:
        """Some of the numbers, in the order of `rows`."""
        return Numbers(self.values[rows], self.present[rows], self.odd[rows])

    def as_arrow(self, kind: pa.DataType | None = None) -> pa.Array:
        """As a nullable column of 64-bit integers, or of another type of that width."""
        return pa.array(self.values, mask=~self.present).view(kind or pa.int64())


def read_cells(lines: bytes, kind: str, names: Sequence[str], wanted: Sequence[str]) -> pa.Table | None:
    """The wanted cells as columns of strings, or None when not every line is such a line of UTF-8."""
    if not lines or lines.isspace():
        return pa.table({name: pa.array([], TEXT) for name in wanted})
    text = dict.fromkeys(["_kind", *wanted, "_closing"], TEXT)
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(lines),
            pyarrow.csv.ReadOptions(
                column_names=["_kind", *names, "_closing"], block_size=len(lines) + 1, use_threads=False
            ),
            pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False, escape_char=False),
            pyarrow.csv.ConvertOptions(
                column_types=text, include_columns=list(text), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    ours = pc.and_(pc.equal(table["_kind"], kind), pc.equal(table["_closing"], CLOSING))
    return table.select(list(wanted)) if pc.all(ours).as_py() else None


def column(table: pa.Table, name: str) -> pa.LargeStringArray:
    """One column in one piece."""
    pieces = table[name].chunks
    cells = pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces or [pa.array([], TEXT)])
    return cells if _letters(cells).size else blank(len(cells))


@lru_cache(maxsize=4)
def blank(length: int) -> pa.LargeStringArray:
    """A column of empty texts. Many columns are, so they share the memory."""
    return repeated("", length)


def repeated(text: str, length: int) -> pa.LargeStringArray:
    """A column of one text."""
    return pa.repeat(pa.scalar(text, TEXT), length)


@lru_cache(maxsize=4)
def missing(length: int) -> pa.LargeStringArray:
    """A column of no texts at all, shared like `blank`."""
    return pa.nulls(length, TEXT)


def is_set(cells: pa.LargeStringArray) -> Flags:
    """Which cells hold anything."""
    return lengths(cells) > 0


def lengths(cells: pa.LargeStringArray) -> NDArray[np.int64]:
    """Bytes of each cell."""
    return np.diff(_offsets(cells))


def identifiers(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """Keys, byte for byte as Expensify has them."""
    return _rewritten(cells, "\\", cell_text)


def texts(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """Texts, their HTML entities replaced once."""
    return _rewritten(cells, "\\&", lambda cell: values.unescaped(cell_text(cell)))


def shared_texts(cells: pa.LargeStringArray) -> pa.DictionaryArray:
    """The same, encoded: where many cells are alike."""
    found = pc.dictionary_encode(cells)
    return pa.DictionaryArray.from_arrays(found.indices, texts(found.dictionary))


def currencies(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """ISO currency codes in capitals."""
    codes, _ = by_distinct(cells, lambda cell: values.currency(cell_text(cell)))
    return codes


def first_of(preferred: pa.LargeStringArray, other: pa.LargeStringArray) -> pa.LargeStringArray:
    """The preferred texts where there are any, else the others."""
    chosen = is_set(preferred)
    if not chosen.any():
        return other
    return preferred if chosen.all() else pc.if_else(pa.array(chosen), preferred, other)


def cents(cells: pa.LargeStringArray) -> Numbers:
    """Minor units; odd is whatever is not digits with or without a minus."""
    found = lengths(cells)
    absent = np.zeros(len(cells), dtype=np.int64)
    if not found.any():
        return Numbers(absent, found > 0, np.zeros(len(cells), dtype=bool))
    letters = _letters(cells)
    if ((letters >= ord("0")) & (letters <= ord("9"))).all():
        odd = found > _MOST_DIGITS
    else:
        odd = ~_flags(pc.match_substring_regex(cells, _PLAIN_CENTS))
    present = (found > 0) & ~odd
    plain = cells if present.all() else pc.if_else(pa.array(present), cells, pa.scalar(None, TEXT))
    return Numbers(pc.fill_null(pc.cast(plain, pa.int64()), 0).to_numpy(zero_copy_only=False), present, odd)


def truths(cells: pa.LargeStringArray) -> Numbers:
    """1 for true, 0 for false; odd is what the template never writes."""
    true, false = (_flags(pc.equal(cells, word)) for word in ("true", "false"))
    return Numbers(true.astype(np.int64), true | false, is_set(cells) & ~true & ~false)


def days(cells: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Flags]:
    """The days `yyyy-MM-dd`, empty where there is none, and which are odd."""
    return by_distinct(cells, lambda cell: _day(cell_text(cell)))


def instants(cells: pa.LargeStringArray, zone: tzinfo) -> Numbers:
    """Microseconds since 1970 in UTC."""
    plain = _flags(pc.match_substring_regex(cells, _PLAIN_INSTANT))
    spelled = pc.if_else(pa.array(plain), cells, pa.scalar(None, TEXT))
    found = np.zeros(len(cells), dtype=np.int64)
    try:
        found = pc.fill_null(pc.cast(spelled, pa.timestamp("us")).cast(pa.int64()), 0).to_numpy(
            zero_copy_only=False
        )
        plain &= (found >= _PLAIN_YEARS[0]) & (found < _PLAIN_YEARS[1])
    except pa.ArrowInvalid:  # one of them is no date: then each is looked at by itself
        plain = np.zeros(len(cells), dtype=bool)
    odd = np.zeros(len(cells), dtype=bool)
    present, found = plain.copy(), found.copy()
    for row in np.flatnonzero(is_set(cells) & ~plain):
        moment, odd[row] = _instant(cell_text(cells[row].as_py()), zone)
        present[row] = moment is not None
        found[row] = 0 if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)
    return Numbers(found, present, odd)


def by_distinct(
    cells: pa.LargeStringArray, read: Callable[[str], str | None]
) -> tuple[pa.LargeStringArray, Flags]:
    """`read` of every cell, called once for each distinct one; where it gives None the cell is odd and empty."""
    distinct = pc.dictionary_encode(cells)
    answers = [read(cell) for cell in distinct.dictionary.to_pylist()]
    if answers == distinct.dictionary.to_pylist():
        return cells, np.zeros(len(cells), dtype=bool)
    odd = np.array([answer is None for answer in answers], dtype=bool)
    given = pa.array([answer or "" for answer in answers], TEXT)
    return given.take(distinct.indices), odd[distinct.indices.to_numpy()]


def _day(cell: str) -> str | None:
    try:
        day = values.day(cell)
    except values.Unreadable:
        return None
    return day.isoformat() if day else ""


def _instant(cell: str, zone: tzinfo) -> tuple[datetime | None, bool]:
    try:
        return values.instant(cell, zone), False
    except values.Unreadable:
        return None, True


def _rewritten(cells: pa.LargeStringArray, marks: str, rewrite: Callable[[str], str]) -> pa.LargeStringArray:
    letters = _letters(cells)
    found = [mark for mark in marks if (letters == ord(mark)).any()]
    if not found:
        return cells
    touched = reduce(pc.or_, [pc.match_substring(cells, mark) for mark in found])
    distinct = pc.dictionary_encode(cells.filter(touched))
    rewritten = pa.array([rewrite(cell) for cell in distinct.dictionary.to_pylist()], TEXT)
    return pc.replace_with_mask(cells, touched, rewritten.take(distinct.indices))


def _letters(cells: pa.LargeStringArray) -> NDArray[np.uint8]:
    """The bytes of all cells, one after the other."""
    data: Any = cells.buffers()[2]
    if data is None or not len(cells):
        return np.zeros(0, dtype=np.uint8)
    offsets = _offsets(cells)
    return np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]


def _offsets(cells: pa.LargeStringArray) -> NDArray[np.int64]:
    if not len(cells):
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(cells.buffers()[1], dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]


def _flags(flags: pa.Array) -> Flags:
    found: Flags = flags.to_numpy(zero_copy_only=False)
    return found
