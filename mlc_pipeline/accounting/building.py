"""Building: the reports of a batch become documents, each when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.batches import Batch, Head
from mlc_pipeline.accounting.checks import PAYABLES
from mlc_pipeline.accounting.codings import Coding
from mlc_pipeline.accounting.columns import dates
from mlc_pipeline.accounting.cuts import Amounts
from mlc_pipeline.accounting.day_checks import exchange_rate
from mlc_pipeline.accounting.documents import Document, Kind, document_number
from mlc_pipeline.accounting.lines import ExpenseLines
from mlc_pipeline.accounting.mapping import NOTHING, Resolution
from mlc_pipeline.accounting.offsets import Offsets
from mlc_pipeline.accounting.organization import edition_of
from mlc_pipeline.accounting.sheets import Sheet


class Building:
    """The documents of a batch."""

    def __init__(self, sheet: Sheet, batch: Batch, heads: Sequence[Head]) -> None:
        amounts = Amounts(sheet, batch)
        groups = sheet.offsets
        self._edition = edition_of(sheet.organization)
        self._sheet = sheet
        self._reports: list[int] = batch.reports.tolist()
        self._amounts: list[int] = amounts.numbers.tolist()
        self._bounds = amounts.bounds
        self._coding: list[int] = sheet.coding[amounts.numbers].tolist()
        self._days, self._original_days = (
            dates(days[batch.reports]) for days in (sheet.days, sheet.original_days)
        )
        self._lines = ExpenseLines(sheet, amounts, heads)
        self._offsets = None if groups is None else Offsets(sheet, groups, amounts, heads)

    def amounts(self, number: int) -> list[int]:
        """The numbers in the sheet of the amounts of a report of the batch."""
        return self._amounts[self._bounds[number] : self._bounds[number + 1]]

    def document(self, number: int, report: Head) -> Document:
        """The document of a report of the batch that nothing keeps back."""
        sheet, place = self._sheet, self._reports[number]
        rules, currency = sheet.rules, sheet.currencies[sheet.currency[place]]
        kind = _kind(sheet, place)
        vendor = self._vendor(number)
        codings = self._codings(number)
        day, original = self._days[number], self._original_days[number]
        moved = original if original != day else None
        left_out = [tag for coding in codings for tag in coding.dimensions.left_out]
        lines = self._lines.of(number, -1 if kind == "vendor_credit" else 1)
        unbilled = self._lines.billable(number) if kind == "vendor_credit" else {}
        return Document(
            kind=kind,
            number=document_number(report.report_id, 1, rules.number_suffix),
            reference=report.report_id,
            date=day,
            currency=report.currency,
            currency_id=currency.target_id,
            precision=int(currency.detail),
            vendor_id="" if sheet.is_journal else vendor.target_id,
            employee_name=descriptions.employee_name(report),
            employee_email=report.employee_email,
            notes=descriptions.notes(report, rules, moved, day, left_out, unbilled),
            lines=lines,
            offsets=self._offsets.of(number, vendor.target_id) if self._offsets else (),
            exchange_rate=_rate(sheet, place),
            tags=codings[0].dimensions.header_tags,
            location_id=_location(codings),
            original_date=moved.isoformat() if moved else "",
            tolerance_cents=int(sheet.units[place]) * sum([bool(line.tax_id) for line in lines]),
            vendor_name="" if sheet.is_journal else vendor.target_name,
            vendor_number="" if sheet.is_journal or vendor.target_id else vendor.target_code,
            product_type=self._edition.product_type if kind == "bill" else "",
            reimbursement_code=self._edition.reimbursement_code if _is_owed_to_employees(sheet) else "",
        )

    def _codings(self, number: int) -> list[Coding]:
        """How the expenses of a report are coded, in the order in which that appears."""
        codings = self._sheet.codings
        found = dict.fromkeys(self._coding[self._bounds[number] : self._bounds[number + 1]])
        return [codings[one] for one in found]

    def _vendor(self, number: int) -> Resolution:
        """The vendor of a bill, or of a journal's line on accounts payable."""
        sheet = self._sheet
        if sheet.part.name == "reimbursable":
            needed = not sheet.is_journal or sheet.payers[0].detail == PAYABLES
            return sheet.employees[sheet.employee[self._reports[number]]] if needed else NOTHING
        return NOTHING if sheet.is_journal else sheet.payers[sheet.payer[self.amounts(number)[0]]]


def _is_owed_to_employees(sheet: Sheet) -> bool:
    return sheet.part.name == "reimbursable" and not sheet.is_journal


def _kind(sheet: Sheet, report: int) -> Kind:
    if sheet.is_journal:
        return "journal"
    return "bill" if sheet.totals[report] > 0 else "vendor_credit"


def _rate(sheet: Sheet, report: int) -> str:
    """Decimal text; none in the organization's own currency, or where that is not known."""
    organization = sheet.organization
    if organization is None or organization.currency == sheet.currencies[sheet.currency[report]].target_code:
        return ""
    rate = exchange_rate(sheet, report, organization)
    return "" if rate is None else format(rate, "f")


def _location(codings: Iterable[Coding]) -> str:
    """The location of all lines, if they have the same."""
    locations = {coding.dimensions.location_id for coding in codings}
    return locations.pop() if len(locations) == 1 else ""
