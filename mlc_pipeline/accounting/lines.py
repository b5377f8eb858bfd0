"""Lines: the expenses of documents in words, line by line, with their transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.batches import Head
from mlc_pipeline.accounting.codings import Coding
from mlc_pipeline.accounting.cuts import Amounts, Cut
from mlc_pipeline.accounting.documents import DocumentLine
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.sheets import Sheet


class ExpenseLines:
    """The lines of the expenses of a batch: one for each group, or for each expense of a group.

    A journal books the tax on a line of its own.
    """

    def __init__(self, sheet: Sheet, amounts: Amounts, heads: Sequence[Head]) -> None:
        cut = Cut.of(amounts, sheet.lines)
        if sheet.rules.lines == "expense":
            cut = cut.singly(sheet.cents)
        self._ids = cut.ids
        self._bounds, self._starts, self._ends = cut.bounds.tolist(), cut.starts.tolist(), cut.ends.tolist()
        self._cents: list[int] = cut.cents.tolist()
        self._codings = [sheet.codings[coding] for coding in cut.first(sheet.coding)]
        self._tax: list[int] = sheet.tax[cut.numbers].tolist()
        self._has_tax_lines = any(coding.tax and coding.tax.account for coding in sheet.codings)
        self._categories = self._named(np.array(sheet.categories, dtype=np.object_)[sheet.coding[cut.numbers]])
        self._tails = descriptions.tails(heads, cut.reports(), cut.counts())

    def of(self, number: int, sign: int) -> tuple[DocumentLine, ...]:
        """The lines of a report of the batch; `sign` is -1 where a vendor credit turns all amounts round."""
        lines = self._of(number)
        if not self._has_tax_lines:  # then they are in the order of the groups
            found = [self._line(line, sign) for line in lines]
        else:
            pairs = [pair for line in lines for pair in self._with_tax_line(line, sign)]
            found = [line for _, line in sorted(pairs, key=_order)]
        if sign < 0:  # the lines of a vendor credit know no customer (Zoho's OpenAPI)
            found = [replace(line, customer_id="", is_billable=False) for line in found]
        return tuple(found)

    def billable(self, number: int) -> Counter[str]:
        """By customer in words, the cents of a report of the batch that are to be billed."""
        cents: Counter[str] = Counter()
        for line in self._of(number):
            coding = self._codings[line]
            if coding.is_billable:
                cents[coding.dimensions.customer] += self._cents[line]
        return cents

    def _of(self, number: int) -> range:
        return range(self._bounds[number], self._bounds[number + 1])

    def _line(self, number: int, sign: int) -> DocumentLine:
        coding, start, end = self._codings[number], self._starts[number], self._ends[number]
        tax_id, tax_cents = "", 0
        if coding.tax is not None and coding.tax.tax_id:
            tax_id, tax_cents = coding.tax.tax_id, sign * sum(self._tax[start:end])
        described = descriptions.of_expenses(self._categories[number], self._tails[number])
        cents, ids = sign * self._cents[number], self._ids[start:end]
        return _line(coding, coding.account, cents, described, ids, tax_id, tax_cents)

    def _with_tax_line(self, number: int, sign: int) -> Iterator[tuple[Coding, DocumentLine]]:
        coding, start, end = self._codings[number], self._starts[number], self._ends[number]
        tax = coding.tax
        if tax is None or tax.account is None:
            yield coding, self._line(number, sign)
            return
        cents, tax_cents, ids = self._cents[number], sum(self._tax[start:end]), self._ids[start:end]
        categories, tail = self._categories[number], self._tails[number]
        if cents != tax_cents:
            described = descriptions.of_expenses(categories, tail)
            yield coding, _line(coding, coding.account, sign * (cents - tax_cents), described, ids)
        if tax_cents:
            described = descriptions.of_tax(tax.name, categories, tail)
            yield coding, _line(coding, tax.account, sign * tax_cents, described, ids)

    def _named(self, categories: NDArray[np.object_]) -> list[str]:
        """By line, the categories of its expenses, each once."""
        names: list[str] = categories.tolist()
        return [", ".join(dict.fromkeys(names[at])) for at in map(slice, self._starts, self._ends)]


def _line(
    coding: Coding,
    account: Resolution,
    cents: int,
    description: str,
    transaction_ids: tuple[str, ...],
    tax_id: str = "",
    tax_cents: int = 0,
) -> DocumentLine:
    at = coding.dimensions
    return DocumentLine(
        account.target_id,
        account.target_code,
        account.target_name,
        cents,
        description,
        transaction_ids,
        at.tags,
        at.project_id,
        at.customer_id,
        coding.is_billable,
        at.location_id,
        tax_id,
        tax_cents,
    )


def _order(booked: tuple[Coding, DocumentLine]) -> tuple[Any, ...]:
    """As the groups are ordered, so that the tax stands where its account does."""
    coding, line = booked
    return coding.dimensions.cost_center, line.account_code, line.account_id
