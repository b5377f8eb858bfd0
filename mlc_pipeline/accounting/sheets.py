"""Sheets: one part of some thousand reports worked out in columns: lines, payers, taxes and days.

All that adds up or decides is done here; documents are put into words one by one, when they are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.coding_columns import CodingColumns
from mlc_pipeline.accounting.columns import (
    Flags,
    Groups,
    Integers,
    Shared,
    any_of,
    compacted,
    grouped,
    ranked,
)
from mlc_pipeline.accounting.days import dated_by_expense, document_days, open_days
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.mappings import Mappings
from mlc_pipeline.accounting.money import smallest_unit
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.taxes import Rate, booked_tax, signed_as, tax_within

_Resolve = Callable[[Any], Resolution]


class Sheet:
    """One part of some reports of a period under the posting rules.

    Only amounts that are not zero are looked at: `spent` says where among the rows of the part they stand, and
    `amount_of_row` which of them a row is; of one that is none, which comes next.
    """

    def __init__(
        self,
        part: PartRows,
        codings: CodingColumns,
        mappings: Mappings,
        rules: DocumentRules,
        organization: Organization | None,
    ) -> None:
        self.part, self.codings, self.mappings = part, codings, mappings
        self.rules, self.organization = rules, organization
        self.is_journal = rules.kind == "journal"
        self.spent: Integers = np.flatnonzero(part.spent)
        self.amount_of_row: Integers = np.cumsum(part.spent) - part.spent
        self.reports: Integers = part.reports[self.spent]
        self.cents: Integers = part.cents[self.spent]
        self._positions: Integers = part.positions[self.spent]
        self.totals = part.totals()
        self.currency, self.currencies = self._answers_of_reports(("currency",), mappings.currency)
        self.employee, self.employees = self._answers_of_reports(("employee_email", "currency"), mappings.employee)
        units = np.array([_unit(answer) for answer in self.currencies], dtype=np.int64)
        self.units: Integers = units[self.currency] if len(units) else self.currency
        self.coding: Integers = codings.numbers[part.period.rows[self._positions]]
        self.payer, self.payers = self._payers()
        self.tax, self.expected_tax = self._taxes()
        self.credits: Flags = np.asarray(self.totals < 0, dtype=np.bool_) & (not self.is_journal)
        self.lines: Groups = grouped(self.reports, self._line_ranks(), self.cents)
        self.offsets: Groups | None = self._offsets()
        self.original_days = document_days(part, rules)
        self.details = self._details() if rules.lines == "expense" else ()
        self.dated_by_expense = dated_by_expense(part, rules)
        self.days = open_days(self.original_days, rules, organization)
        self.has_lines = self._has_lines()

    def by_report(self, flags: Flags) -> Flags:
        """Of flags by amount, the reports that have one."""
        return any_of(flags, self.reports, self.part.report_count)

    def _line_ranks(self) -> Integers:
        """By amount, what it must share with another one to stand on its line."""
        lines, credit_lines = self.codings.line_ranks, self.codings.credit_line_ranks
        return np.where(self.credits[self.reports], credit_lines[self.coding], lines[self.coding])

    def _has_lines(self) -> Flags:
        """By report, whether there is anything to post; what cancels out on one line is left out."""
        found = np.zeros(self.part.report_count, dtype=np.bool_)
        for groups in (self.lines, self.offsets):
            if groups is not None:
                found[groups.report[groups.cents != 0]] = True
        return found

    def _answers_of_reports(self, names: tuple[str, ...], resolve: _Resolve) -> tuple[Integers, list[Resolution]]:
        numbers, rows = self.part.period.heads.distinct(names)
        numbers, used = compacted(numbers, len(rows))
        return numbers, [resolve(rows[number]) for number in used.tolist()]

    def _payers(self) -> tuple[Integers, list[Resolution]]:
        """By amount what it was paid from or is owed to; nobody for the bills of employees."""
        if self.part.name == "reimbursable":
            return np.zeros(len(self.spent), dtype=np.int64), [self.mappings.payable()] if self.is_journal else []
        resolve = self.mappings.card if self.is_journal else self.mappings.card_vendor
        names = ("card_name", "bank") if self.is_journal else ("card_name", "bank", "currency")
        numbers, rows = self.part.period.expenses.distinct(names)
        numbers, used = compacted(numbers[self._positions], len(rows))
        return numbers, [resolve(rows[number]) for number in used.tolist()]

    def _taxes(self) -> tuple[Integers, Integers]:
        """By amount the tax that is booked, and the tax that its rate makes; 0 where none is."""
        are_taxed = self.codings.are_taxed[self.coding]
        if not are_taxed.any():
            return np.zeros_like(self.cents), np.zeros_like(self.cents)
        rate = Rate(*(part[self.coding] for part in self.codings.percentages))
        unit = self.units[self.reports]
        expected = tax_within(self.cents, rate, unit)
        stated = signed_as(self.cents, self._amounts("tax_cents") * are_taxed)
        in_original = signed_as(self.cents, tax_within(self._amounts("original_cents"), rate, unit))
        is_foreign = self._texts_differ("original_currency", "currency")
        return booked_tax(stated, expected, in_original, unit, is_foreign), expected

    def _details(self) -> tuple[Shared, ...]:
        """By amount, merchant and day as the descriptions of single expenses have them."""
        merchants, days = (self.part.texts(name).taken(self.spent) for name in ("merchant", "expense_date"))
        return merchants.written(descriptions.of_merchant), days.written(descriptions.of_day)

    def _amounts(self, name: str) -> Integers:
        return self.part.period.expenses.whole(name)[self._positions]

    def _texts_differ(self, one: str, other: str) -> Flags:
        numbers, pairs = self.part.period.expenses.distinct((one, other))
        differ = np.array([bool(text) and text != second for text, second in pairs], dtype=np.bool_)
        return differ[numbers[self._positions]]

    def _offsets(self) -> Groups | None:
        """By payer, and by the options of the reporting tags that the other side of a journal must have too."""
        if not self.is_journal:
            return None
        payers = ranked([(payer.target_code, payer.target_id) for payer in self.payers])[self.payer]
        tags = self.codings.required_tags
        return grouped(self.reports, payers * (int(tags.max(initial=0)) + 1) + tags[self.coding], self.cents)


def _unit(currency: Resolution) -> int:
    return smallest_unit(int(currency.detail)) if currency.problem is None else 1
