"""Bills: a document as a bill in Zoho Books, how it is found there again, compared, changed and made void."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import PREFIX, Document
from mlc_pipeline.accounting.money import to_decimal, to_rate
from mlc_pipeline.transport import json
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.documents import Bill, BillLine, BillSummary
from mlc_pipeline.zoho.errors import NotFound, Refused

_CHANGEABLE = frozenset({"", "open", "overdue", "unpaid", "draft", "approved"})


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

    def listed(self, documents: Sequence[Document]) -> Mapping[str, BillSummary] | None:
        """Our bills over the days of the documents, by folded number; None when Zoho refuses to list them so."""
        dates = sorted(document.date for document in documents)
        try:
            rows = list(self._zoho.bills(bill_number_startswith=PREFIX, **_between(dates[0], dates[-1])))
        except Refused:
            # These filters stand in Zoho's prose, not in its list of parameters.
            return None
        return {folded(row.bill_number): row for row in rows}

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
            bill = self._zoho.bill(bill.bill_id)
        return Found(bill.bill_id, tuple(differences(document, vendor_id, bill)))


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


def request_digest(document: Document, vendor_id: str) -> str:
    """SHA-256 of the body that is sent, for the audit trail."""
    return hashlib.sha256(json.dumps(bill_payload(document, vendor_id)).encode()).hexdigest()


def differences(document: Document, vendor_id: str, bill: Bill) -> Iterator[str]:
    """How a bill in Zoho Books differs from the document; nothing when it is what was meant."""
    if bill.status == "void":
        yield "it is void"
    if bill.vendor_id != vendor_id:
        yield f"it is of another vendor ({bill.vendor_id})"
    if bill.currency_code and bill.currency_code != document.currency:
        yield f"its currency is {bill.currency_code}, not {document.currency}"
    expected = to_decimal(document.total_cents)
    if _rounded(bill.total, document) != expected:
        yield f"its total is {bill.total}, not {expected}"
    if bill.reference_number and bill.reference_number != document.reference:
        yield f"its reference is {bill.reference_number}, not {document.reference}"
    lines = bill.lines or ()
    if len(lines) != len(document.lines):
        yield f"it has {len(lines)} lines, not {len(document.lines)}"
        return
    meant = Counter((line.account_id, to_decimal(line.amount_cents)) for line in document.lines)
    held = Counter((line.account_id, _rounded(_line_amount(line), document)) for line in lines)
    if held != meant:
        yield "its lines have other accounts or amounts"


def stands(row: BillSummary | None, document: Document, zoho_id: str, vendor_id: str) -> bool:
    """Whether a row of the list shows the bill as it was posted; if not, it must be read whole."""
    if row is None or row.bill_id != zoho_id or row.status == "void":
        return False
    same_vendor = row.vendor_id in ("", vendor_id)
    return same_vendor and _rounded(row.total, document) == to_decimal(document.total_cents)


def totals_held(zoho: ZohoBooksClient, dates: Iterable[date], bill_ids: Iterable[str]) -> dict[str, Decimal]:
    """What Zoho Books holds now under each bill, in the bill's currency; a void or missing bill holds nothing.

    One listing over the days of the documents; a bill that was moved to another day is read by itself.
    """
    wanted = set(bill_ids)
    days = sorted(dates)
    if not wanted:
        return {}
    held = {row.bill_id: _standing(row) for row in _listed(zoho, days) if row.bill_id in wanted}
    for bill_id in sorted(wanted - held.keys()):
        try:
            held[bill_id] = _standing(zoho.bill(bill_id))
        except NotFound:
            continue
    return held


def folded(number: str) -> str:
    """A number as Zoho compares it: trimmed, without regard to case."""
    return number.strip().casefold()


def _listed(zoho: ZohoBooksClient, days: Sequence[date]) -> list[BillSummary]:
    try:
        return list(zoho.bills(**_between(days[0], days[-1])))
    except Refused:
        return []


def _standing(bill: Bill | BillSummary) -> Decimal:
    return Decimal(0) if bill.status == "void" or bill.total is None else bill.total


def _line_amount(line: BillLine) -> Decimal | None:
    if line.item_total is not None:
        return line.item_total
    if line.rate is None or line.quantity is None:
        return None
    return line.rate * line.quantity


def _rounded(amount: Decimal | None, document: Document) -> Decimal | None:
    """To the decimals that its currency has: less than that is how a number was printed, not an amount."""
    return None if amount is None else amount.quantize(Decimal(1).scaleb(-document.precision))


def _between(first: date, last: date) -> dict[str, str]:
    return {"date_start": first.isoformat(), "date_end": last.isoformat()}
