"""Sheets: one part of a period worked out in columns, for all reports at once: lines, payers, taxes and days.

All that adds up or decides is done here; documents are put into words one by one, when they are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.codings import Coder, Coding
from mlc_pipeline.accounting.columns import Flags, Groups, Integers, any_of, compacted, grouped, ranked, whole
from mlc_pipeline.accounting.days import document_days, open_days
from mlc_pipeline.accounting.dimensions import TagPlaces
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.mappings import Mappings
from mlc_pipeline.accounting.money import smallest_unit
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.taxes import Rate, booked_tax, signed_as, tax_within
from mlc_pipeline.accounting.wording import one_line

_Resolve = Callable[[Any], Resolution]


class Sheet:
    """One part of the reports of a period under the posting rules.

    Only amounts that are not zero are looked at: `spent` says where among the rows of the part they stand, and
    `amount_of_row` which of them a row is; of one that is none, which comes next.
    """

    def __init__(
        self, part: PartRows, mappings: Mappings, rules: DocumentRules, organization: Organization | None
    ) -> None:
        self.part, self.mappings, self.rules, self.organization = part, mappings, rules, organization
        self.is_journal = rules.kind == "journal"
        self.spent: Integers = np.flatnonzero(part.spent)
        self.amount_of_row: Integers = np.cumsum(part.spent) - part.spent
        self.reports: Integers = part.reports[self.spent]
        self.cents: Integers = part.cents[self.spent]
        self.totals = part.totals()
        self.currency, self.currencies = self._answers_of_reports(("currency",), mappings.currency)
        self.employee, self.employees = self._answers_of_reports(("employee_email", "currency"), mappings.employee)
        units = np.array([_unit(answer) for answer in self.currencies], dtype=np.int64)
        self.units: Integers = units[self.currency] if len(units) else self.currency
        self.coding, coded = self._codings()
        self.codings = [coding for coding, _ in coded]
        self.categories = [category for _, category in coded]
        self.payer, self.payers = self._payers()
        self.tax, self.expected_tax = self._taxes()
        lines = ranked([coding.line for coding in self.codings])
        self.lines: Groups = grouped(self.reports, lines[self.coding], self.cents)
        places = TagPlaces.of(organization, "journal")
        self.required_tags = [places.required(coding.dimensions.tags) for coding in self.codings]
        self.offsets: Groups | None = self._offsets()
        self.original_days = document_days(part, rules)
        self.days = open_days(self.original_days, rules, organization)

    def has_lines(self) -> Flags:
        """By report, whether there is anything to post; what cancels out on one line is left out."""
        found = np.zeros(self.part.report_count, dtype=np.bool_)
        for groups in (self.lines, self.offsets):
            if groups is not None:
                found[groups.report[groups.cents != 0]] = True
        return found

    def by_report(self, flags: Flags) -> Flags:
        """Of flags by amount, the reports that have one."""
        return any_of(flags, self.reports, self.part.report_count)

    def by_coding(self, flag: Callable[[Coding], bool]) -> Flags:
        """By amount, what is the same for all that are coded alike."""
        return np.array([flag(coding) for coding in self.codings], dtype=np.bool_)[self.coding]

    def _answers_of_reports(self, names: tuple[str, ...], resolve: _Resolve) -> tuple[Integers, list[Resolution]]:
        numbers, rows = self.part.period.distinct_heads(names)
        return numbers, [resolve(row) for row in rows.itertuples(index=False)]

    def _codings(self) -> tuple[Integers, list[tuple[Coding, str]]]:
        """By amount the number of its coding; and the codings, each with the category in words."""
        coder = Coder(self.mappings, self.rules, self.organization)
        columns = coder.columns(self.part.period.expenses)
        return self._answers(columns, lambda row: (coder.coding(row), _category(row.category)))

    def _payers(self) -> tuple[Integers, list[Resolution]]:
        """By amount what it was paid from or is owed to; nobody for the bills of employees."""
        if self.part.name == "reimbursable":
            return np.zeros(len(self.spent), dtype=np.int64), [self.mappings.payable()] if self.is_journal else []
        expenses = self.part.period.expenses
        columns = {name: expenses[name] for name in ("card_name", "bank")}
        return self._answers(columns, self.mappings.card if self.is_journal else self.mappings.card_vendor)

    def _answers(self, columns: Any, answer: Callable[[Any], Any]) -> tuple[Integers, list[Any]]:
        """By amount the number of its answer; only combinations that an amount has are asked for."""
        numbers, rows = self.part.period.distinct(columns)
        numbers, used = compacted(numbers[self.part.positions[self.spent]], len(rows))
        return numbers, [answer(row) for row in rows.take(used).itertuples(index=False)]

    def _taxes(self) -> tuple[Integers, Integers]:
        """By amount the tax that is booked, and the tax that its rate makes; 0 where none is."""
        if not any(coding.tax for coding in self.codings):
            return np.zeros_like(self.cents), np.zeros_like(self.cents)
        rates = [coding.tax.percentage if coding.tax else (0, 1) for coding in self.codings]
        rate = Rate(*(np.array(parts, dtype=np.int64)[self.coding] for parts in zip(*rates, strict=True)))
        unit = self.units[self.reports]
        expected = tax_within(self.cents, rate, unit)
        stated = self._amounts("tax_cents") * self.by_coding(lambda coding: coding.tax is not None)
        in_original = tax_within(self._amounts("original_cents"), rate, unit)
        stated, in_original = signed_as(self.cents, stated), signed_as(self.cents, in_original)
        is_foreign = self._texts_differ("original_currency", "currency")
        return booked_tax(stated, expected, in_original, unit, is_foreign), expected

    def _amounts(self, name: str) -> Integers:
        return whole(self.part.period.expenses[name])[self.part.positions[self.spent]]

    def _texts_differ(self, one: str, other: str) -> Flags:
        pair = self.part.period.expenses[[one, other]].take(self.part.positions[self.spent]).fillna("")
        return ((pair[one] != "") & (pair[one] != pair[other])).to_numpy(dtype=np.bool_)

    def _offsets(self) -> Groups | None:
        """By payer, and by the options of the reporting tags that the other side of a journal must have too."""
        if not self.is_journal:
            return None
        payers = ranked([(payer.target_code, payer.target_id) for payer in self.payers])[self.payer]
        tags = ranked(self.required_tags)[self.coding]
        return grouped(self.reports, payers * (int(tags.max(initial=0)) + 1) + tags, self.cents)


def _category(name: Any) -> str:
    return "no category" if pd.isna(name) else one_line(name) or "no category"


def _unit(currency: Resolution) -> int:
    return smallest_unit(int(currency.detail)) if currency.problem is None else 1
