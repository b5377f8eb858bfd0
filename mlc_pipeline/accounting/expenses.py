"""Expenses: the rows of the `expensify_reports` asset as columns of Arrow and numpy, made when they are asked for.

A text that is missing is the empty text, and a number that is missing is 0.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.columns import TEXT, Flags, Integers, Shared, combined, objects
from mlc_pipeline.side_by_side import side_by_side

Rows: TypeAlias = "pd.DataFrame | pa.Table | Expenses"
"""The frame that the asset is kept as, or the table that the reader makes, in which texts may be encoded."""


class Expenses:
    """The columns of some expenses; what is worked out once is kept. Threads may share them."""

    @classmethod
    def of(cls, rows: Rows) -> Expenses:
        """Those that are columns already are the same ones: what is worked out is worked out once."""
        return rows if isinstance(rows, Expenses) else cls(rows)

    def __init__(self, rows: pd.DataFrame | pa.Table) -> None:
        table = pa.Table.from_pandas(rows, preserve_index=False) if isinstance(rows, pd.DataFrame) else rows
        self._table = table.unify_dictionaries()
        self._kept: dict[Any, Any] = {}
        self._turns: dict[Any, RLock] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __contains__(self, name: str) -> bool:
        return name in self._table.column_names

    def taken(self, rows: Integers) -> Expenses:
        """Some of the rows; what many rows share keeps its number."""
        return _Some(self, rows)

    def column(self, name: str) -> pa.Array:
        """A column in one piece, as it is."""
        return self._once(("column", name), lambda: self._column(name))

    def texts(self, name: str) -> pa.LargeStringArray:
        """A column of texts, each row with its own."""
        return self._once(("texts", name), lambda: pc.fill_null(self.column(name).cast(TEXT), ""))

    def shared(self, name: str) -> Shared:
        """A column of texts in which many rows are alike."""
        found: Shared = self._once(("shared", name), lambda: self._shared(name))
        return found

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

    def distinct(self, names: Sequence[str]) -> tuple[Integers, Sequence[Any]]:
        """For each row the number of its combination of texts, and the combinations as named tuples."""
        found: tuple[Integers, Sequence[Any]] = self._once(tuple(names), lambda: self._distinct(names))
        return found

    def prepare(self, combinations: Iterable[Sequence[str]]) -> None:
        """Work out some combinations side by side, before they are asked for one by one."""
        side_by_side(self.distinct, combinations)

    def _once(self, key: Any, work_out: Callable[[], Any]) -> Any:
        with self._turns.setdefault(key, RLock()):
            if key not in self._kept:
                self._kept[key] = work_out()
            return self._kept[key]

    def _column(self, name: str) -> pa.Array:
        pieces = self._table[name].combine_chunks()
        return pa.concat_arrays(pieces.chunks) if isinstance(pieces, pa.ChunkedArray) else pieces

    def _shared(self, name: str) -> Shared:
        column = self.column(name)
        return _shared(column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column))

    def _distinct(self, names: Sequence[str]) -> tuple[Integers, Sequence[Any]]:
        columns = [self.shared(name) for name in names]
        numbers, firsts = combined([(column.numbers, len(column.texts)) for column in columns], len(self))
        texts = [[column.texts[number] for number in column.numbers[firsts]] for column in columns]
        row_of = namedtuple("Row", names)  # type: ignore[misc]
        return numbers, [row_of(*cells) for cells in zip(*texts, strict=True)]


class _Some(Expenses):
    """Some rows of others."""

    def __init__(self, of: Expenses, rows: Integers) -> None:
        self._of, self._rows = of, rows
        self._kept, self._turns = {}, {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        return name in self._of

    def _column(self, name: str) -> pa.Array:
        return self._of.column(name).take(pa.array(self._rows))

    def _shared(self, name: str) -> Shared:
        if not pa.types.is_dictionary(self._of.column(name).type):
            return super()._shared(name)
        return self._of.shared(name).taken(self._rows).compacted()

    def _distinct(self, names: Sequence[str]) -> tuple[Integers, Sequence[Any]]:
        numbers, found = self._of.distinct(names)
        return numbers[self._rows], found


def _shared(encoded: pa.DictionaryArray) -> Shared:
    texts, numbers = objects(encoded.dictionary), encoded.indices
    if numbers.null_count:
        texts, numbers = [*texts, ""], pc.fill_null(numbers, len(texts))
    numbers = np.asarray(numbers)
    return Shared(numbers, texts) if len(set(texts)) == len(texts) else Shared.of_list(texts).taken(numbers)
