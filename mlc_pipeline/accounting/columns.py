"""Columns: texts as small integers and exact sums by group, so that no loop runs over single expenses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Integers = NDArray[Any]
"""Whole numbers: int64, or Python's own where a sum could leave 64 bits."""
Flags = NDArray[np.bool_]

TEXT = pa.large_string()

_SAFE = 2**62
_SPARSE = 16  # how many times as many numbers may be possible as there are, before it is better to sort them
_EPOCH = date(1970, 1, 1).toordinal()


def combined(columns: Sequence[tuple[Integers, int]], count: int) -> tuple[Integers, Integers]:
    """For each of `count` rows the number of its combination of numbers, and where each combination first stands.

    Of each column the numbers, and below what these are.
    """
    numbers, below = np.zeros(count, dtype=np.int64), 1
    for column, size in columns:
        if below * size > _SPARSE * (count + 1):
            numbers, used = compacted(numbers, below)
            below = len(used)
        if size > 1:
            numbers *= size
            numbers += column
            below *= size
    numbers, _ = compacted(numbers, below)
    return numbers, first_positions(numbers)


def first_positions(numbers: Integers) -> Integers:
    """Where each of the numbers 0, 1, 2 … first stands."""
    firsts = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
    firsts[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return firsts


def compacted(numbers: Integers, count: int) -> tuple[Integers, Integers]:
    """Numbers below `count` without those that do not occur: 0, 1, 2 … instead, and which ones these were."""
    if count > _SPARSE * (len(numbers) + 1):
        used, found = np.unique(numbers, return_inverse=True)
        return found, used
    occurs = np.zeros(count, dtype=np.bool_)
    occurs[numbers] = True
    used = np.flatnonzero(occurs)
    places = np.empty(count, dtype=np.int64)
    places[used] = np.arange(len(used))
    return places[numbers], used


def exact(numbers: Integers, times: int = 1) -> Integers:
    """The same numbers, in a form in which their sum and their products up to `times` as large are exact."""
    if not len(numbers):
        return numbers
    largest = max(abs(int(numbers.max())), abs(int(numbers.min())))
    return numbers if largest * max(len(numbers), times) < _SAFE else numbers.astype(object)


def sums(numbers: Integers, groups: Integers, count: int) -> Integers:
    """The sum of the numbers of each group 0 … `count` - 1."""
    addends = exact(numbers)
    found = np.zeros(count, dtype=addends.dtype)
    np.add.at(found, groups, addends)
    return found


def any_of(flags: Flags, groups: Integers, count: int) -> Flags:
    """For each group whether one of its flags is set."""
    found = np.zeros(count, dtype=np.bool_)
    found[groups[flags]] = True
    return found


def disagreeing(numbers: Integers, groups: Integers, count: int) -> Flags:
    """For each group whether its numbers are not all the same."""
    one = np.zeros(count, dtype=numbers.dtype)
    one[groups] = numbers
    return any_of(numbers != one[groups], groups, count)


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """A column of texts in which many rows are alike: the number of each row's text, and the texts."""

    numbers: Integers
    texts: Sequence[str]

    @classmethod
    def of(cls, column: pa.LargeStringArray) -> Shared:
        """The texts of a column in which none is missing."""
        found = pc.dictionary_encode(column)
        return cls(found.indices.to_numpy(), objects(found.dictionary))

    def text(self, row: int) -> str:
        """The text of one row."""
        return self.texts[int(self.numbers[row])]

    def written(self, write: Callable[[str], str]) -> Shared:
        """The same rows with each text written anew."""
        return Shared(self.numbers, [write(text) for text in self.texts])

    def taken(self, rows: Integers) -> Shared:
        """Some of the rows."""
        return Shared(self.numbers[rows], self.texts)

    @classmethod
    def of_list(cls, texts: Sequence[str]) -> Shared:
        """The texts of a list, each row with its own."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        return cls(np.array([places[text] for text in texts], dtype=np.int64), [*places])

    def compacted(self) -> Shared:
        """The same rows without the texts that none of them has."""
        numbers, used = compacted(self.numbers, len(self.texts))
        return Shared(numbers, [self.texts[number] for number in used.tolist()])

    def lengths(self) -> Integers:
        """By row, how many characters its text has."""
        return np.array([len(text) for text in self.texts], dtype=np.int64)[self.numbers]

    def column(self) -> pa.LargeStringArray:
        """The rows, each with a text of its own."""
        return pa.array(self.texts, TEXT).take(pa.array(self.numbers))


def objects(texts: pa.Array) -> list[Any]:
    """The texts of a column as Python has them: much faster than one by one."""
    found: list[Any] = texts.to_numpy(zero_copy_only=False).tolist()
    return found


def joined(*parts: str | pa.LargeStringArray) -> pa.LargeStringArray:
    """The parts of each row, one after the other; a text alone is part of all rows."""
    cells = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*cells, pa.scalar("", TEXT))


def rewritten(column: pa.LargeStringArray, plain: str, rewrite: Callable[[str], str]) -> pa.LargeStringArray:
    """`rewrite` of every text; those that match the pattern `plain` are known to stay as they are."""
    touched = pc.invert(pc.match_substring_regex(column, plain))
    anew = Shared.of(column.filter(touched)).written(rewrite)
    return pc.replace_with_mask(column, touched, anew.column()) if len(anew.numbers) else column


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows in groups within reports: the group of each row, and of each group its report and its sum.

    Groups are in the order of the reports, within a report in that of their ranks.
    """

    of_row: Integers
    report: Integers
    cents: Integers

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.report)

    def among(self, rows: Flags, cents: Integers) -> Groups:
        """The same groups of some of the rows, where they have any; `cents` are those of all rows."""
        of_row, used = compacted(self.of_row[rows], self.count)
        return Groups(of_row, self.report[used], sums(cents[rows], of_row, len(used)))


def grouped(reports: Integers, ranks: Integers, cents: Integers) -> Groups:
    """Group rows by report and rank, and sum their cents."""
    width = int(ranks.max(initial=0)) + 1
    of_row, keys = compacted(reports * width + ranks, (int(reports.max(initial=0)) + 1) * width)
    return Groups(of_row, keys // width, sums(cents, of_row, len(keys)))


def ranked(keys: Sequence[Any]) -> Integers:
    """For each key its place among the sorted distinct keys."""
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return np.array([places[key] for key in keys], dtype=np.int64)


def dates(ordinals: Integers) -> list[date]:
    """Proleptic ordinals as dates."""
    found: list[date] = (ordinals - _EPOCH).astype("datetime64[D]").tolist()
    return found
