"""Bills: a document as a bill in Zoho Books, how it is found there again, compared, changed and made void."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.accounting.money import to_decimal, to_rate
from mlc_pipeline.posting.books import Found, Listed, between, folded, rounded
from mlc_pipeline.transport import json
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Bill, BillLine
from mlc_pipeline.zoho.errors import NotFound, OutcomeUnknown, Refused, ZohoError

_CHANGEABLE = frozenset({"", "open", "overdue", "unpaid", "draft", "approved"})


class Bills:
    """The bills of one Zoho organization, seen through our documents."""

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho

    def create(self, document: Document, vendor_id: str) -> Found:
        """Create the bill; Zoho's answer is the proof and is compared before it is believed.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        return self._proven(self._zoho.create_bill(bill_payload(document, vendor_id)), document, vendor_id)

    def update(self, zoho_id: str, document: Document, vendor_id: str) -> Found:
        """Give an existing bill the content of the document.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        bill = self._zoho.update_bill(zoho_id, bill_payload(document, vendor_id))
        return self._proven(bill, document, vendor_id)

    def void(self, zoho_id: str) -> None:
        """Make a bill void; one that is void already stays so."""
        if self._zoho.bill(zoho_id).status != "void":
            self._zoho.void_bill(zoho_id)

    def find(self, document: Document, vendor_id: str) -> Found | None:
        """The bill with the document's number, of the vendor if there is one, else of any other vendor."""
        number = folded(document.number)
        rows = [row for row in self._zoho.bills(bill_number=document.number) if folded(row.bill_number) == number]
        if not rows:
            return None
        row = next((row for row in rows if row.vendor_id == vendor_id), rows[0])
        return self.read(row.bill_id, document, vendor_id)

    def read(self, zoho_id: str, document: Document, vendor_id: str) -> Found | None:
        """Read one bill and compare it; None when it is not there any more."""
        try:
            bill = self._zoho.bill(zoho_id)
        except NotFound:
            return None
        return Found(bill.bill_id, tuple(differences(document, vendor_id, bill)))

    def listed(self, documents: Sequence[Document]) -> Mapping[str, Listed] | None:
        """Our bills over the days of the documents, by folded number; None when Zoho refuses to list them so."""
        try:
            rows = list(self._zoho.bills(bill_number_startswith=PREFIX, **between(documents)))
        except Refused:
            # These filters stand in Zoho's prose, not in its list of parameters.
            return None
        return {
            folded(row.bill_number): Listed(row.bill_id, row.vendor_id, row.total, is_void=row.status == "void")
            for row in rows
        }

    def stands(self, row: Listed, document: Document, vendor_id: str) -> bool:
        """Whether a row of the list shows the bill as it was posted."""
        same_vendor = row.vendor_id in ("", vendor_id)
        return same_vendor and rounded(row.total, document) == to_decimal(document.total_cents)

    def request_digest(self, document: Document, vendor_id: str) -> str:
        """SHA-256 of the body that is sent, for the audit trail."""
        return hashlib.sha256(json.dumps(bill_payload(document, vendor_id)).encode()).hexdigest()

    def obstacles(self, zoho_id: str, document: Document, vendor_id: str) -> Iterator[str]:
        """Why a posted bill must not be changed any more: it was paid, changed by a person, or is gone."""
        try:
            bill = self._zoho.bill(zoho_id)
        except NotFound:
            yield "it is not in Zoho Books any more"
            return
        yield from differences(document, vendor_id, bill)
        if bill.status not in _CHANGEABLE:
            yield f"it is {bill.status}"
        if bill.balance is not None and bill.balance != bill.total:
            yield f"{(bill.total or 0) - bill.balance} of it are paid"

    def _proven(self, bill: Bill, document: Document, vendor_id: str) -> Found:
        if not bill.lines or bill.total is None:
            bill = self._read_back(bill)
        return Found(bill.bill_id, tuple(differences(document, vendor_id, bill)))

    def _read_back(self, bill: Bill) -> Bill:
        try:
            return self._zoho.bill(bill.bill_id)
        except ZohoError as error:
            # It was written: this failure must not look as if it was not.
            raise OutcomeUnknown(f"Bill {bill.bill_id} was written but cannot be read back: {error}") from error


def bill_payload(document: Document, vendor_id: str) -> dict[str, Any]:
    """The body of `POST /bills` (Zoho OpenAPI, create-a-bill-request); amounts are Decimal."""
    return {
        "vendor_id": vendor_id,
        "currency_id": document.currency_id,
        "bill_number": document.number,
        "reference_number": document.reference,
        "date": document.date.isoformat(),
        "notes": document.notes,
        "line_items": [
            {
                "account_id": line.account_id,
                "description": line.description,
                "rate": to_rate(line.amount_cents, document.precision),
                "quantity": Decimal(1),
                "item_order": order,
            }
            for order, line in enumerate(document.lines, start=1)
        ],
    }


def differences(document: Document, vendor_id: str, bill: Bill) -> Iterator[str]:
    """How a bill in Zoho Books differs from the document; nothing when it is what was meant."""
    if bill.status == "void":
        yield "it is void"
    if bill.bill_number and folded(bill.bill_number) != folded(document.number):
        yield f"its number is {bill.bill_number}, not {document.number}"
    if bill.vendor_id != vendor_id:
        yield f"it is of another vendor ({bill.vendor_id})"
    if bill.currency_code and bill.currency_code != document.currency:
        yield f"its currency is {bill.currency_code}, not {document.currency}"
    expected = to_decimal(document.total_cents)
    if rounded(bill.total, document) != expected:
        yield f"its total is {bill.total}, not {expected}"
    if bill.reference_number and bill.reference_number != document.reference:
        yield f"its reference is {bill.reference_number}, not {document.reference}"
    lines = bill.lines or ()
    if len(lines) != len(document.lines):
        yield f"it has {len(lines)} lines, not {len(document.lines)}"
        return
    meant = Counter((line.account_id, to_decimal(line.amount_cents)) for line in document.lines)
    held = Counter((line.account_id, rounded(_line_amount(line), document)) for line in lines)
    if held != meant:
        yield "its lines have other accounts or amounts"


def _line_amount(line: BillLine) -> Decimal | None:
    if line.item_total is not None:
        return line.item_total
    if line.rate is None or line.quantity is None:
        return None
    return line.rate * line.quantity
