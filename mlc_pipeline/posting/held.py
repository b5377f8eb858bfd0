"""Bills and vendor credits as Zoho Books holds them, in words that both share, compared with what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.posting.books import Head, folded, rounded
from mlc_pipeline.posting.comparing import (
    HeldLine,
    MeantLine,
    head_differences,
    line_differences,
    line_tax_differences,
    meant_line,
    shown,
    tax_leeway_cents,
)
from mlc_pipeline.posting.payloads import has_tax
from mlc_pipeline.zoho.documents import BillLine


@dataclass(frozen=True, slots=True)
class Held:
    """A bill or vendor credit as Zoho Books holds it, in the words that both share.

    `tax_totals` is what it shows as its tax; several where it is not documented which one is, none where it says
    nothing of it.
    """

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
    tax_totals: tuple[Decimal, ...]
    adjustment: Decimal
    rates_contain_tax: bool | None
    tags: tuple[tuple[str, str], ...] | None
    lines: tuple[BillLine, ...] | None

    @property
    def head(self) -> Head:
        """What names it, and what it comes to."""
        return Head(self.number, self.vendor_id, self.currency_code, self.total, stands=self.status != "void")

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
    """All differences but those of the total and the taxes."""
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
        _meant_lines(document), _held_lines(document, held), "its lines have other accounts or amounts"
    )


def tax_differences(document: Document, held: Held) -> Iterator[str]:
    """How the taxes differ: those that lines name, and their sum."""
    yield from line_tax_differences(_meant_lines(document), _held_lines(document, held))
    if not has_tax(document) and document.kind == "vendor_credit":
        return  # what its total has more than its lines may be something else
    meant, found = meant_tax(document), nearest_tax(document, held)
    if found is None and has_tax(document):
        yield f"nothing shows its tax of {shown(meant, document)}"
    elif found is not None and abs(found - meant) > to_decimal(tax_leeway_cents(document)):
        yield f"its tax is {shown(found, document)}, not {shown(meant, document)}"


def meant_tax(document: Document) -> Decimal:
    """The taxes of a document's expenses that Zoho computes anew."""
    return to_decimal(sum(line.tax_cents for line in document.lines if line.tax_id))


def nearest_tax(document: Document, held: Held) -> Decimal | None:
    """Of what may be shown as the tax that which is nearest to what was meant."""
    meant = meant_tax(document)
    return min(held.tax_totals, key=lambda tax: abs(tax - meant), default=None)


def _meant_lines(document: Document) -> list[MeantLine]:
    return [meant_line(line, "", line.amount_cents, document) for line in document.lines]


def _held_lines(document: Document, held: Held) -> list[HeldLine]:
    return [_held_line(line, document) for line in held.lines or ()]


def _held_line(line: BillLine, document: Document) -> HeldLine:
    """A line with what it shows; where there are taxes, its rate and its amount may differ by these."""
    priced = None if line.rate is None or line.quantity is None else rounded(line.rate * line.quantity, document)
    total = rounded(line.item_total, document)
    amounts = (total, priced) if has_tax(document) else (priced if total is None else total,)
    known = tuple(amount for amount in amounts if amount is not None)
    return HeldLine(line.account_id, "", known, line.dimensions)
