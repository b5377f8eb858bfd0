"""Bodies of what is sent to Zoho Books; amounts are Decimal.

A property that a document does not use is left out, so that organizations without projects, taxes or foreign
currencies are never asked about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.accounting.money import share, smallest_unit, to_rate
from mlc_pipeline.transport import json

ROUNDING = "Rounding of taxes"
"""What Zoho Books shows beside an adjustment, which it wants described."""


def bill_payload(
    document: Document,
    vendor_id: str,
    *,
    rates_contain_tax: bool = True,
    rates_are_net: bool = False,
    adjustment: Decimal = Decimal(0),
) -> dict[str, Any]:
    """The body of `POST /bills` and `PUT /bills/{bill_id}` (Zoho OpenAPI, create-a-bill-request).

    Args:
        document: the bill.
        vendor_id: whom it is owed to.
        rates_contain_tax: what is said of the rates, where there is any tax.
        rates_are_net: whether they are sent without their tax.
        adjustment: what is added to the total that Zoho computes.
    """
    adjusted = {"adjustment": adjustment, "adjustment_description": ROUNDING} if adjustment else {}
    return {
        "vendor_id": vendor_id,
        "currency_id": document.currency_id,
        "bill_number": document.number,
        **_head(document, rates_contain_tax=rates_contain_tax),
        **adjusted,
        "line_items": [
            {**line, **_billed_to(of_document)}
            for of_document, line in zip(document.lines, _lines(document, are_net=rates_are_net), strict=True)
        ],
    }


def vendor_credit_payload(
    document: Document, vendor_id: str, *, rates_contain_tax: bool = True, rates_are_net: bool = False
) -> dict[str, Any]:
    """The body of `POST /vendorcredits` and its PUT (Zoho OpenAPI, create-a-vendor-credit-request).

    Its lines know no customer, and there is no adjustment.
    """
    return {
        "vendor_id": vendor_id,
        "currency_id": document.currency_id,
        "vendor_credit_number": document.number,
        **_head(document, rates_contain_tax=rates_contain_tax),
        "line_items": _lines(document, are_net=rates_are_net),
    }


def journal_payload(document: Document, sides: Iterable[tuple[str, DocumentLine]]) -> dict[str, Any]:
    """The body of `POST /journals` (Zoho OpenAPI, create-a-journal-request); amounts are positive."""
    return {
        "journal_date": document.date.isoformat(),
        "reference_number": document.number,
        "notes": document.notes,
        "currency_id": document.currency_id,
        "status": "published",  # the default depends on the organization, so it is always said
        **_rate_and_place(document),
        "line_items": [
            {
                "account_id": line.account_id,
                "description": line.description,
                "amount": to_rate(abs(line.amount_cents), document.precision),
                "debit_or_credit": side,
                **_dimensions(line),
                **({"customer_id": line.customer_id} if line.customer_id else {}),
            }
            for side, line in sides
        ],
    }


def digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 of a body as it is sent."""
    return hashlib.sha256(json.dumps(payload).encode()).hexdigest()


def has_tax(document: Document) -> bool:
    """Whether Zoho computes a tax for any of its lines."""
    return any(line.tax_id for line in document.lines)


def net_cents(line: DocumentLine, document: Document) -> int:
    """The amount of a line without its tax, which is taken as a multiple of the currency's smallest amount."""
    if not line.tax_id:
        return line.amount_cents
    unit = smallest_unit(document.precision)
    return line.amount_cents - share(line.tax_cents, 1, unit) * unit


def _head(document: Document, *, rates_contain_tax: bool) -> dict[str, Any]:
    head: dict[str, Any] = {
        "reference_number": document.reference,
        "date": document.date.isoformat(),
        "notes": document.notes,
        **_rate_and_place(document),
    }
    if has_tax(document):
        head["is_inclusive_tax"] = rates_contain_tax
    return head


def _rate_and_place(document: Document) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if document.exchange_rate:
        said["exchange_rate"] = Decimal(document.exchange_rate)
    if document.tags:
        said["tags"] = _tags(document.tags)
    if document.location_id:
        said["location_id"] = document.location_id
    return said


def _lines(document: Document, *, are_net: bool) -> list[dict[str, Any]]:
    return [
        _line(line, order, document, net_cents(line, document) if are_net else line.amount_cents)
        for order, line in enumerate(document.lines, start=1)
    ]


def _line(line: DocumentLine, order: int, document: Document, cents: int) -> dict[str, Any]:
    return {
        "account_id": line.account_id,
        "description": line.description,
        "rate": to_rate(cents, document.precision),
        "quantity": Decimal(1),
        "item_order": order,
        **_dimensions(line),
        **_of_edition(line, document),
    }


def _dimensions(line: DocumentLine) -> dict[str, Any]:
    ids = {"project_id": line.project_id, "location_id": line.location_id, "tax_id": line.tax_id}
    tags = {"tags": _tags(line.tags)} if line.tags else {}
    return {**tags, **{name: value for name, value in ids.items() if value}}


def _of_edition(line: DocumentLine, document: Document) -> dict[str, str]:
    code = "" if line.tax_id else document.reimbursement_code
    said = {"product_type": document.product_type, "tax_treatment_code": code}
    return {name: value for name, value in said.items() if value}


def _billed_to(line: DocumentLine) -> dict[str, Any]:
    customer = {"customer_id": line.customer_id} if line.customer_id else {}
    return {**customer, **({"is_billable": True} if line.is_billable else {})}


def _tags(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"tag_id": tag_id, "tag_option_id": option_id} for tag_id, option_id in tags]
