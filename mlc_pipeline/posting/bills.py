"""Bills: what is owed to employees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.posting.held import Held, Row
from mlc_pipeline.posting.payloads import bill_payload
from mlc_pipeline.posting.tax_writing import Writing
from mlc_pipeline.posting.vendor_documents import VendorDocuments
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Bill, BillSummary


class Bills(VendorDocuments):
    """The bills of one Zoho organization, seen through our documents."""

    changeable = frozenset({"", "open", "overdue", "unpaid", "draft", "approved"})
    takes_adjustment = True

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho

    def _body(self, document: Document, vendor_id: str, writing: Writing) -> dict[str, Any]:
        return bill_payload(document, vendor_id, **asdict(writing))

    def _post(self, body: Mapping[str, Any]) -> Held:
        return _held(self._zoho.create_bill(body))

    def _put(self, zoho_id: str, body: Mapping[str, Any]) -> Held:
        return _held(self._zoho.update_bill(zoho_id, body))

    def _get(self, zoho_id: str) -> Held:
        return _held(self._zoho.bill(zoho_id))

    def _void(self, zoho_id: str) -> None:
        self._zoho.void_bill(zoho_id)

    def _numbered(self, number: str) -> Iterable[Row]:
        return map(_row, self._zoho.bills(bill_number=number))

    def _rows(self, days: Mapping[str, str]) -> Iterable[Row]:
        return map(_row, self._zoho.bills(bill_number_startswith=PREFIX, **days))


def _held(bill: Bill) -> Held:
    return Held(
        zoho_id=bill.bill_id,
        number=bill.bill_number,
        reference=bill.reference_number,
        vendor_id=bill.vendor_id,
        status=bill.status,
        date=bill.date,
        notes=bill.notes,
        currency_code=bill.currency_code,
        exchange_rate=bill.exchange_rate,
        total=bill.total,
        balance=bill.balance,
        tax_totals=_said(bill.tax_total if bill.tax_total is not None else bill.listed_tax),
        adjustment=bill.adjustment or Decimal(0),
        rates_contain_tax=bill.is_inclusive_tax,
        tags=bill.tags,
        lines=bill.lines,
    )


def _said(tax: Decimal | None) -> tuple[Decimal, ...]:
    return () if tax is None else (tax,)


def _row(row: BillSummary) -> Row:
    return Row(row.bill_id, row.bill_number, row.vendor_id, row.status, row.total)
