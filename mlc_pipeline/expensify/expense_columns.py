"""The expenses of some thousand reports as columns: rows of the `EXPENSES` frame, and which reports are odd.

The checks are those of `reading` and `checks`. Here they only tell plain reports from odd ones; what is odd is
read again one by one, and that writes the sentences.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.expensify import columns
from mlc_pipeline.expensify.columns import TEXT, Flags, Integers, Numbers
from mlc_pipeline.expensify.export_lines import EXPENSE_CELLS
from mlc_pipeline.expensify.models import levels_of_tag
from mlc_pipeline.expensify.reading import TAG_LEVELS
from mlc_pipeline.expensify.record_rows import encoded
from mlc_pipeline.expensify.report_columns import ReportColumns

_NO_TEXT = pa.scalar(None, TEXT)


def expense_columns(lines: bytes, reports: ReportColumns, expenses: Integers) -> tuple[pa.Table, Flags] | None:
    """The rows of the reports, in their order, and which reports are odd: their rows are not to be used.

    Args:
        lines: the expenses' lines, report after report.
        reports: the reports they belong to.
        expenses: how many lines each report has; none has none.

    Returns:
        None when a line is not one that the template writes.
    """
    table = columns.read_cells(lines, "expense", EXPENSE_CELLS, EXPENSE_CELLS)
    if table is None or table.num_rows != expenses.sum():
        return None
    cells = {name: columns.column(table, name) for name in EXPENSE_CELLS}
    owner = np.repeat(np.arange(len(reports)), expenses)
    starts = np.cumsum(expenses) - expenses
    converted = columns.cents(cells["convertedAmount"])
    amount = columns.cents(cells["amount"])
    effective = converted.or_else(columns.cents(cells["modifiedAmount"])).or_else(amount)
    tax = columns.cents(cells["modifiedTaxAmount"]).or_else(columns.cents(cells["taxAmount"]))
    modified_day, modified_day_odd = columns.days(cells["modifiedCreated"])
    day, day_odd = columns.days(cells["created"])
    currency = columns.currencies(cells["currency"])
    reimbursable, billable = columns.truths(cells["reimbursable"]), columns.truths(cells["billable"])
    transaction_id = columns.identifiers(cells["transactionID"])
    odd_rows = (
        (effective.odd | tax.odd | day_odd | modified_day_odd | reimbursable.odd | billable.odd)
        | ~(columns.is_set(transaction_id) & effective.present & reimbursable.present)
        | (_is_foreign(currency, reports, owner) & ~converted.present)
        | _is_repeated(transaction_id, owner)
    )
    wrong_total = np.add.reduceat(effective.values, starts) != reports.total.values
    odd = np.logical_or.reduceat(odd_rows, starts) | wrong_total
    repeated = {name: reports.rows[name].combine_chunks() for name in reports.rows.column_names}
    repeated["problems"] = columns.repeated("[]", len(reports))
    rows = {name: _of_reports(column, owner) for name, column in repeated.items()} | {
        "transaction_id": transaction_id,
        "expense_date": columns.first_of(modified_day, day),
        "merchant": columns.first_of(columns.texts(cells["modifiedMerchant"]), columns.texts(cells["merchant"])),
        "category": columns.shared_texts(cells["category"]),
        "category_gl_code": columns.shared_texts(cells["categoryGlCode"]),
        **dict(_tags(cells)),
        "original_cents": amount.as_arrow(),
        "original_currency": currency,
        "effective_cents": effective.as_arrow(),
        "reimbursable": _truths(reimbursable),
        "billable": _truths(billable),
        "bank": columns.shared_texts(cells["bank"]),
        "card_name": columns.shared_texts(cells["cardName"]),
        "tax_cents": tax.as_arrow(),
        "tax_name": columns.first_of(columns.texts(cells["taxRateName"]), columns.texts(cells["taxName"])),
        "tax_rate": columns.shared_texts(cells["taxRate"]),
        "tax_code": columns.shared_texts(cells["taxCode"]),
        "comment": columns.texts(cells["comment"]),
        "receipt_id": columns.identifiers(cells["receiptID"]),
        "receipt_filename": columns.texts(cells["receiptFilename"]),
        "receipt_url": columns.texts(cells["receiptURL"]),
    }
    return encoded(rows), odd


def _of_reports(column: pa.Array, owner: Integers) -> pa.Array:
    """For each expense what is said of its report; texts are encoded."""
    if not pa.types.is_large_string(column.type):
        return column.take(pa.array(owner))
    found = pc.dictionary_encode(column)
    return pa.DictionaryArray.from_arrays(found.indices.take(pa.array(owner)), found.dictionary)


def _is_foreign(currency: pa.LargeStringArray, reports: ReportColumns, owner: Integers) -> Flags:
    of_report = reports.text("currency").take(pa.array(owner))
    differs: Flags = pc.not_equal(currency, of_report).to_numpy(zero_copy_only=False)
    return differs & columns.is_set(currency)


def _is_repeated(transaction_id: pa.LargeStringArray, owner: Integers) -> Flags:
    """Which expenses are more than once on their report."""
    distinct = pc.dictionary_encode(transaction_id)
    if len(distinct.dictionary) == len(owner):
        return np.zeros(len(owner), dtype=bool)
    placed = owner * len(distinct.dictionary) + distinct.indices.to_numpy()
    _, expense, times = np.unique(placed, return_inverse=True, return_counts=True)
    repeated: Flags = (times > 1)[expense]
    return repeated


def _truths(truths: Numbers) -> pa.Array:
    return pa.array(truths.values.astype(bool), mask=~truths.present)


def _tags(cells: dict[str, pa.LargeStringArray]) -> Iterator[tuple[str, pa.Array]]:
    """The tag and its levels: the numbered ones up to the last that is set, else the tag cut at its colons."""
    tag, code = columns.texts(cells["tag"]), columns.texts(cells["tagGlCode"])
    yield from (("tag", tag), ("tag_gl_code", code))
    names = [columns.texts(cells[f"ntag{level}"]) for level in range(1, TAG_LEVELS + 1)]
    last = np.zeros(len(tag), dtype=np.int64)
    for level, name in enumerate(names, start=1):
        last[columns.is_set(name)] = level
    cut = (last == 0) & columns.is_set(tag)
    distinct = pc.dictionary_encode(tag.filter(pa.array(cut)))
    levels = [levels_of_tag(whole) for whole in distinct.dictionary.to_pylist()]
    last[cut] = np.array([len(parts) for parts in levels], dtype=np.int64)[distinct.indices.to_numpy()]
    for level, name in enumerate(names, start=1):
        there = last >= level
        level_code = columns.texts(cells[f"ntag{level}GlCode"])
        if cut.any():
            parts = pa.array([(whole[level - 1] if len(whole) >= level else None) for whole in levels], TEXT)
            name = pc.replace_with_mask(name, pa.array(cut), parts.take(distinct.indices))
            only = code if level == 1 else columns.blank(len(tag))
            level_code = pc.if_else(pa.array(cut & (last == 1)), only, level_code)
            level_code = pc.if_else(pa.array(cut & (last > 1)), "", level_code)
        yield f"tag_{level}", _where(there, name)
        yield f"tag_{level}_gl_code", _where(there, level_code)


def _where(there: Flags, texts: pa.LargeStringArray) -> pa.Array:
    if there.all():
        return texts
    return pc.if_else(pa.array(there), texts, _NO_TEXT) if there.any() else columns.missing(len(texts))
