"""Bills, vendor credits and journals as Zoho Books holds them: frozen values, ids as strings, amounts as Decimals.

Property names are those of Zoho's OpenAPI files. What Zoho left out is "" or None.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from mlc_pipeline.zoho.fields import Row, amount, day, flag, identifier, rows, text


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What a line says beside its account and amount; None where the answer does not say.

    `tags` are pairs of (reporting tag id, option id). `customer_id` is the contact of a journal's line, also
    when that is a vendor.
    """

    tags: tuple[tuple[str, str], ...] | None
    project_id: str | None
    customer_id: str | None
    location_id: str | None
    tax_id: str | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From an element of `line_items`."""
        return cls(
            tags=_tags(row),
            project_id=_said(row, "project_id"),
            customer_id=_said(row, "customer_id"),
            location_id=_said(row, "location_id"),
            tax_id=_said(row, "tax_id"),
        )


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of a bill or vendor credit; amounts in the document's currency."""

    line_item_id: str
    account_id: str
    description: str
    rate: Decimal | None
    quantity: Decimal | None
    item_total: Decimal | None
    dimensions: Dimensions

    @classmethod
    def read(cls, row: Row) -> Self:
        """From an element of a bill's or vendor credit's `line_items`."""
        return cls(
            line_item_id=text(row, "line_item_id"),
            account_id=text(row, "account_id"),
            description=text(row, "description"),
            rate=amount(row, "rate"),
            quantity=amount(row, "quantity"),
            item_total=amount(row, "item_total"),
            dimensions=Dimensions.read(row),
        )


@dataclass(frozen=True, slots=True)
class VendorDocument:
    """What bills and vendor credits have in common; amounts in the document's currency, all positive.

    `lines` is None where the answer left them out. `listed_tax` is the sum of the taxes that it lists by
    themselves, for the whole document or for its lines.
    """

    reference_number: str
    vendor_id: str
    status: str
    date: datetime.date | None
    currency_id: str
    currency_code: str
    exchange_rate: Decimal | None
    sub_total: Decimal | None
    total: Decimal | None
    balance: Decimal | None
    notes: str
    last_modified_time: str
    is_inclusive_tax: bool | None
    listed_tax: Decimal | None
    tags: tuple[tuple[str, str], ...] | None
    lines: tuple[BillLine, ...] | None


@dataclass(frozen=True, slots=True)
class Bill(VendorDocument):
    """A bill as Zoho holds it."""

    bill_id: str
    bill_number: str
    tax_total: Decimal | None
    adjustment: Decimal | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From the `bill` of `GET /bills/{bill_id}` or `POST /bills`."""
        return cls(
            bill_id=identifier(row, "bill_id"),
            bill_number=text(row, "bill_number"),
            tax_total=amount(row, "tax_total"),
            adjustment=amount(row, "adjustment"),
            **_vendor_document(row),
        )


@dataclass(frozen=True, slots=True)
class VendorCredit(VendorDocument):
    """A vendor credit as Zoho holds it."""

    vendor_credit_id: str
    vendor_credit_number: str

    @classmethod
    def read(cls, row: Row) -> Self:
        """From the `vendor_credit` of `GET /vendorcredits/{vendor_credit_id}` or `POST /vendorcredits`."""
        return cls(
            vendor_credit_id=identifier(row, "vendor_credit_id"),
            vendor_credit_number=text(row, "vendor_credit_number"),
            **_vendor_document(row),
        )


@dataclass(frozen=True, slots=True)
class VendorDocumentSummary:
    """What the rows of the lists of bills and of vendor credits have in common; they have no lines."""

    reference_number: str
    vendor_id: str
    status: str
    date: datetime.date | None
    currency_code: str
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class BillSummary(VendorDocumentSummary):
    """A row of the list of bills."""

    bill_id: str
    bill_number: str

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /bills`."""
        return cls(
            bill_id=identifier(row, "bill_id"),
            bill_number=text(row, "bill_number"),
            **_vendor_document_summary(row),
        )


