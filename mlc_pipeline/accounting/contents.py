"""Contents: what Expensify approved of each report of a batch, found in columns; `approved` says what it is.

The text that is hashed is made for all rows at once, and what many rows share is put into JSON once. That gives
what `approved` gives where the ids of the transactions need no escape and stand once on their report, for then
their order is that of the rows. Every other report goes the careful way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.approved import Approved, Row, approved, unreadable
from mlc_pipeline.accounting.batches import Batch, are_numbers
from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.columns import TEXT, Flags, Integers, Shared, joined, objects
from mlc_pipeline.accounting.problems import Problem

# Neither quotes nor what JSON escapes. All of these come after the quote that ends an id in `str` of a row, by
# which rows are sorted: so an id comes before the longer ones that begin with it, as it does by itself.
_PLAIN = r"^[\x28-\x5b\x5d-\x7e]+$"
_NOTHING_FOUND = "[]"
_COMMA = ", "

_quoted = json.JSONEncoder().encode


class Contents:
    """What was approved of the reports of a part."""

    def __init__(self, part: PartRows) -> None:
        expenses = part.period.expenses
        paid_with = ("card_name", "bank") if part.name == "company_paid" else ()
        self._part = part
        self._uncounted: Flags = expenses.missing("effective_cents")
        self._unpaid: Flags = expenses.missing("reimbursable")
        self._tax_cents = expenses.column("tax_cents")
        self._coding = _Shared(part, ("category", "category_gl_code", "tag"))
        self._tax_and_card = _Shared(part, ("tax_name", *paid_with))
        self._day = _Shared(part, ("expense_date",))
        self._billable: Flags = expenses.flags("billable", unless_said=False)

    def hashes(self, batch: Batch) -> list[Approved]:
        """The hashes of the content of each report of the batch."""
        heads = self._part.period.heads
        formerly = _each(heads.openings, batch, self._texts(batch))
        further = _each(heads.further_openings, batch, self._further_texts(batch))
        hashes = []
        for before, after in zip(formerly, further, strict=True):
            former = hashlib.sha256(before)
            whole = former.copy()
            whole.update(after)
            hashes.append(Approved(whole.hexdigest(), former.hexdigest()))
        careful = self._careful(batch)
        for number, part in self._rows(batch, careful):
            hashes[number] = approved(heads.head(batch.reports[number]), part)
        return hashes

    def unreadable(self, batch: Batch) -> dict[int, tuple[Problem, ...]]:
        """By number in the batch, what is unreadable of its reports."""
        heads = self._part.period.heads
        found = pc.not_equal(heads.texts("problems").take(pa.array(batch.reports)), _NOTHING_FOUND)
        positions = batch.positions
        uncounted = self._uncounted[positions]
        named = pc.not_equal(batch.ids, "").to_numpy(zero_copy_only=False)
        unread = batch.any_of((named == uncounted) | (named & self._unpaid[positions]))
        unread |= found.to_numpy(zero_copy_only=False)
        return {number: unreadable(heads.head(batch.reports[number]), rows)
                for number, rows in self._rows(batch, unread)}  # fmt: skip

    def _texts(self, batch: Batch) -> pa.LargeStringArray:
        """The rows as JSON, each followed by what stands before the next one."""
        positions = batch.positions
        cents = pa.array(self._part.cents[batch.rows]).cast(TEXT)
        tax_cents = pc.fill_null(self._tax_cents.take(pa.array(positions)).cast(TEXT), "null")
        coding, tax_and_card = self._coding.taken(positions), self._tax_and_card.taken(positions)
        return joined('["', batch.ids, '", ', cents, coding, _COMMA, tax_cents, tax_and_card, f"]{_COMMA}")

    def _further_texts(self, batch: Batch) -> pa.LargeStringArray:
        """The same for what formerly was not in the hash."""
        positions = batch.positions
        billable = Shared(self._billable[positions].astype(np.int64), ["false", "true"]).column()
        return joined('["', batch.ids, '"', self._day.taken(positions), _COMMA, billable, f"]{_COMMA}")

    def _careful(self, batch: Batch) -> Flags:
        """By number in the batch, which reports go the careful way."""
        odd = batch.repeated
        if not are_numbers(batch.ids):
            odd |= ~pc.match_substring_regex(batch.ids, _PLAIN).to_numpy(zero_copy_only=False)
        return batch.any_of(odd)

    def _rows(self, batch: Batch, chosen: Flags) -> Iterator[tuple[int, list[Row]]]:
        """The rows of some reports of the batch."""
        expenses = self._part.period.expenses
        positions = pa.array(batch.positions[chosen[batch.owner]])
        columns = (expenses.column(name).take(positions).to_pylist() for name in Row._fields)
        rows = map(Row._make, zip(*columns, strict=True))
        sizes = np.diff(batch.bounds).tolist()
        return ((number, list(islice(rows, sizes[number]))) for number in np.flatnonzero(chosen).tolist())


def _each(openings: pa.LargeStringArray, batch: Batch, texts: pa.LargeStringArray) -> Iterator[bytes]:
    """The JSON of each report of the batch: its opening, and its rows without what follows the last."""
    chosen = openings.take(pa.array(batch.reports)).cast(pa.large_binary())
    rows, ends = (
        memoryview(texts.buffers()[2] or b""),
        [0, *np.cumsum(pc.binary_length(texts).to_numpy()).tolist()],
    )
    for opening, (first, last) in zip(objects(chosen), pairwise(batch.bounds.tolist()), strict=True):
        yield b"".join((opening, rows[ends[first] : max(ends[first], ends[last] - len(_COMMA))], b"]]"))


class _Shared:
    """Columns of texts in which many rows are alike, as JSON, each text after a comma."""

    def __init__(self, part: PartRows, names: Sequence[str]) -> None:
        self._numbers, combinations = part.period.expenses.distinct(names)
        self._texts = pa.array(["".join(_COMMA + _quoted(text) for text in texts) for texts in combinations], TEXT)

    def taken(self, positions: Integers) -> pa.LargeStringArray:
        """The text of these rows."""
        return self._texts.take(pa.array(self._numbers[positions]))
