"""Expenses: the rows of the `expensify_reports` asset as columns of Arrow and numpy, made when they are asked for.

A text that is missing is the empty text, and a number that is missing is 0.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.columns import TEXT, Flags, Integers, Shared, combined, objects

Rows: TypeAlias = "pd.DataFrame | pa.Table | Expenses"
"""The frame that the asset is kept as, or the table that the reader makes, in which texts may be encoded."""


class Expenses:
    """The columns of some expenses; what is worked out once is kept."""

    @classmethod
    def of(cls, rows: Rows) -> Expenses:
        """Those that are columns already are the same ones: what is worked out is worked out once."""
        return rows if isinstance(rows, Expenses) else cls(rows)

    def __init__(self, rows: pd.DataFrame | pa.Table) -> None:
        table = pa.Table.from_pandas(rows, preserve_index=False) if isinstance(rows, pd.DataFrame) else rows
        self._table = table.unify_dictionaries()
        self._columns: dict[str, pa.Array] = {}
        self._texts: dict[str, pa.LargeStringArray] = {}
        self._shared: dict[str, Shared] = {}
        self._distinct: dict[tuple[str, ...], tuple[Integers, Sequence[Any]]] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __contains__(self, name: str) -> bool:
        return name in self._table.column_names

    def column(self, name: str) -> pa.Array:
        """A column in one piece, as it is."""
        if name not in self._columns:
            pieces = self._table[name].combine_chunks()
            whole = pa.concat_arrays(pieces.chunks) if isinstance(pieces, pa.ChunkedArray) else pieces
            self._columns[name] = whole
        return self._columns[name]

    def texts(self, name: str) -> pa.LargeStringArray:
        """A column of texts, each row with its own."""
        if name not in self._texts:
            self._texts[name] = pc.fill_null(self.column(name).cast(TEXT), "")
        return self._texts[name]

    def shared(self, name: str) -> Shared:
        """A column of texts in which many rows are alike."""
        if name not in self._shared:
            column = self.column(name)
            encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
            self._shared[name] = _shared(encoded)
        return self._shared[name]

    def whole(self, name: str) -> Integers:
        """A column of whole numbers."""
        found: Integers = pc.fill_null(self.column(name), 0).to_numpy()
        return found

    def missing(self, name: str) -> Flags:
        """Which rows of a column are missing."""
        found: Flags = pc.is_null(self.column(name)).to_numpy(zero_copy_only=False)
        return found

    def flags(self, name: str, *, unless_said: bool) -> Flags:
        """A column of flags, with an answer for those that are missing."""
        found: Flags = pc.fill_null(self.column(name), unless_said).to_numpy(zero_copy_only=False)
        return found

    def distinct(
        self, names: Sequence[str], also: Mapping[str, Shared] | None = None
    ) -> tuple[Integers, Sequence[Any]]:
        """For each row the number of its combination of texts, and the combinations as named tuples.

        `also` are further columns; their names must always stand for the same.
        """
        key = (*names, *(also or {}))
        if key not in self._distinct:
            columns = {name: self.shared(name) for name in names} | {**(also or {})}
            self._distinct[key] = _distinct(columns, len(self))
        return self._distinct[key]


def _distinct(columns: Mapping[str, Shared], count: int) -> tuple[Integers, Sequence[Any]]:
    row_of = namedtuple("Row", columns)  # type: ignore[misc]
    numbers, firsts = combined([(column.numbers, len(column.texts)) for column in columns.values()], count)
    texts = [[column.texts[number] for number in column.numbers[firsts]] for column in columns.values()]
    return numbers, [row_of(*cells) for cells in zip(*texts, strict=True)]


def _shared(encoded: pa.DictionaryArray) -> Shared:
    texts, numbers = objects(encoded.dictionary), encoded.indices
    if numbers.null_count:
        texts, numbers = [*texts, ""], pc.fill_null(numbers, len(texts))
    numbers = np.asarray(numbers)
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    if len(places) < len(texts):
        numbers = np.array([places[text] for text in texts], dtype=np.int64)[numbers]
    return Shared(numbers, [*places])
