"""Sheets: one part of a period worked out in columns, for all reports at once: lines, payers, taxes and days.

All that adds up or decides is done here; documents are put into words one by one, when they are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.by_report import PartRows
from mlc_pipeline.accounting.codings import Coder, Coding
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
        self.categories = _categories([category for _, category in coded])
        self.payer, self.payers = self._payers()
        self.tax, self.expected_tax = self._taxes()
        self.credits: Flags = np.asarray(self.totals < 0, dtype=np.bool_) & (not self.is_journal)
        self.lines: Groups = grouped(self.reports, self._line_ranks(), self.cents)
        places = TagPlaces.of(organization, "journal")
        self.required_tags = [places.required(coding.dimensions.tags) for coding in self.codings]
        self.offsets: Groups | None = self._offsets()
        self.original_days = document_days(part, rules)
        self.details = self._details() if rules.lines == "expense" else ()
        self.dated_by_expense = dated_by_expense(part, rules)
        self.days = open_days(self.original_days, rules, organization)
        self.has_lines = self._has_lines()

    def _line_ranks(self) -> Integers:
        """By amount, what it must share with another one to stand on its line: all that is sent of the line."""
        lines = ranked([coding.line for coding in self.codings])[self.coding]
        credit_lines = ranked([coding.credit_line for coding in self.codings])[self.coding]
        return np.where(self.credits[self.reports], credit_lines, lines)

    def _has_lines(self) -> Flags:
        """By report, whether there is anything to post; what cancels out on one line is left out."""
        found = np.zeros(self.part.report_count, dtype=np.bool_)
        for groups in (self.lines, self.offsets):
            if groups is not None:
                found[groups.report[groups.cents != 0]] = True
        return found

    def by_report(self, flags: Flags) -> Flags:
        """Of flags by amount, the reports that have one."""
        return any_of(flags, self.reports, self.part.report_count)

    def flags_of_codings(self, flag: Callable[[Coding], bool]) -> Flags:
        """By coding, whether it is so."""
        return np.array([flag(coding) for coding in self.codings], dtype=np.bool_)

    def by_coding(self, flag: Callable[[Coding], bool]) -> Flags:
        """By amount, what is the same for all that are coded alike."""
        found: Flags = self.flags_of_codings(flag)[self.coding]
        return found

    def _answers_of_reports(self, names: tuple[str, ...], resolve: _Resolve) -> tuple[Integers, list[Resolution]]:
        period = self.part.period
        numbers, rows = period.expenses.distinct(names)
        numbers, used = compacted(numbers[period.firsts], len(rows))
        return numbers, [resolve(rows[number]) for number in used]

    def _codings(self) -> tuple[Integers, list[tuple[Coding, str]]]:
        """By amount the number of its coding; and the codings, each with the category in words."""
        coder = Coder(self.mappings, self.rules, self.organization)
        found = coder.distinct(self.part.period.expenses)
        return self._answers(*found, lambda row: (coder.coding(row), _category(row.category)))

    def _payers(self) -> tuple[Integers, list[Resolution]]:
        """By amount what it was paid from or is owed to; nobody for the bills of employees."""
        if self.part.name == "reimbursable":
            return np.zeros(len(self.spent), dtype=np.int64), [self.mappings.payable()] if self.is_journal else []
        found = self.part.period.expenses.distinct(("card_name", "bank"))
        return self._answers(*found, self.mappings.card if self.is_journal else self.mappings.card_vendor)

    def _answers(
        self, numbers: Integers, rows: Sequence[Any], answer: Callable[[Any], Any]
    ) -> tuple[Integers, list[Any]]:
        """By amount the number of its answer; only combinations that an amount has are asked for."""
        numbers, used = compacted(numbers[self.part.positions[self.spent]], len(rows))
        return numbers, [answer(rows[number]) for number in used]

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

    def _details(self) -> tuple[Shared, ...]:
        """By amount, merchant and day as the descriptions of single expenses have them."""
        merchants, days = (self.part.texts(name).taken(self.spent) for name in ("merchant", "expense_date"))
        return merchants.written(descriptions.of_merchant), days.written(descriptions.of_day)

    def _amounts(self, name: str) -> Integers:
        return self.part.period.expenses.whole(name)[self.part.positions[self.spent]]

    def _texts_differ(self, one: str, other: str) -> Flags:
        numbers, pairs = self.part.period.expenses.distinct((one, other))
        differ = np.array([bool(text) and text != second for text, second in pairs], dtype=np.bool_)
        return differ[numbers[self.part.positions[self.spent]]]

    def _offsets(self) -> Groups | None:
        """By payer, and by the options of the reporting tags that the other side of a journal must have too."""
        if not self.is_journal:
            return None
        payers = ranked([(payer.target_code, payer.target_id) for payer in self.payers])[self.payer]
        tags = ranked(self.required_tags)[self.coding]
        return grouped(self.reports, payers * (int(tags.max(initial=0)) + 1) + tags, self.cents)


def _categories(names: list[str]) -> Shared:
    """By coding its category in words."""
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return Shared(np.array([places[name] for name in names], dtype=np.int64), [*places])


def _category(name: str) -> str:
    return one_line(name) or "no category"


def _unit(currency: Resolution) -> int:
    return smallest_unit(int(currency.detail)) if currency.problem is None else 1
