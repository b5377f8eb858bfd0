"""Checks: what keeps a report from being posted, found for all at once and told for one, with how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from mlc_pipeline.accounting.check import Check, about, answers_of, name_of
from mlc_pipeline.accounting.columns import Flags, disagreeing, ranked
from mlc_pipeline.accounting.day_checks import inverted, locked, mistyped, rates
from mlc_pipeline.accounting.money import NotRepresentable, to_rate
from mlc_pipeline.accounting.problems import Problem, Reason, meaningless_beside
from mlc_pipeline.accounting.sheets import Sheet
from mlc_pipeline.accounting.tax_checks import edition_check, tax_check, tax_sum_check

PAYABLES = "accounts_payable"
"""The account type whose journal lines need the vendor (Zoho's help on journals)."""


class Checks:
    """All checks of a sheet: of reports, of amounts, and of the documents that these make."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._of_reports = (
            _unapproved(sheet), _unknown_currency(sheet), *_vendors(sheet), *_payable(sheet), edition_check(sheet)
        )  # fmt: skip
        self._of_amounts = (*_payers(sheet), _codings(sheet), _not_representable(sheet), tax_check(sheet))
        self._of_documents = (
            *_card_vendors(sheet), _headers(sheet), mistyped(sheet), locked(sheet), rates(sheet), inverted(sheet)
        )  # fmt: skip
        self._of_sums = (_zero_total(sheet), tax_sum_check(sheet))

    @cached_property
    def holds(self) -> Flags:
        """By report, whether it is kept back."""
        wrong = np.zeros(self._sheet.part.report_count, dtype=np.bool_)
        for check in (*self._of_reports, *self._of_documents, *self._of_sums):
            wrong |= check.wrong
        for check in self._of_amounts:
            wrong |= self._sheet.by_report(check.wrong)
        return wrong

    def problems(
        self, report: int, amounts: Iterable[int], unreadable: tuple[Problem, ...] = ()
    ) -> tuple[Problem, ...]:
        """All that is wrong with a report and its amounts, each thing once; first what is unreadable of it."""
        places = list(amounts)
        found = [problem for check in self._of_reports for problem in check.of([report])]
        found += [problem for check in self._of_amounts for problem in check.of(places)]
        found += [problem for check in self._of_documents for problem in check.of([report])]
        if not unreadable:
            found += [problem for check in self._of_sums for problem in check.of([report])]
        meaningless = meaningless_beside(unreadable)
        if unreadable and not self._sheet.part.period.heads.texts("currency")[report].as_py():
            meaningless |= {Reason.UNKNOWN_CURRENCY}
        told = (problem for problem in found if problem.code not in meaningless)
        return tuple(dict.fromkeys((*unreadable, *told)))


def _unapproved(sheet: Sheet) -> Check:
    missing = sheet.part.period.heads.approved.missing
    text = "The report has no approval date. Approve it again in Expensify."
    return Check(missing, lambda _: [Problem(Reason.NO_APPROVAL_DATE, text)])


def _unknown_currency(sheet: Sheet) -> Check:
    return answers_of(sheet.currency, [answer.problem for answer in sheet.currencies])


def _vendors(sheet: Sheet) -> Iterator[Check]:
    """The employee is the vendor of a bill, and of a journal's line on accounts payable."""
    if sheet.part.name == "reimbursable" and not sheet.is_journal:
        yield answers_of(sheet.employee, [answer.problem for answer in sheet.employees])
    if sheet.part.name == "reimbursable" and sheet.is_journal and sheet.payers[0].detail == PAYABLES:
        text = (
            "A journal that credits accounts payable names its vendor, and {} is none yet: create the vendor in "
            "Zoho Books, or name an account of another type as posting.employee_payable_account."
        )
        yield answers_of(
            sheet.employee,
            [
                answer.problem or _unless(answer.target_id, Reason.VENDOR_MISSING, text.format(answer.target_name))
                for answer in sheet.employees
            ],
        )


def _payable(sheet: Sheet) -> Iterator[Check]:
    if sheet.part.name == "reimbursable" and sheet.is_journal:
        yield answers_of(np.zeros(sheet.part.report_count, dtype=np.int64), [sheet.payers[0].problem])


def _payers(sheet: Sheet) -> Iterator[Check]:
    if sheet.part.name == "company_paid":
        text = "The vendor of the card, {}, is not in Zoho Books yet: create it there."
        yield answers_of(
            sheet.payer,
            [
                answer.problem or _unless(answer.target_id, Reason.VENDOR_MISSING, text.format(answer.target_name))
                for answer in sheet.payers
            ],
        )


def _codings(sheet: Sheet) -> Check:
    def problems(place: int) -> Iterator[Problem]:
        coding = sheet.codings.codings[sheet.coding[place]]
        yield from coding.problems
        for finding in coding.findings:
            yield about(sheet, place, finding)

    return Check(sheet.codings.are_wrong[sheet.coding], problems)


def _not_representable(sheet: Sheet) -> Check:
    unit = sheet.units[sheet.reports]
    tax = sheet.tax if sheet.is_journal else np.zeros_like(sheet.tax)  # Zoho computes that of a bill

    def problems(place: int) -> Iterator[Problem]:
        precision = int(sheet.currencies[sheet.currency[sheet.reports[place]]].detail)
        for cents in (int(sheet.cents[place]), int(tax[place])):
            try:
                to_rate(cents, precision)
            except NotRepresentable as error:
                text = f"Expense {name_of(sheet, place)}: {error} in Zoho Books. Correct the amount in Expensify."
                yield Problem(Reason.CURRENCY_PRECISION, text)

    return Check(np.asarray((sheet.cents % unit != 0) | (tax % unit != 0), dtype=np.bool_), problems)


def _card_vendors(sheet: Sheet) -> Iterator[Check]:
    """A bill has one vendor: cards of different vendors in one report cannot be one bill."""
    if sheet.part.name == "company_paid" and not sheet.is_journal and sheet.payers:
        numbers = ranked([payer.target_id for payer in sheet.payers])[sheet.payer]
        text = (
            "The report was paid with cards of different vendors, and a bill has one: set posting.company_paid: "
            "journal in mlc.yaml, give these cards the same vendor, or split the report."
        )
        problem = Problem(Reason.VENDOR_AMBIGUOUS, text)
        yield Check(disagreeing(numbers, sheet.reports, sheet.part.report_count), lambda _: [problem])


def _headers(sheet: Sheet) -> Check:
    """Reporting tags that stand in the header hold for all lines."""
    numbers = sheet.codings.headers[sheet.coding]
    text = (
        "Its expenses have different reporting tags of which Zoho Books takes one for the whole document: choose "
        "the same for all expenses of the report, split the report, or put the tag on line items in Zoho Books."
    )
    problem = Problem(Reason.CONFLICTING_DIMENSIONS, text)
    return Check(disagreeing(numbers, sheet.reports, sheet.part.report_count), lambda _: [problem])


def _zero_total(sheet: Sheet) -> Check:
    text = (
        "Spending and refunds on different lines sum to zero, and a bill of zero cannot be posted: move the "
        "amounts by hand in Zoho Books and dismiss this entry, or set "
        f"posting.{sheet.part.name}: journal in mlc.yaml."
    )
    wrong = sheet.has_lines & np.asarray(sheet.totals == 0, dtype=np.bool_)
    return Check(wrong & (not sheet.is_journal), lambda _: [Problem(Reason.ZERO_TOTAL, text)])


def _unless(target_id: str, reason: Reason, text: str) -> Problem | None:
    return None if target_id else Problem(reason, text)
