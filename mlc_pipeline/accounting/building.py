"""Building: one report of a sheet becomes a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.approved import Row
from mlc_pipeline.accounting.checks import PAYABLES, exchange_rate
from mlc_pipeline.accounting.codings import Coding
from mlc_pipeline.accounting.documents import Document, Kind, document_number
from mlc_pipeline.accounting.lines import Amount, Lines
from mlc_pipeline.accounting.mapping import NOTHING, Resolution
from mlc_pipeline.accounting.sheets import Sheet


def document_of(sheet: Sheet, number: int, report: Row, amounts: Sequence[Amount]) -> Document:
    """The document of a report that nothing keeps back.

    Args:
        sheet: the part of the period.
        number: the place of the report in it.
        report: a row of the report.
        amounts: its amounts that are not zero, by transaction id.
    """
    rules, currency = sheet.rules, sheet.currencies[sheet.currency[number]]
    kind = _kind(sheet, number)
    vendor = _vendor(sheet, number, amounts)
    lines = Lines(sheet, report, amounts, sign=-1 if kind == "vendor_credit" else 1)
    codings = [sheet.codings[sheet.coding[amount.place]] for amount in amounts]
    day, original = (date.fromordinal(int(days[number])) for days in (sheet.days, sheet.original_days))
    moved = original if original != day else None
    left_out = [tag for coding in codings for tag in coding.dimensions.left_out]
    expense_lines = lines.of_expenses()
    unit = int(sheet.units[number])
    return Document(
        kind=kind,
        number=document_number(report.report_id, 1, rules.number_suffix),
        reference=report.report_id,
        date=day,
        currency=report.currency or "",
        currency_id=currency.target_id,
        precision=int(currency.detail),
        vendor_id="" if sheet.is_journal else vendor.target_id,
        employee_name=descriptions.employee_name(report),
        employee_email=report.employee_email or "",
        notes=descriptions.notes(report, rules, moved, day, left_out),
        lines=expense_lines,
        offsets=lines.of_payers(vendor.target_id),
        exchange_rate=_rate(sheet, number),
        tags=codings[0].dimensions.header_tags,
        location_id=_location(codings),
        original_date=moved.isoformat() if moved else "",
        tolerance_cents=unit * sum(bool(line.tax_id) for line in expense_lines),
        vendor_name="" if sheet.is_journal else vendor.target_name,
    )


def _kind(sheet: Sheet, number: int) -> Kind:
    if sheet.is_journal:
        return "journal"
    return "bill" if sheet.totals[number] > 0 else "vendor_credit"


def _vendor(sheet: Sheet, number: int, amounts: Sequence[Amount]) -> Resolution:
    """The vendor of a bill, or of a journal's line on accounts payable."""
    if sheet.part.name == "reimbursable":
        needed = not sheet.is_journal or sheet.payers[0].detail == PAYABLES
        return sheet.employees[sheet.employee[number]] if needed else NOTHING
    return NOTHING if sheet.is_journal else sheet.payers[sheet.payer[amounts[0].place]]


def _rate(sheet: Sheet, number: int) -> str:
    """Decimal text; none in the organization's own currency, or where that is not known."""
    rate = exchange_rate(sheet, number, sheet.organization)
    own = sheet.organization.currency if sheet.organization else ""
    return "" if rate is None or sheet.currencies[sheet.currency[number]].target_code == own else format(rate, "f")


def _location(codings: Sequence[Coding]) -> str:
    """The location of all lines, if they have the same."""
    locations = {coding.dimensions.location_id for coding in codings}
    return locations.pop() if len(locations) == 1 else ""
