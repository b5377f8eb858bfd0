"""What keeps a report back for its taxes: amounts that do not fit the rate, and what the edition does not take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlc_pipeline.accounting.check import Check, about, money_of
from mlc_pipeline.accounting.columns import Flags, Groups, Integers, first_positions, grouped, sums
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.organization import edition_of
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.sheets import Sheet
from mlc_pipeline.accounting.taxes import Rate, is_off, mismatch, rounding_leeway, sum_mismatch, tax_within

_NO_EMPLOYEE_BILLS = (
    "Zoho Books ({}) takes a bill to a vendor without a registration, as employees are, only with a reverse "
    "charge, which is not posted: set posting.reimbursable: journal and posting.employee_payable_account in "
    "mlc.yaml."
)
_NO_CARD_TAXES = (
    "Zoho Books ({}) checks the taxes of a bill against the registration of its vendor, and that of a card is not "
    "the seller's: set posting.company_paid: journal in mlc.yaml."
)


def edition_check(sheet: Sheet) -> Check:
    """What the edition of the organization is known to refuse: bills to employees, and so vendor credits."""
    edition = edition_of(sheet.organization)
    is_refused = not sheet.is_journal and not edition.takes_employee_bills
    if sheet.part.name == "reimbursable":
        wrong, text = sheet.has_lines, _NO_EMPLOYEE_BILLS
    else:
        wrong, text = sheet.by_report(sheet.codings.are_taxed[sheet.coding]), _NO_CARD_TAXES
    problem = Problem(Reason.TAX_NOT_SUPPORTED, text.format(edition.name))
    return Check(np.asarray(wrong & is_refused, dtype=np.bool_), lambda _: [problem])


def tax_check(sheet: Sheet) -> Check:
    """The tax of an expense is what the rate of Zoho's tax makes of its amount."""

    def problems(place: int) -> Iterator[Problem]:
        tax = sheet.codings.codings[sheet.coding[place]].tax
        if tax is not None:
            told = (money_of(sheet, place, amounts) for amounts in (sheet.tax, sheet.cents, sheet.expected_tax))
            stated, gross, expected = told
            yield about(sheet, place, mismatch(stated, gross, tax, expected))

    return Check(is_off(sheet.tax, sheet.expected_tax, sheet.units[sheet.reports]), problems)


def tax_sum_check(sheet: Sheet) -> Check:
    """The taxes of a bill's expenses sum to what Zoho computes, be it rounded for each line or for each tax."""
    booked, *computed = _tax_sums(sheet)
    counts = np.bincount(sheet.reports[_carries_tax(sheet)], minlength=sheet.part.report_count)
    leeway = np.array([rounding_leeway(count) for count in range(int(counts.max(initial=0)) + 1)])
    tolerance = leeway[counts] * sheet.units
    offs = [np.asarray(np.abs(booked - sums_of) > tolerance, dtype=np.bool_) for sums_of in computed]
    is_told = sheet.by_report(is_off(sheet.tax, sheet.expected_tax, sheet.units[sheet.reports]))

    def problems(report: int) -> Iterator[Problem]:
        currency = sheet.currencies[sheet.currency[report]].target_code
        other = next(sums_of for sums_of, off in zip(computed, offs, strict=True) if off[report])
        stated, made = (format_money(int(amounts[report]), currency) for amounts in (booked, other))
        yield sum_mismatch(stated, made, sheet.part.name)

    return Check((offs[0] | offs[1]) & ~is_told, problems)


def _tax_sums(sheet: Sheet) -> tuple[Integers, Integers, Integers]:
    """By report the taxes of its expenses, and what Zoho makes of them: of its lines, and of its sums by tax."""
    reports, taxed, count = sheet.reports, _carries_tax(sheet), sheet.part.report_count
    if not taxed.any():
        nothing = np.zeros(count, dtype=np.int64)
        return nothing, nothing, nothing
    booked = sums(sheet.tax[taxed], reports[taxed], count)
    by_tax = grouped(reports[taxed], sheet.codings.taxes[sheet.coding[taxed]], sheet.cents[taxed])
    of_sums = _tax_of(sheet, by_tax, taxed)
    if sheet.rules.lines == "expense":
        return booked, sums(sheet.expected_tax[taxed], reports[taxed], count), of_sums
    return booked, _tax_of(sheet, sheet.lines.among(taxed, sheet.cents), taxed), of_sums


def _tax_of(sheet: Sheet, groups: Groups, taxed: Flags) -> Integers:
    """By report the taxes of sums of amounts that have the same tax."""
    coding = sheet.coding[taxed][first_positions(groups.of_row)]
    rate = Rate(*(part[coding] for part in sheet.codings.percentages))
    taxes = tax_within(groups.cents, rate, sheet.units[groups.report])
    return sums(taxes, groups.report, sheet.part.report_count)


def _carries_tax(sheet: Sheet) -> Flags:
    """By amount whether Zoho computes a tax for it; what cancels out on its line is in no document."""
    if sheet.is_journal:
        return np.zeros(len(sheet.cents), dtype=np.bool_)
    is_taxed = sheet.codings.name_taxes[sheet.coding]
    return is_taxed & np.asarray(sheet.lines.cents != 0, dtype=np.bool_)[sheet.lines.of_row]
