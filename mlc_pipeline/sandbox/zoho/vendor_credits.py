"""Vendor credits: what an employee owes back, with the same lines and totals as a bill."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.amounts import decimal
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.document_lines import check_lines, shown_line
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.sandbox.zoho.totals import document_totals
from mlc_pipeline.sandbox.zoho.transaction_locks import refuse_locked

#: Modules whose transaction lock covers a vendor credit.
LOCK_MODULES = ("purchase", "vendor_credits")

FILTERS = {"All": None, "Open": "open", "Closed": "closed", "Void": "void", "Draft": "draft"}
SORT_COLUMNS = (
    "vendor_name", "vendor_credit_number", "balance", "total", "date", "last_modified_time", "reference_number",
)  # fmt: skip
ROW = (
    "vendor_credit_id", "vendor_credit_number", "status", "reference_number", "date", "total", "balance",
    "vendor_id", "vendor_name", "currency_id", "currency_code", "exchange_rate", "created_time",
    "last_modified_time",
)  # fmt: skip

#: What a request may set and the answer repeats as it was given.
REPEATED = (
    "custom_fields", "destination_of_supply", "gst_no", "gst_treatment", "is_inclusive_tax", "place_of_supply",
    "source_of_supply", "tags", "tax_treatment", "vat_treatment",
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
    for parameter in ("item_id", "line_item_id", "tax_id"):
        rows = listing.keep_lines(call, rows, parameter)
    rows = listing.keep_locations(call, rows)
    rows = listing.keep_dates(call, rows, "date")
    rows = listing.keep_modified(call, rows)
    rows = listing.keep_search(call, rows, "vendor_credit_number", "reference_number", "vendor_name")
    rows = listing.in_order(call, rows, "created_time", SORT_COLUMNS)
    rows = [credit for credit in rows if _has_total(credit, call.query.get("total"))]
    shown = [{name: credit[name] for name in ROW} | {"has_attachment": False} for credit in rows]
    return listing.one_page(call, "vendorcredits", shown, documented=False)


def get_vendor_credit(call: Call) -> Record:
    """GET /vendorcredits/{vendor_credit_id}."""
    return {"vendor_credit": find_vendor_credit(call)}


def create_vendor_credit(call: Call) -> Record:
    """POST /vendorcredits."""
    credit: Record = {
        "vendor_credit_id": call.books.new_id(),
        "status": "open",
        "documents": [],
        "bills_credited": [],
        "vendor_credit_refunds": [],
        "created_time": call.books.timestamp(),
    }
    credit |= _content(call, credit)
    call.organization.vendor_credits[credit["vendor_credit_id"]] = credit
    return {"message": "The vendor credit has been created.", "vendor_credit": credit}


def update_vendor_credit(call: Call) -> Record:
    """PUT /vendorcredits/{vendor_credit_id}: the whole content anew, while none of it was used."""
    credit = find_vendor_credit(call)
    _refuse_used(credit)
    if credit["status"] != "open":
        raise errors.cannot_change("The vendor credit")
    refuse_locked(call, credit["date"], *LOCK_MODULES)
    credit |= _content(call, credit)
    return {"message": "Vendor credit information has been updated.", "vendor_credit": credit}


def delete_vendor_credit(call: Call) -> Record:
    """DELETE /vendorcredits/{vendor_credit_id}."""
    credit = find_vendor_credit(call)
    _refuse_used(credit)
    refuse_locked(call, credit["date"], *LOCK_MODULES)
    del call.organization.vendor_credits[credit["vendor_credit_id"]]
    return {"message": "The vendor credit has been deleted."}


def mark_vendor_credit_void(call: Call) -> Record:
    """POST /vendorcredits/{vendor_credit_id}/status/void."""
    credit = find_vendor_credit(call)
    _refuse_used(credit)
    refuse_locked(call, credit["date"], *LOCK_MODULES)
    credit |= {"status": "void", "balance": Decimal(0), "last_modified_time": call.books.timestamp()}
    return {"message": "The vendor credit has been marked as void."}


def mark_vendor_credit_open(call: Call) -> Record:
    """POST /vendorcredits/{vendor_credit_id}/status/open: a void vendor credit is open again."""
    credit = find_vendor_credit(call)
    refuse_locked(call, credit["date"], *LOCK_MODULES)
    if credit["status"] not in ("void", "draft"):
        raise errors.cannot_change("The vendor credit")
    credit |= {"status": "open", "balance": credit["total"], "last_modified_time": call.books.timestamp()}
    return {"message": "The status of the vendor credit has been changed to open."}


def find_vendor_credit(call: Call) -> Record:
    """Return the vendor credit the path names."""
    credit = call.organization.vendor_credits.get(call.path["vendor_credit_id"])
    if credit is None:
        raise errors.does_not_exist("Vendor Credit")
    return credit


def _content(call: Call, credit: Record) -> Record:
    """Check a vendor credit's body and return what it becomes; `credit` is what it was."""
    body = call.body
    vendor = lookups.vendor(call)
    number = _number(call, credit)
    currency = lookups.document_currency(call, vendor)
    precision = currency["price_precision"]
    day = lookups.document_date(call, "date", *LOCK_MODULES)
    negative = call.books.settings.negative_vendor_credit_lines
    check_lines(call, vendor, currency, "vendor credits", negative=negative)
    location = lookups.location(call.organization, body)
    rate = lookups.exchange_rate(call, currency)
    totals = document_totals(call, precision)
    if totals.total < 0:
        raise errors.negative_total()
    return {
        **{name: body[name] for name in REPEATED if name in body},
        "vendor_credit_number": number,
        "vendor_id": vendor["contact_id"],
        "vendor_name": vendor["contact_name"],
        "date": day,
        "reference_number": body.get("reference_number", ""),
        "notes": body.get("notes", ""),
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "price_precision": precision,
        "exchange_rate": rate,
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "line_items": [shown_line(call, line, currency, decimal(rate)) for line in body["line_items"]],
        "sub_total": totals.sub_total,
        "total": totals.total,
        "balance": totals.total,
        "last_modified_time": call.books.timestamp(),
    }


def _number(call: Call, credit: Record) -> str:
    """The number given, or the next one; once in the organization, trimmed and in any case."""
    given: str = call.body.get("vendor_credit_number", "").strip()
    if not given:
        return str(credit.get("vendor_credit_number") or f"DN-{len(call.organization.vendor_credits) + 1:05d}")
    for other in call.organization.vendor_credits.values():
        is_other = other["vendor_credit_id"] != credit["vendor_credit_id"]
        if is_other and other["vendor_credit_number"].casefold() == given.casefold():
            raise errors.duplicate_vendor_credit_number()
    return given


def _refuse_used(credit: Record) -> None:
    if credit["bills_credited"] or credit["vendor_credit_refunds"]:
        raise errors.cannot_change("The vendor credit")


def _has_total(credit: Record, wanted: str | None) -> bool:
    return wanted is None or credit["total"] == decimal(wanted)
