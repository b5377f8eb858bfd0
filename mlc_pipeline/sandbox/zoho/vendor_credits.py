"""Vendor credits: what an employee owes back, with the same lines and totals as a bill."""

from __future__ import annotations

from collections.abc import Iterable

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.amounts import decimal, document_totals
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.document_lines import check_line_tags, shown_line
from mlc_pipeline.sandbox.zoho.organization import Record

#: Modules whose transaction lock covers a vendor credit.
LOCK_MODULES = ("purchase", "vendor_credits")

FILTERS = {"All": None, "Open": "open", "Closed": "closed", "Void": "void", "Draft": "draft"}
ROW = (
    "vendor_credit_id", "vendor_credit_number", "status", "reference_number", "date", "total", "balance",
    "vendor_id", "vendor_name", "currency_id", "currency_code", "exchange_rate", "created_time",
    "last_modified_time",
)  # fmt: skip


def list_vendor_credits(call: Call) -> Record:
    """GET /vendorcredits; the vendor is filtered by `customer_id` and `customer_name`."""
    wanted = FILTERS[listing.filter_value(call, "Status", FILTERS)]
    rows: Iterable[Record] = [
        credit
        for credit in call.organization.vendor_credits.values()
        if wanted is None or credit["status"] == wanted
    ]
    for number in ("vendor_credit_number", "reference_number"):
        rows = listing.keep_number(call, rows, number)
    rows = listing.keep_text(call, rows, "status")
    rows = listing.keep_text(call, rows, "notes")
    rows = listing.keep_text(call, rows, "customer_id", "vendor_id")
    rows = listing.keep_text(call, rows, "customer_name", "vendor_name")
    rows = listing.keep_dates(call, rows, "date")
    rows = listing.keep_modified(call, rows)
    rows = listing.keep_search(call, rows, "vendor_credit_number", "reference_number", "vendor_name")
    rows = listing.in_order(call, rows, "created_time")
    shown = [{name: credit[name] for name in ROW} for credit in rows]
    return listing.one_page(call, "vendorcredits", shown, documented=False)


def get_vendor_credit(call: Call) -> Record:
    """GET /vendorcredits/{vendor_credit_id}."""
    credit = call.organization.vendor_credits.get(call.path["vendor_credit_id"])
    if credit is None:
        raise errors.does_not_exist("Vendor Credit")
    return {"vendor_credit": credit}


def create_vendor_credit(call: Call) -> Record:
    """POST /vendorcredits."""
    body = call.body
    vendor = lookups.vendor(call)
    number = _number(call)
    currency = lookups.document_currency(call, vendor)
    precision = currency["price_precision"]
    day = lookups.document_date(call, "date", *LOCK_MODULES)
    _check_lines(call)
    totals = document_totals(call.organization, body, precision)
    if totals.total < 0:
        raise errors.negative_total()
    location = lookups.location(call.organization, body)
    now = call.books.timestamp()
    credit = {
        "vendor_credit_id": call.books.new_id(),
        "vendor_credit_number": number,
        "vendor_id": vendor["contact_id"],
        "vendor_name": vendor["contact_name"],
        "status": "open",
        "date": day,
        "reference_number": body.get("reference_number", ""),
        "notes": body.get("notes", ""),
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "price_precision": precision,
        "exchange_rate": lookups.exchange_rate(call, currency),
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "tags": body.get("tags", []),
        "custom_fields": body.get("custom_fields", []),
        "documents": [],
        "line_items": [shown_line(call, line, precision) for line in body["line_items"]],
        "sub_total": totals.sub_total,
        "total": totals.total,
        "balance": totals.total,
        "created_time": now,
        "last_modified_time": now,
    }
    call.organization.vendor_credits[credit["vendor_credit_id"]] = credit
    return {"message": "The vendor credit has been created.", "vendor_credit": credit}


def _number(call: Call) -> str:
    credits = call.organization.vendor_credits.values()
    given = call.body.get("vendor_credit_number", "").strip()
    if any(credit["vendor_credit_number"].casefold() == given.casefold() for credit in credits):
        raise errors.duplicate_vendor_credit_number()
    return given or f"DN-{len(credits) + 1:05d}"


def _check_lines(call: Call) -> None:
    lines = call.body.get("line_items") or []
    if not lines:
        raise errors.line_items_missing()
    for line in lines:
        lookups.line_account(call.organization, line.get("account_id"), "vendor credits")
        if decimal(line.get("rate", 0)) < 0:
            raise errors.negative_line()
    check_line_tags(call)
