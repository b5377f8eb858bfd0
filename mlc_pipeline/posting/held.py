"""Bills and vendor credits as Zoho Books holds them, in words that both share, compared with what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.posting.books import folded, rounded
from mlc_pipeline.posting.comparing import HeldLine, head_differences, line_differences, meant_line
from mlc_pipeline.posting.payloads import has_tax
from mlc_pipeline.zoho.documents import BillLine


@dataclass(frozen=True, slots=True)
class Held:
    """A bill or vendor credit as Zoho Books holds it, in the words that both share."""

    zoho_id: str
    number: str
    reference: str
    vendor_id: str
    status: str
    date: date | None
    notes: str
    currency_code: str
    exchange_rate: Decimal | None
    total: Decimal | None
    balance: Decimal | None
    tax_total: Decimal | None
    adjustment: Decimal
    rates_contain_tax: bool | None
    tags: tuple[tuple[str, str], ...] | None
    lines: tuple[BillLine, ...] | None

    @property
    def is_used(self) -> bool:
        """Whether some of it was paid, refunded or set off."""
        return self.balance is not None and self.balance != self.total


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list of bills or vendor credits."""

    zoho_id: str
    number: str
    vendor_id: str
    status: str
    total: Decimal | None


def content_differences(document: Document, vendor_id: str, held: Held) -> Iterator[str]:
    """All differences but that of the total."""
    if held.status == "void":
        yield "it is void"
    if held.number and folded(held.number) != folded(document.number):
        yield f"its number is {held.number}, not {document.number}"
    if held.vendor_id != vendor_id:
        yield f"it is of another vendor ({held.vendor_id})"
    yield from head_differences(document, held.currency_code, held.exchange_rate, held.tags)
    if held.reference and held.reference != document.reference:
        yield f"its reference is {held.reference}, not {document.reference}"
    yield from line_differences(
        [meant_line(line, "", line.amount_cents, document) for line in document.lines],
        [_held_line(line, document) for line in held.lines or ()],
        "its lines have other accounts or amounts",
    )


def _held_line(line: BillLine, document: Document) -> HeldLine:
    """A line with its amount; with a tax it is not documented whether `item_total` contains it."""
    priced = None if line.rate is None or line.quantity is None else rounded(line.rate * line.quantity, document)
    total = rounded(line.item_total, document)
    amounts = (total, priced) if has_tax(document) else (priced if total is None else total,)
    known = tuple(amount for amount in amounts if amount is not None)
    return HeldLine(line.account_id, "", known, line.dimensions)
