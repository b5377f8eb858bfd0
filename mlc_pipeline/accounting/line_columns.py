"""Lines as columns: those of the expenses of documents, and of what these were paid from or is owed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.checks import PAYABLES
from mlc_pipeline.accounting.codings import Coding
from mlc_pipeline.accounting.columns import Flags, Integers, Shared, disagreeing, objects, sums
from mlc_pipeline.accounting.cuts import Amounts, Cut
from mlc_pipeline.accounting.descriptions import Tails
from mlc_pipeline.accounting.documents import DocumentLine
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.sheets import Sheet


@dataclass(frozen=True, slots=True, eq=False)
class LineColumns:
    """The lines of some documents; those of the n-th stand from `bounds[n]` to before `bounds[n + 1]`.

    Of each line the number of its account and of its coding (dimensions, tax, billable), its cents and the tax in
    them, its description and its transactions.
    """

    accounts: Sequence[Resolution]
    codings: Sequence[Coding]
    bounds: Integers
    account: Integers
    coding: Integers
    cents: Integers
    tax_cents: Integers
    descriptions: pa.LargeStringArray
    transactions: pa.LargeListArray

    @classmethod
    def of_expenses(cls, sheet: Sheet, amounts: Amounts, signatures: Shared) -> LineColumns:
        """One line for each group, or for each expense of a group; a journal books the tax on one of its own."""
        cut = Cut.of(amounts, sheet.lines)
        if sheet.rules.lines == "expense":
            cut = cut.singly(sheet.cents)
        details = tuple(detail.taken(cut.numbers) for detail in sheet.details)
        tails = Tails.of(signatures.taken(cut.reports()), cut.counts(), details)
        split = _Split(sheet, cut)
        order, said = split.order(), split.said(_categories(sheet, cut))
        lines = split.lines[order]
        return cls(
            accounts=split.accounts,
            codings=sheet.codings.codings,
            bounds=np.searchsorted(cut.reports()[lines], np.arange(len(cut.bounds))),
            account=split.account[order],
            coding=split.coding[lines],
            cents=split.cents[order],
            tax_cents=split.tax_within[lines],
            descriptions=tails.taken(lines).after_shortened(said.taken(order)),
            transactions=cut.transactions().take(pa.array(lines)),
        )

    @classmethod
    def of_payers(cls, sheet: Sheet, amounts: Amounts, signatures: Shared) -> LineColumns | None:
        """The other side of a journal: one line for each card account, or for what an employee is owed.

        Where Zoho Books wants a reporting tag on every line, one for each of the options that the expenses have.
        """
        if sheet.offsets is None:
            return None
        cut = Cut.of(amounts, sheet.offsets)
        payer, untaxed = cut.first(sheet.payer), np.zeros(len(cut.starts), dtype=np.int64)
        is_card = sheet.part.name == "company_paid"
        said = [
            descriptions.of_card(one.target_name) if is_card else descriptions.OF_PAYABLE for one in sheet.payers
        ]
        tails = Tails.of(signatures.taken(cut.reports()), cut.counts())
        texts = tails.after(Shared(payer, said))
        coding, transactions = cut.first(sheet.coding), cut.transactions()
        codings, cents = sheet.codings.required, cut.cents
        return cls(sheet.payers, codings, cut.bounds, payer, coding, cents, untaxed, texts, transactions)

    def counts(self, are_so: Flags) -> Integers:
        """Of each document, how many lines have such a coding."""
        return np.diff(np.append(0, np.cumsum(are_so[self.coding]))[self.bounds])

    def of(self, document: int, sign: int, payee: str = "") -> tuple[DocumentLine, ...]:
        """The lines of one document.

        Args:
            document: its number among the documents.
            sign: -1 where a vendor credit turns all amounts round.
            payee: the vendor, whom a line on accounts payable names.
        """
        start, end = int(self.bounds[document]), int(self.bounds[document + 1])
        cells = zip(
            self.account[start:end].tolist(),
            self.coding[start:end].tolist(),
            self.cents[start:end].tolist(),
            self.tax_cents[start:end].tolist(),
            objects(self.descriptions.slice(start, end - start)),
            objects(self.transactions.slice(start, end - start)),
            strict=True,
        )
        found = [
            _line(self.accounts[account], self.codings[coding], sign * cents, sign * tax, text, ids, payee)
            for account, coding, cents, tax, text, ids in cells
        ]
        if sign < 0:  # the lines of a vendor credit know no customer (Zoho's OpenAPI)
            found = [replace(line, customer_id="", is_billable=False) for line in found]
        return tuple(found)


class _Split:
    """Lines whose tax has an account of its own, split into what was bought and its tax.

    `lines` is of which line of the cut each line is; first come those of what was bought, then those of taxes.
    `tax_within` is, by line of the cut, the tax that Zoho Books computes in it.
    """

    def __init__(self, sheet: Sheet, cut: Cut) -> None:
        self.coding = cut.first(sheet.coding)
        self._codings, self._reports = sheet.codings, cut.reports()
        booked, named = self._codings.book_taxes[self.coding], self._codings.name_taxes[self.coding]
        tax = sums(sheet.tax[cut.numbers], cut.lines(), len(cut.starts))
        bought = cut.cents - np.where(booked, tax, 0)
        self.tax_within = np.where(named, tax, 0)
        kept = np.flatnonzero(~booked | np.asarray(bought != 0, dtype=np.bool_))
        self._taxes = np.flatnonzero(booked & np.asarray(tax != 0, dtype=np.bool_))
        self.lines: Integers = np.concatenate([kept, self._taxes])
        self.cents: Integers = np.concatenate([bought[kept], tax[self._taxes]])
        self.account = self.coding[self.lines]
        self.account[len(kept) :] += len(self._codings.codings)
        self.accounts = self._codings.accounts
        self._kept = kept

    def order(self) -> Integers:
        """As the groups are ordered, so that a tax stands where its account does."""
        if not len(self._taxes):
            return np.arange(len(self.lines))
        return np.lexsort((self.lines, self._codings.account_ranks[self.account], self._reports[self.lines]))

    def said(self, categories: Shared) -> Shared:
        """The categories of each line, and the name of the tax before them where it is one."""
        bought, taxed = categories.taken(self._kept), categories.taken(self._taxes)
        width = len(categories.texts) + 1
        pairs, numbers = np.unique(self.coding[self._taxes] * width + taxed.numbers, return_inverse=True)
        found = [
            (self._codings.codings[pair // width].tax, categories.texts[pair % width]) for pair in pairs.tolist()
        ]
        texts = [descriptions.of_tax(tax.name if tax else "", said) for tax, said in found]
        return Shared(
            np.concatenate([bought.numbers, len(categories.texts) + numbers]), [*categories.texts, *texts]
        )


def _categories(sheet: Sheet, cut: Cut) -> Shared:
    """By line, the categories of its expenses, each once."""
    found = sheet.codings.categories.taken(sheet.coding[cut.numbers])
    firsts = found.numbers[cut.starts]
    several = np.flatnonzero(disagreeing(found.numbers, cut.lines(), len(firsts)))
    ends = np.append(cut.starts[1:], len(cut.numbers))
    named = [dict.fromkeys(found.numbers[cut.starts[line] : ends[line]].tolist()) for line in several]
    texts = [", ".join([found.texts[number] for number in numbers]) for numbers in named]
    firsts[several] = len(found.texts) + np.arange(len(several))
    return Shared(firsts, [*found.texts, *texts])


def _line(
    account: Resolution,
    coding: Coding,
    cents: int,
    tax_cents: int,
    description: str,
    transaction_ids: Sequence[str],
    payee: str,
) -> DocumentLine:
    at = coding.dimensions
    return DocumentLine(
        account.target_id,
        account.target_code,
        account.target_name,
        cents,
        description,
        tuple(transaction_ids),
        at.tags,
        at.project_id,
        payee if payee and account.detail == PAYABLES else at.customer_id,
        coding.is_billable,
        at.location_id,
        coding.tax_id,
        tax_cents,
    )
