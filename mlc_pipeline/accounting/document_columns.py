"""Documents as columns: those of some thousand reports; one becomes an object when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.batches import Batch
from mlc_pipeline.accounting.checks import PAYABLES
from mlc_pipeline.accounting.columns import (
    Flags,
    Integers,
    Shared,
    dates,
    disagreeing,
    first_positions,
    grouped,
    joined,
    ranked,
)
from mlc_pipeline.accounting.cuts import Amounts
from mlc_pipeline.accounting.day_checks import exchange_rate
from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.accounting.line_columns import LineColumns
from mlc_pipeline.accounting.mapping import NOTHING, Resolution
from mlc_pipeline.accounting.organization import edition_of
from mlc_pipeline.accounting.sheets import Sheet
from mlc_pipeline.accounting.wording import one_line


@dataclass(frozen=True, slots=True, eq=False)
class DocumentColumns:
    """The documents of those reports of a batch that nothing keeps back.

    What many documents share (vendor, currency, coding of the first expense) is told by its number in the sheet.
    """

    sheet: Sheet
    reports: Integers
    report_ids: pa.LargeStringArray
    numbers: pa.LargeStringArray
    credits: Flags
    currency: Integers
    currency_codes: pa.LargeStringArray
    vendor: Integers
    vendors: list[Resolution]
    employees: Shared
    emails: pa.LargeStringArray
    notes: pa.LargeStringArray
    rates: list[str]
    coding: Integers
    is_in_one_place: Flags
    tolerance: Integers
    lines: LineColumns
    offsets: LineColumns | None

    @classmethod
    def of(cls, sheet: Sheet, batch: Batch, chosen: Flags) -> DocumentColumns:
        """The documents of the chosen ones of the reports of the batch; each of these has an amount."""
        amounts = Amounts.of(sheet, batch, chosen)
        reports, heads = amounts.reports, sheet.part.period.heads
        rows = pa.array(reports)
        report_ids, signatures = heads.texts("report_id").take(rows), heads.signatures.taken(reports)
        lines = LineColumns.of_expenses(sheet, amounts, signatures)
        vendor, vendors = _vendors(sheet, amounts)
        credits = sheet.credits[reports]
        return cls(
            sheet=sheet,
            reports=reports,
            report_ids=report_ids,
            numbers=joined(PREFIX, report_ids, sheet.rules.number_suffix),
            credits=credits,
            currency=sheet.currency[reports],
            currency_codes=heads.texts("currency").take(rows),
            vendor=vendor,
            vendors=vendors,
            employees=heads.employees.taken(reports),
            emails=heads.texts("employee_email").take(rows),
            notes=_notes(sheet, amounts),
            rates=_rates(sheet, reports),
            coding=sheet.coding[amounts.firsts],
            is_in_one_place=_is_in_one_place(sheet, amounts),
            tolerance=sheet.units[reports] * lines.counts(sheet.codings.name_taxes),
            lines=lines,
            offsets=LineColumns.of_payers(sheet, amounts, signatures),
        )

    def document(self, number: int) -> Document:
        """One of the documents."""
        sheet, currency = self.sheet, self.sheet.currencies[self.currency[number]]
        vendor = self.vendors[self.vendor[number]]
        at = sheet.codings.codings[self.coding[number]].dimensions
        report = self.reports[number : number + 1]
        [day], [original] = dates(sheet.days[report]), dates(sheet.original_days[report])
        is_credit, edition = bool(self.credits[number]), edition_of(sheet.organization)
        return Document(
            kind="journal" if sheet.is_journal else "vendor_credit" if is_credit else "bill",
            number=self.numbers[number].as_py(),
            reference=self.report_ids[number].as_py(),
            date=day,
            currency=self.currency_codes[number].as_py(),
            currency_id=currency.target_id,
            precision=int(currency.detail),
            vendor_id="" if sheet.is_journal else vendor.target_id,
            employee_name=self.employees.text(number),
            employee_email=self.emails[number].as_py(),
            notes=self.notes[number].as_py(),
            lines=self.lines.of(number, -1 if is_credit else 1),
            offsets=self.offsets.of(number, 1, vendor.target_id) if self.offsets else (),
            exchange_rate=self.rates[number],
            tags=at.header_tags,
            location_id=at.location_id if self.is_in_one_place[number] else "",
            original_date=original.isoformat() if original != day else "",
            tolerance_cents=int(self.tolerance[number]),
            vendor_name="" if sheet.is_journal else vendor.target_name,
            product_type="" if is_credit or sheet.is_journal else edition.product_type,
            reimbursement_code=edition.reimbursement_code if _is_owed_to_employees(sheet) else "",
            vendor_number="" if sheet.is_journal or vendor.target_id else vendor.target_code,
            is_dated_by_expense=bool(sheet.dated_by_expense[self.reports[number]]),
        )


def _is_owed_to_employees(sheet: Sheet) -> bool:
    return sheet.part.name == "reimbursable" and not sheet.is_journal


def _vendors(sheet: Sheet, amounts: Amounts) -> tuple[Integers, list[Resolution]]:
    """By document the vendor of a bill, or of a journal's line on accounts payable."""
    if sheet.part.name == "company_paid" and not sheet.is_journal:
        return sheet.payer[amounts.firsts], sheet.payers
    if sheet.part.name == "reimbursable" and (not sheet.is_journal or sheet.payers[0].detail == PAYABLES):
        return sheet.employee[amounts.reports], sheet.employees
    return np.zeros_like(amounts.reports), [NOTHING]


