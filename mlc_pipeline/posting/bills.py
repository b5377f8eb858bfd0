"""Bills: a document as a bill in Zoho Books, how it is found there again and compared with what was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.accounting.money import to_decimal, to_rate
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Bill, BillLine
from mlc_pipeline.zoho.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Found:
    """What Zoho Books holds under a document's number, and how it differs from what was meant."""

    zoho_id: str
    differences: tuple[str, ...]


class Bills:
    """The bills of one Zoho organization, seen through our documents."""

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho

    def create(self, document: Document, vendor_id: str) -> Found:
        """Create the bill; Zoho's answer is the proof and is compared before it is believed.

        Raises:
            ZohoError: refused, or the outcome is unknown.
        """
        bill = self._zoho.create_bill(bill_payload(document, vendor_id))
        if bill.lines is None or bill.total is None:
            bill = self._zoho.bill(bill.bill_id)
        return Found(bill.bill_id, tuple(differences(document, vendor_id, bill)))

    def find(self, document: Document, vendor_id: str) -> Found | None:
        """The bill with the document's number, of the vendor if there is one, else of any other vendor."""
        rows = [
            row
            for row in self._zoho.bills(bill_number=document.number)
            if _same_number(row.bill_number, document.number)
        ]
        if not rows:
            return None
        row = next((row for row in rows if row.vendor_id == vendor_id), rows[0])
        return self.read(row.bill_id, document, vendor_id)

    def read(self, bill_id: str, document: Document, vendor_id: str) -> Found:
        """Read one bill and compare it.

        Raises:
            NotFound: it is not there any more.
        """
        bill = self._zoho.bill(bill_id)
        return Found(bill.bill_id, tuple(differences(document, vendor_id, bill)))

    def held(self, documents: Sequence[Document]) -> set[str]:
        """The numbers of those documents that Zoho Books may hold already, by one listing over their days."""
        dates = sorted(document.date for document in documents)
        try:
            rows = list(self._zoho.bills(bill_number_startswith=PREFIX, **_between(dates[0], dates[-1])))
        except Refused:
            # These filters are in Zoho's prose, not in its list of parameters: without them, each is looked up.
            return {document.number for document in documents}
        found = {_folded(row.bill_number) for row in rows}
        return {document.number for document in documents if _folded(document.number) in found}


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
    if bill.vendor_id != vendor_id:
        yield f"it is of another vendor ({bill.vendor_id})"
    if bill.currency_code and bill.currency_code != document.currency:
        yield f"its currency is {bill.currency_code}, not {document.currency}"
    expected = to_decimal(document.total_cents)
    if bill.total != expected:
        yield f"its total is {bill.total}, not {expected}"
    if bill.reference_number and bill.reference_number != document.reference:
        yield f"its reference is {bill.reference_number}, not {document.reference}"
    lines = bill.lines or ()
    if len(lines) != len(document.lines):
        yield f"it has {len(lines)} lines, not {len(document.lines)}"
        return
    meant = Counter((line.account_id, to_decimal(line.amount_cents).normalize()) for line in document.lines)
    held = Counter((line.account_id, _line_amount(line)) for line in lines)
    if held != meant:
        yield "its lines have other accounts or amounts"


def _line_amount(line: BillLine) -> Decimal | None:
    if line.item_total is not None:
        return line.item_total.normalize()
    if line.rate is None or line.quantity is None:
        return None
    return (line.rate * line.quantity).normalize()


def totals_held(zoho: ZohoBooksClient, dates: Iterable[date], bill_ids: Iterable[str]) -> dict[str, Decimal]:
    """What Zoho Books holds now under each bill, in the bill's currency; a void or missing bill holds nothing.

    One listing over the days of the documents; a bill that was moved to another day is read by itself.
    """
    wanted = set(bill_ids)
    days = sorted(dates)
    if not wanted:
        return {}
    held = {
        row.bill_id: _standing(row.status, row.total)
        for row in zoho.bills(**_between(days[0], days[-1]))
        if row.bill_id in wanted
    }
    for bill_id in sorted(wanted - held.keys()):
        try:
            bill = zoho.bill(bill_id)
        except NotFound:
            continue
        held[bill_id] = _standing(bill.status, bill.total)
    return held


def _standing(status: str, total: Decimal | None) -> Decimal:
    return Decimal(0) if status == "void" or total is None else total


def _between(first: date, last: date) -> dict[str, str]:
    return {"date_start": first.isoformat(), "date_end": last.isoformat()}


def _folded(number: str) -> str:
    # Zoho compares bill numbers trimmed and without regard to case.
    return number.strip().casefold()


def _same_number(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)
