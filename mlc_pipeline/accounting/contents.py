"""Contents: what Expensify approved of each report of a batch, found in columns; `approved` says what it is.

The text that is hashed is made for all rows at once, and what many rows share is put into JSON once. That gives
what `approved` gives where the ids of the transactions need no escape and stand once on their report, for then
their order is that of the rows. Every other report goes the careful way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.approved import Content, Row, content_of, unreadable
from mlc_pipeline.accounting.batches import Batch, Head
from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.columns import Flags, Integers, any_of

# Neither quotes nor what JSON escapes. All of these come after the quote that ends an id in `str` of a row, by
# which rows are sorted: so an id comes before the longer ones that begin with it, as it does by itself.
_PLAIN = r"^[\x28-\x5b\x5d-\x7e]+$"
_NOTHING_FOUND = "[]"
_TEXT = pa.large_string()
_COMMA = ", "
_OPENS, _ID_ENDS, _THEN, _NEXT, _NOTHING = (
    pa.scalar(text, _TEXT) for text in ('["', '", ', _COMMA, f"]{_COMMA}", "")
)

_quoted = json.JSONEncoder().encode


class Contents:
    """What was approved of the reports of a part."""

    def __init__(self, part: PartRows) -> None:
        expenses = part.period.expenses
        missing = expenses["effective_cents"].isna() | expenses["reimbursable"].isna()
        paid_with = ("card_name", "bank") if part.name == "company_paid" else ()
        self._part = part
        self._unread: Flags = missing.to_numpy(dtype=np.bool_)
        self._tax_cents = pa.array(expenses["tax_cents"], pa.int64())
        self._coding = _Shared(part, ("category", "category_gl_code", "tag"))
        self._tax_and_card = _Shared(part, ("tax_name", *paid_with))

    def of(self, batch: Batch, heads: Sequence[Head]) -> Iterator[Content]:
        """The content of each report of the batch."""
        careful = self._careful(batch)
        ids, cents = batch.ids.tolist(), self._part.cents[batch.rows].tolist()
        texts, ends = self._texts(batch)
        for number, (head, (first, last)) in enumerate(zip(heads, pairwise(batch.bounds.tolist()), strict=True)):
            if number in careful:
                yield content_of(head, careful[number])
                continue
            rows = texts[ends[first] : max(ends[first], ends[last] - len(_COMMA))]
            digest = hashlib.sha256(b"".join((_opening(head), rows, b"]]")))
            found = () if head.problems == _NOTHING_FOUND else unreadable(head, ())
            yield Content(digest.hexdigest(), dict(zip(ids[first:last], cents[first:last], strict=True)), found)

    def _texts(self, batch: Batch) -> tuple[memoryview, list[int]]:
        """The rows as JSON, each followed by what stands before the next one, and where each begins and ends."""
        positions = batch.positions
        cents = pa.array(self._part.cents[batch.rows]).cast(_TEXT)
        tax_cents = pc.fill_null(self._tax_cents.take(pa.array(positions)).cast(_TEXT), "null")
        coding, tax_and_card = self._coding.taken(positions), self._tax_and_card.taken(positions)
        cells = (_OPENS, batch.id_cells, _ID_ENDS, cents, coding, _THEN, tax_cents, tax_and_card, _NEXT)
        texts = pc.binary_join_element_wise(*cells, _NOTHING)
        ends = np.cumsum(pc.binary_length(texts).to_numpy())
        return memoryview(texts.buffers()[2] or b""), [0, *ends.tolist()]

    def _careful(self, batch: Batch) -> dict[int, list[Row]]:
        """By number in the batch, the rows of the reports that go the careful way."""
        plain = pc.match_substring_regex(batch.id_cells, _PLAIN).to_numpy(zero_copy_only=False)
        owner = np.searchsorted(batch.reports, self._part.reports[batch.rows])
        odd = any_of(
            ~plain | self._unread[batch.positions] | _repeated(batch.id_cells, owner), owner, len(batch.reports)
        )
        rows = self._rows(batch.positions[odd[owner]])
        sizes = np.diff(batch.bounds).tolist()
        return {number: list(islice(rows, sizes[number])) for number in np.flatnonzero(odd).tolist()}

    def _rows(self, positions: Integers) -> Iterator[Row]:
        expenses = self._part.period.expenses
        columns = (
            expenses[name].array.take(positions).to_numpy(dtype=object, na_value=None) for name in Row._fields
        )
        return map(Row._make, zip(*columns, strict=True))


class _Shared:
    """Columns of texts in which many rows are alike, as JSON, each text after a comma."""

    def __init__(self, part: PartRows, names: Sequence[str]) -> None:
        expenses = part.period.expenses
        self._numbers, found = part.period.distinct({name: expenses[name] for name in names})
        combinations = found.astype("object").fillna("").itertuples(index=False, name=None)
        self._texts = pa.array(
            ["".join(_COMMA + _quoted(text) for text in texts) for texts in combinations], _TEXT
        )

    def taken(self, positions: Integers) -> pa.LargeStringArray:
        """The text of these rows."""
        return self._texts.take(pa.array(self._numbers[positions]))


def _repeated(ids: pa.LargeStringArray, owner: Integers) -> Flags:
    """Which rows have the transaction of the row before them."""
    found = np.zeros(len(ids), dtype=np.bool_)
    same = pc.equal(ids.slice(1), ids.slice(0, max(len(ids) - 1, 0))).to_numpy(zero_copy_only=False)
    found[1:] = same & (owner[1:] == owner[:-1])
    return found


def _opening(head: Head) -> bytes:
    return f"[[{_quoted(head.report_id)}, {_whose(head.currency, head.employee_email)}], [".encode()


@lru_cache(maxsize=4096)
def _whose(currency: str, email: str) -> str:
    return f"{_quoted(currency)}, {_quoted(email.casefold())}"
