"""Contents: what Expensify approved of each report of a batch, found in columns; `approved` says what it is.

The text that is hashed is made for all rows at once, and what many rows share is put into JSON once. That gives
what `approved` gives where the ids of the transactions need no escape and stand once on their report, for then
their order is that of the rows. Every other report goes the careful way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.approved import LEVELS, content_hash, former_hashes, found_unreadable, hashed, unread
from mlc_pipeline.accounting.batches import Batch, are_numbers
from mlc_pipeline.accounting.columns import TEXT, Flags, Integers, joined, objects
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.problems import Problem

# Neither quotes nor what JSON escapes. All of these come after the quote that ends an id in `str` of a row, by
# which rows are sorted: so an id comes before the longer ones that begin with it, as it does by itself.
_PLAIN = r"^[\x28-\x5b\x5d-\x7e]+$"
_NOTHING_FOUND = "[]"
_COMMA = ", "
_END = "]]"

_in_json = json.JSONEncoder().encode


def _after_commas(texts: Iterable[str]) -> str:
    return "".join(_COMMA + _in_json(text) for text in texts)


class Contents:
    """What was approved of the reports of a part; what many expenses share is worked out once for all of them."""

    def __init__(self, expenses: Expenses, name: Part) -> None:
        paid_with = ("card_name", "bank") if name == "company_paid" else ()
        self._coding = _Shared(expenses, ("category", "category_gl_code", "tag"), _after_commas)
        self._tax_and_card = _Shared(expenses, ("tax_name", *paid_with), _after_commas)
        self._day_and_billable = _Shared(
            expenses, ("expense_date",), _after_commas, expenses.flags("billable", unless_said=False)
        )
        self._levels = _Shared(expenses, LEVELS, _in_json)

    def hashes(self, batch: Batch) -> list[str]:
        """The hash of the content of each report of the batch."""
        levels = batch.together(self._levels.taken(batch.origins), _COMMA)
        hashes = _hashes(*self._formerly(batch), *self._further(batch), "[", levels, "]")
        for number, part in batch.approved_rows(self._careful(batch)):
            hashes[number] = content_hash(batch.head(number), part)
        return hashes

    def former_hashes(self, batch: Batch) -> list[tuple[str, ...]]:
        """The hashes that earlier versions would have given it."""
        formerly = self._formerly(batch)
        hashes: list[tuple[str, ...]]
        hashes = [*zip(_hashes(*formerly), _hashes(*formerly, *self._further(batch)), strict=True)]
        for number, part in batch.approved_rows(self._careful(batch)):
            hashes[number] = former_hashes(batch.head(number), part)
        return hashes

    def unreadable(self, batch: Batch) -> dict[int, tuple[Problem, ...]]:
        """What is unreadable, by number in the batch: what the reader found, else what it let pass."""
        heads, expenses = batch.part.period.heads, batch.part.period.expenses
        problems = heads.texts("problems").take(pa.array(batch.reports))
        told = pc.not_equal(problems, _NOTHING_FOUND).to_numpy(zero_copy_only=False)
        uncounted, unpaid = (
            expenses.missing(name)[batch.positions] for name in ("effective_cents", "reimbursable")
        )
        named = pc.not_equal(batch.ids, "").to_numpy(zero_copy_only=False)
        untold = batch.any_of((named == uncounted) | (named & unpaid)) & ~told
        return {
            **{number: found_unreadable(problems[number].as_py()) for number in np.flatnonzero(told).tolist()},
            **{number: tuple(unread(rows)) for number, rows in batch.approved_rows(untold)},
        }

    def _formerly(self, batch: Batch) -> tuple[pa.LargeStringArray | str, ...]:
        """By report the JSON, in pieces, of what the first versions hashed."""
        opening = batch.part.period.heads.openings.take(pa.array(batch.reports))
        return opening, batch.together(self._texts(batch), _COMMA), _END

    def _further(self, batch: Batch) -> tuple[pa.LargeStringArray | str, ...]:
        """The same for what came to it next."""
        opening = batch.part.period.heads.further_openings.take(pa.array(batch.reports))
        texts = joined('["', batch.ids, '"', self._day_and_billable.taken(batch.origins), "]")
        return opening, batch.together(texts, _COMMA), _END

    def _texts(self, batch: Batch) -> pa.LargeStringArray:
        """The rows as JSON."""
        cents = pa.array(batch.part.cents[batch.rows]).cast(TEXT)
        tax_cents = batch.part.period.expenses.column("tax_cents").take(pa.array(batch.positions)).cast(TEXT)
        coding, tax_and_card = self._coding.taken(batch.origins), self._tax_and_card.taken(batch.origins)
        taxes = pc.fill_null(tax_cents, "null")
        return joined('["', batch.ids, '", ', cents, coding, _COMMA, taxes, tax_and_card, "]")

    def _careful(self, batch: Batch) -> Flags:
        """By number in the batch, which reports go the careful way."""
        odd = batch.repeated
        if not are_numbers(batch.ids):
            odd |= ~pc.match_substring_regex(batch.ids, _PLAIN).to_numpy(zero_copy_only=False)
        return batch.any_of(odd)


def _hashes(*pieces: pa.LargeStringArray | str) -> list[str]:
    return [*map(hashed, objects(joined(*pieces).cast(pa.large_binary())))]


class _Shared:
    """Columns of texts in which many rows are alike, as JSON; after them a flag, where there is one."""

    def __init__(
        self,
        expenses: Expenses,
        names: Sequence[str],
        write: Callable[[Sequence[str]], str],
        flags: Flags | None = None,
    ) -> None:
        numbers, combinations = expenses.distinct(names)
        texts = [*map(write, combinations)]
        if flags is not None:
            numbers = numbers * 2 + flags
            texts = [f"{text}, {flag}" for text in texts for flag in ("false", "true")]
        self._numbers, self._texts = numbers, pa.array(texts, TEXT)

    def taken(self, rows: Integers) -> pa.LargeStringArray:
        """The text of these rows."""
        return self._texts.take(pa.array(self._numbers[rows]))