def _notes(sheet: Sheet, amounts: Amounts) -> pa.LargeStringArray:
    """The notes of each document; few say more than where they come from."""
    rules, reports = sheet.rules, amounts.reports
    notes = sheet.part.period.heads.notes(rules.timezone, rules.period).take(pa.array(reports))
    further = [""] * len(reports)
    moved = np.flatnonzero(sheet.original_days[reports] != sheet.days[reports])
    for number, original, day in zip(
        moved, dates(sheet.original_days[reports[moved]]), dates(sheet.days[reports[moved]]), strict=True
    ):
        further[number] += descriptions.of_moved(str(original), str(day))
    left_out = sheet.codings.leave_tags_out[sheet.coding[amounts.numbers]]
    for number in np.unique(amounts.owners()[left_out]):
        codings = np.unique(sheet.coding[amounts.numbers[amounts.bounds[number] : amounts.bounds[number + 1]]])
        tags = [tag for coding in codings for tag in sheet.codings.codings[coding].dimensions.left_out]
        further[number] += descriptions.of_left_out(tags, rules.kind)
    currencies = sheet.part.period.heads.shared("currency").written(one_line).taken(reports)
    kind = "journal" if sheet.is_journal else "vendor credit"
    for document, unbilled in _unbilled(sheet, amounts).items():
        further[document] += descriptions.of_unbilled(unbilled, currencies.text(document), kind)
    return joined(notes, pa.array(further, notes.type)) if any(further) else notes


def _unbilled(sheet: Sheet, amounts: Amounts) -> dict[int, dict[str, int]]:
    """By document that cannot say so, the cents that are to be billed, by customer in words."""
    owners, coding = amounts.owners(), sheet.coding[amounts.numbers]
    silent = np.full(len(owners), fill_value=True) if sheet.is_journal else sheet.credits[amounts.reports][owners]
    found = np.flatnonzero(silent & sheet.codings.are_to_bill[coding])
    customers = sheet.codings.customers.taken(coding[found])
    groups = grouped(
        owners[found], ranked(customers.texts)[customers.numbers], sheet.cents[amounts.numbers[found]]
    )
    firsts = customers.numbers[first_positions(groups.of_row)] if len(found) else found
    unbilled: dict[int, dict[str, int]] = {}
    for number, first, cents in zip(groups.report.tolist(), firsts.tolist(), groups.cents.tolist(), strict=True):
        if cents:
            unbilled.setdefault(number, {})[customers.texts[first]] = cents
    return unbilled


def _rates(sheet: Sheet, reports: Integers) -> list[str]:
    """Decimal text; none in the organization's own currency, or where that is not known."""
    rates = [""] * len(reports)
    if sheet.organization is None:
        return rates
    own = sheet.organization.currency
    is_foreign = np.array([answer.target_code != own for answer in sheet.currencies], dtype=np.bool_)
    for number in np.flatnonzero(is_foreign[sheet.currency[reports]]):
        rate = exchange_rate(sheet, reports[number], sheet.organization)
        rates[number] = "" if rate is None else format(rate, "f")
    return rates


def _is_in_one_place(sheet: Sheet, amounts: Amounts) -> Flags:
    """By document, whether all its expenses have the same location."""
    found = sheet.codings.locations[sheet.coding[amounts.numbers]]
    return ~disagreeing(found, amounts.owners(), len(amounts.reports))
