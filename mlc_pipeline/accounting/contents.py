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

from mlc_pipeline.accounting.approved import LEVELS, Approved, approved, unreadable
from mlc_pipeline.accounting.batches import Batch, are_numbers
from mlc_pipeline.accounting.columns import TEXT, Flags, Integers, Shared, joined, objects
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
        self._coding = _Shared(expenses, ("category", "category_gl_code", "tag"))
        self._tax_and_card = _Shared(expenses, ("tax_name", *paid_with))
        self._day = _Shared(expenses, ("expense_date",))
        self._levels = _Shared(expenses, LEVELS, _in_json)

    def hashes(self, batch: Batch) -> list[Approved]:
        """The hashes of the content of each report of the batch."""
        heads, reports = batch.part.period.heads, pa.array(batch.reports)
        formerly = joined(heads.openings.take(reports), batch.together(self._texts(batch), _COMMA), _END)
        further = joined(
            heads.further_openings.take(reports), batch.together(self._further_texts(batch), _COMMA), _END
        )
        levels = joined("[", batch.together(self._levels_texts(batch), _COMMA), "]")
        hashes = [*map(Approved.of, _encoded(formerly), _encoded(further), _encoded(levels))]
        for number, part in batch.approved_rows(self._careful(batch)):
            hashes[number] = approved(heads.head(batch.reports[number]), part)
        return hashes

    def unreadable(self, batch: Batch) -> dict[int, tuple[Problem, ...]]:
        """By number in the batch, what is unreadable of its reports."""
        heads, expenses = batch.part.period.heads, batch.part.period.expenses
        found = pc.not_equal(heads.texts("problems").take(pa.array(batch.reports)), _NOTHING_FOUND)
        uncounted, unpaid = (
            expenses.missing(name)[batch.positions] for name in ("effective_cents", "reimbursable")
        )
        named = pc.not_equal(batch.ids, "").to_numpy(zero_copy_only=False)
        unread = batch.any_of((named == uncounted) | (named & unpaid)) | found.to_numpy(zero_copy_only=False)
        return {
            number: unreadable(heads.head(batch.reports[number]), rows)
            for number, rows in batch.approved_rows(unread)
        }

    def _texts(self, batch: Batch) -> pa.LargeStringArray:
        """The rows as JSON."""
        cents = pa.array(batch.part.cents[batch.rows]).cast(TEXT)
        tax_cents = batch.part.period.expenses.column("tax_cents").take(pa.array(batch.positions)).cast(TEXT)
        coding, tax_and_card = self._coding.taken(batch.origins), self._tax_and_card.taken(batch.origins)
        taxes = pc.fill_null(tax_cents, "null")
        return joined('["', batch.ids, '", ', cents, coding, _COMMA, taxes, tax_and_card, "]")

    def _further_texts(self, batch: Batch) -> pa.LargeStringArray:
        """The same for what formerly was not in the hash."""
        flags = batch.part.period.expenses.flags("billable", unless_said=False)[batch.positions]
        billable = Shared(flags.astype(np.int64), ["false", "true"]).column()
        return joined('["', batch.ids, '"', self._day.taken(batch.origins), _COMMA, billable, "]")

    def _levels_texts(self, batch: Batch) -> pa.LargeStringArray:
        """The same for the levels of tags, which need no ids: they stand in their order."""
        return self._levels.taken(batch.origins)

    def _careful(self, batch: Batch) -> Flags:
        """By number in the batch, which reports go the careful way."""
        odd = batch.repeated
        if not are_numbers(batch.ids):
            odd |= ~pc.match_substring_regex(batch.ids, _PLAIN).to_numpy(zero_copy_only=False)
        return batch.any_of(odd)


def _encoded(texts: pa.LargeStringArray) -> list[bytes]:
    return objects(texts.cast(pa.large_binary()))


class _Shared:
    """Columns of texts in which many rows are alike, as JSON."""

    def __init__(
        self, expenses: Expenses, names: Sequence[str], write: Callable[[Sequence[str]], str] = _after_commas
    ) -> None:
        self._numbers, combinations = expenses.distinct(names)
        self._texts = pa.array([*map(write, combinations)], TEXT)

    def taken(self, rows: Integers) -> pa.LargeStringArray:
        """The text of these rows."""
        return self._texts.take(pa.array(self._numbers[rows]))