@dataclass(frozen=True, slots=True)
class VendorCreditSummary(VendorDocumentSummary):
    """A row of the list of vendor credits."""

    vendor_credit_id: str
    vendor_credit_number: str

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /vendorcredits`."""
        return cls(
            vendor_credit_id=identifier(row, "vendor_credit_id"),
            vendor_credit_number=text(row, "vendor_credit_number"),
            **_vendor_document_summary(row),
        )


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a journal; `amount` is positive, `side` is "debit" or "credit"."""

    line_id: str
    account_id: str
    description: str
    side: str
    amount: Decimal | None
    dimensions: Dimensions

    @classmethod
    def read(cls, row: Row) -> Self:
        """From an element of a journal's `line_items`."""
        return cls(
            line_id=text(row, "line_id"),
            account_id=text(row, "account_id"),
            description=text(row, "description"),
            side=text(row, "debit_or_credit"),
            amount=amount(row, "amount"),
            dimensions=Dimensions.read(row),
        )


@dataclass(frozen=True, slots=True)
class Journal:
    """A manual journal as Zoho holds it. `lines` is None where the answer left them out."""

    journal_id: str
    reference_number: str
    status: str
    date: datetime.date | None
    currency_id: str
    currency_code: str
    exchange_rate: Decimal | None
    total: Decimal | None
    notes: str
    last_modified_time: str
    tags: tuple[tuple[str, str], ...] | None
    lines: tuple[JournalLine, ...] | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From the `journal` of `GET /journals/{journal_id}` or `POST /journals`."""
        return cls(
            journal_id=identifier(row, "journal_id"),
            reference_number=text(row, "reference_number"),
            status=text(row, "status"),
            date=day(row, "journal_date"),
            currency_id=text(row, "currency_id"),
            currency_code=text(row, "currency_code"),
            exchange_rate=amount(row, "exchange_rate"),
            total=amount(row, "total"),
            notes=text(row, "notes"),
            last_modified_time=text(row, "last_modified_time"),
            tags=_tags(row),
            lines=tuple(map(JournalLine.read, rows(row, "line_items"))) if "line_items" in row else None,
        )


@dataclass(frozen=True, slots=True)
class JournalSummary:
    """A row of the list of journals, which has no lines."""

    journal_id: str
    reference_number: str
    date: datetime.date | None
    currency_id: str
    total: Decimal | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /journals`."""
        return cls(
            journal_id=identifier(row, "journal_id"),
            reference_number=text(row, "reference_number"),
            date=day(row, "journal_date"),
            currency_id=text(row, "currency_id"),
            total=amount(row, "total"),
        )


def _vendor_document(row: Row) -> dict[str, Any]:
    return _vendor_document_summary(row) | {
        "currency_id": text(row, "currency_id"),
        "exchange_rate": amount(row, "exchange_rate"),
        "sub_total": amount(row, "sub_total"),
        "balance": amount(row, "balance"),
        "notes": text(row, "notes"),
        "last_modified_time": text(row, "last_modified_time"),
        "is_inclusive_tax": flag(row, "is_inclusive_tax", absent=False) if "is_inclusive_tax" in row else None,
        "listed_tax": _listed_tax(row),
        "tags": _tags(row),
        "lines": tuple(map(BillLine.read, rows(row, "line_items"))) if "line_items" in row else None,
    }


def _vendor_document_summary(row: Row) -> dict[str, Any]:
    return {
        "reference_number": text(row, "reference_number"),
        "vendor_id": text(row, "vendor_id"),
        "status": text(row, "status"),
        "date": day(row, "date"),
        "currency_code": text(row, "currency_code"),
        "total": amount(row, "total"),
    }


def _listed_tax(row: Row) -> Decimal | None:
    """India's edition says the tax nowhere else than in these lists, as seen live."""
    lists = [rows(row, "taxes")] if "taxes" in row else []
    if not lists and "line_items" in row:
        name = "line_item_taxes"
        lists = [rows(line, name) for line in rows(row, "line_items") if name in line]
    return (
        sum((amount(tax, "tax_amount") or Decimal(0) for taxes in lists for tax in taxes), Decimal(0))
        if lists
        else None
    )


def _said(row: Row, name: str) -> str | None:
    """A text; None where the answer does not have the property at all."""
    return text(row, name) if name in row else None


def _tags(row: Row) -> tuple[tuple[str, str], ...] | None:
    if "tags" not in row:
        return None
    return tuple(sorted((text(tag, "tag_id"), text(tag, "tag_option_id")) for tag in rows(row, "tags")))
