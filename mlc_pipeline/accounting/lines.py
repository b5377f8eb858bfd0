"""Lines: the groups of a sheet's amounts as the lines of one document, in words, with their transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.approved import Row
from mlc_pipeline.accounting.checks import PAYABLES
from mlc_pipeline.accounting.codings import Coding
from mlc_pipeline.accounting.columns import Groups
from mlc_pipeline.accounting.documents import DocumentLine
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Amount:
    """One expense of a report that is not zero: its row in the frame, and its place among the sheet's amounts."""

    row: Row
    place: int


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one report's document; `sign` is -1 where a vendor credit turns all amounts round."""

    sheet: Sheet
    report: Row
    amounts: Sequence[Amount]
    sign: int

    def of_expenses(self) -> tuple[DocumentLine, ...]:
        """One line for each group, or for each expense of a group; a journal books the tax on a line of its own.

        Groups that cancel out are left out, so that both ways of making lines agree on what there is to post.
        """
        found: list[tuple[Any, DocumentLine]] = []
        for _, group in _kept(self.amounts, self.sheet.lines):
            coding = self.sheet.codings[self.sheet.coding[group[0].place]]
            parts = [group] if self.sheet.rules.lines == "category" else [[amount] for amount in group]
            for part in parts:
                found += [(_order(coding, line), line) for line in self._booked(coding, part)]
        return tuple(line for _, line in sorted(found, key=lambda pair: pair[0]))

    def of_payers(self, vendor_id: str) -> tuple[DocumentLine, ...]:
        """The other side of a journal: one line for each card account, or for what the employee is owed."""
        if self.sheet.offsets is None:
            return ()
        return tuple(
            self._owed(self.sheet.payers[self.sheet.payer[group[0].place]], group, cents, vendor_id)
            for cents, group in _kept(self.amounts, self.sheet.offsets)
        )

    def _booked(self, coding: Coding, group: Sequence[Amount]) -> Iterator[DocumentLine]:
        cents, tax_cents = (
            self.sign * sum(int(numbers[amount.place]) for amount in group)
            for numbers in (self.sheet.cents, self.sheet.tax)
        )
        rows = [amount.row for amount in group]
        described = descriptions.of_expenses(self.report, rows)
        tax = coding.tax
        if tax is None or tax.account is None:
            tax_id = tax.tax_id if tax else ""
            yield _line(coding, coding.account, cents, described, rows, tax_id, tax_cents if tax_id else 0)
            return
        if cents != tax_cents:
            yield _line(coding, coding.account, cents - tax_cents, described, rows)
        if tax_cents:
            yield _line(coding, tax.account, tax_cents, descriptions.of_tax(self.report, rows, tax.name), rows)

    def _owed(self, payer: Resolution, group: Sequence[Amount], cents: int, vendor_id: str) -> DocumentLine:
        rows = [amount.row for amount in group]
        is_card = self.sheet.part.name == "company_paid"
        return DocumentLine(
            account_id=payer.target_id,
            account_code=payer.target_code,
            account_name=payer.target_name,
            amount_cents=cents,
            description=descriptions.of_card(self.report, rows, payer.target_name)
            if is_card
            else descriptions.of_payable(self.report, rows),
            transaction_ids=tuple(row.transaction_id or "" for row in rows),
            customer_id=vendor_id if payer.detail == PAYABLES else "",
        )


def _kept(amounts: Sequence[Amount], groups: Groups) -> Iterator[tuple[int, list[Amount]]]:
    """The groups of these amounts that do not cancel out, in their order, each with its sum."""
    members: dict[int, list[Amount]] = {}
    for amount in amounts:
        members.setdefault(int(groups.of_row[amount.place]), []).append(amount)
    for number in sorted(members):
        cents = int(groups.cents[number])
        if cents:
            yield cents, members[number]


def _line(
    coding: Coding,
    account: Resolution,
    cents: int,
    description: str,
    rows: Sequence[Row],
    tax_id: str = "",
    tax_cents: int = 0,
) -> DocumentLine:
    at = coding.dimensions
    return DocumentLine(
        account_id=account.target_id,
        account_code=account.target_code,
        account_name=account.target_name,
        amount_cents=cents,
        description=description,
        transaction_ids=tuple(row.transaction_id or "" for row in rows),
        tags=at.tags,
        project_id=at.project_id,
        customer_id=at.customer_id,
        is_billable=coding.is_billable,
        location_id=at.location_id,
        tax_id=tax_id,
        tax_cents=tax_cents,
    )


def _order(coding: Coding, line: DocumentLine) -> tuple[Any, ...]:
    return coding.dimensions.cost_center, line.account_code, line.account_id
