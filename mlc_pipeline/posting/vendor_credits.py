"""Vendor credits: what employees owe back, where refunds outweigh a report's expenses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.posting.held import Held, Row
from mlc_pipeline.posting.payloads import vendor_credit_payload
from mlc_pipeline.posting.tax_writing import Writing
from mlc_pipeline.posting.vendor_documents import VendorDocuments
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import VendorCredit, VendorCreditSummary


class VendorCredits(VendorDocuments):
    """The vendor credits of one Zoho organization; Zoho knows no adjustment of their totals."""

    changeable = frozenset({"", "open", "draft", "approved"})
    takes_adjustment = False

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho

    def _body(self, document: Document, vendor_id: str, writing: Writing) -> dict[str, Any]:
        contain, are_net = writing.rates_contain_tax, writing.rates_are_net
        return vendor_credit_payload(document, vendor_id, rates_contain_tax=contain, rates_are_net=are_net)

    def _post(self, body: Mapping[str, Any]) -> Held:
        return _held(self._zoho.create_vendor_credit(body))

    def _put(self, zoho_id: str, body: Mapping[str, Any]) -> Held:
        return _held(self._zoho.update_vendor_credit(zoho_id, body))

    def _get(self, zoho_id: str) -> Held:
        return _held(self._zoho.vendor_credit(zoho_id))

    def _void(self, zoho_id: str) -> None:
        self._zoho.void_vendor_credit(zoho_id)

    def _numbered(self, number: str) -> Iterable[Row]:
        return map(_row, self._zoho.vendor_credits(vendor_credit_number=number))

    def _rows(self, days: Mapping[str, str]) -> Iterable[Row]:
        return map(_row, self._zoho.vendor_credits(vendor_credit_number_startswith=PREFIX, **days))


def _held(credit: VendorCredit) -> Held:
    # Its tax is a property of neither answer: whether `sub_total` leaves it out is not documented.
    rest = credit.total - credit.sub_total if credit.total is not None and credit.sub_total is not None else None
    return Held(
        zoho_id=credit.vendor_credit_id,
        number=credit.vendor_credit_number,
        reference=credit.reference_number,
        vendor_id=credit.vendor_id,
        status=credit.status,
        date=credit.date,
        notes=credit.notes,
        currency_code=credit.currency_code,
        exchange_rate=credit.exchange_rate,
        total=credit.total,
        balance=credit.balance,
        tax_totals=tuple(tax for tax in (rest, credit.listed_tax) if tax is not None),
        adjustment=Decimal(0),
        rates_contain_tax=credit.is_inclusive_tax,
        tags=credit.tags,
        lines=credit.lines,
    )


def _row(row: VendorCreditSummary) -> Row:
    return Row(row.vendor_credit_id, row.vendor_credit_number, row.vendor_id, row.status, row.total)
