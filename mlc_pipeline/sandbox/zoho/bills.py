"""Bills: checked as strictly as the references know, totals computed here, one number per vendor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.amounts import decimal, rounded
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.document_lines import check_lines, shown_line
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.sandbox.zoho.totals import document_totals
from mlc_pipeline.sandbox.zoho.transaction_locks import refuse_locked

#: Modules whose transaction lock covers a bill.
LOCK_MODULES = ("purchase", "bills")

#: The `filter_by` values the sandbox serves, with the statuses they stand for.
FILTERS = {
    "All": None,
    "Open": {"open", "overdue"},
    "Paid": {"paid"},
    "Overdue": {"overdue"},
    "Void": {"void"},
    "PartiallyPaid": {"partially_paid"},
    "Unpaid": {"open", "overdue"},
    "Draft": {"draft"},
    "Pending": {"pending_approval"},
}

ROW = (
    "bill_id", "vendor_id", "vendor_name", "status", "bill_number", "reference_number", "date", "due_date",
    "currency_id", "currency_code", "price_precision", "exchange_rate", "total", "balance", "created_time",
    "last_modified_time", "attachment_name", "has_attachment",
)  # fmt: skip

#: What a request may set and the answer repeats as it was given.
REPEATED_ON_BILL = (
    "adjustment_description", "custom_fields", "destination_of_supply", "gst_no", "gst_treatment",
    "is_inclusive_tax", "is_item_level_tax_calc", "notes", "place_of_supply", "reference_number",
    "source_of_supply", "tags", "tax_treatment", "terms", "vat_treatment",
)  # fmt: skip


def list_bills(call: Call) -> Record:
    """GET /bills."""
    rows: Iterable[Record] = [_with_status_today(call, bill) for bill in call.organization.bills.values()]
    wanted = FILTERS[listing.filter_value(call, "Status", FILTERS)]
    rows = [bill for bill in rows if wanted is None or bill["status"] in wanted]
    for number in ("bill_number", "reference_number"):
        rows = listing.keep_number(call, rows, number)
    for parameter in ("vendor_id", "vendor_name", "status", "purchaseorder_id", "recurring_bill_id"):
        rows = listing.keep_text(call, rows, parameter)
    for parameter in ("date", "due_date"):
        rows = listing.keep_dates(call, rows, parameter)
    rows = listing.keep_dates(call, rows, "created_date", "created_time")
    for parameter in ("customer_id", "project_id", "item_id"):
        rows = listing.keep_lines(call, rows, parameter)
    rows = listing.keep_line_text(call, rows, "description")
    rows = listing.keep_locations(call, rows)
    rows = listing.keep_modified(call, rows)
    rows = listing.keep_search(call, rows, "bill_number", "reference_number", "vendor_name")
    rows = [bill for bill in rows if _has_total(bill, call.query.get("total"))]
    rows = listing.in_order(call, rows, "created_time")
    return listing.one_page(call, "bills", [_row(bill) for bill in rows])


def get_bill(call: Call) -> Record:
    """GET /bills/{bill_id}."""
    return {"bill": _with_status_today(call, find_bill(call))}


def create_bill(call: Call) -> Record:
    """POST /bills."""
    bill = {"bill_id": call.books.new_id(), "created_time": call.books.timestamp(), **_new_parts()}
    bill |= _content(call, bill["bill_id"])
    call.organization.bills[bill["bill_id"]] = bill
    for line in bill["line_items"]:
        call.organization.accounts[line["account_id"]]["is_involved_in_transaction"] = True
    return {"message": "The bill has been created.", "bill": bill}


def update_bill(call: Call) -> Record:
    """PUT /bills/{bill_id}: the whole content anew; a line left out is removed."""
    bill = find_bill(call)
    if bill["status"] != "open" or bill["payments"]:
        raise errors.cannot_change("The bill")
    refuse_locked(call, bill["date"], *LOCK_MODULES)
    kept = {key: bill[key] for key in ("bill_id", "created_time", *_new_parts())}
    bill |= _content(call, bill["bill_id"]) | kept
    return {"message": "Bill information has been updated.", "bill": bill}


def delete_bill(call: Call) -> Record:
    """DELETE /bills/{bill_id}: bills with payments cannot be deleted."""
    bill = find_bill(call)
    refuse_locked(call, bill["date"], *LOCK_MODULES)
    if bill["payments"]:
        raise errors.cannot_change("The bill")
    del call.organization.bills[bill["bill_id"]]
    return {"message": "The bill has been deleted."}


def mark_bill_void(call: Call) -> Record:
    """POST /bills/{bill_id}/status/void."""
    bill = find_bill(call)
    refuse_locked(call, bill["date"], *LOCK_MODULES)
    if bill["payments"]:
        raise errors.cannot_change("The bill")
    bill |= {"status": "void", "balance": Decimal(0), "last_modified_time": call.books.timestamp()}
    return {"message": "The bill has been marked as void."}


def mark_bill_open(call: Call) -> Record:
    """POST /bills/{bill_id}/status/open: a void bill is open again."""
    bill = find_bill(call)
    refuse_locked(call, bill["date"], *LOCK_MODULES)
    if bill["status"] != "void":
        raise errors.cannot_change("The bill")
    bill |= {"status": "open", "balance": bill["total"], "last_modified_time": call.books.timestamp()}
    return {"message": "The status of the bill has been changed to open."}


def list_bill_payments(call: Call) -> Record:
    """GET /bills/{bill_id}/payments."""
    return {"payments": find_bill(call)["payments"]}


def find_bill(call: Call) -> Record:
    """Return the bill the path names."""
    bill = call.organization.bills.get(call.path["bill_id"])
    if bill is None:
        raise errors.does_not_exist("Bill")
    return bill


def _new_parts() -> Record:
    """What a bill gets when it is made and an update leaves alone."""
    return {
        "status": "open",
        "payments": [],
        "vendor_credits": [],
        "documents": [],
        "attachment_name": "",
        "payment_made": Decimal(0),
        "vendor_credits_applied": Decimal(0),
        "unused_credits_payable_amount": Decimal(0),
    }


def _content(call: Call, bill_id: str) -> Record:
    """Check a bill's body and return what it becomes."""
    vendor = lookups.vendor(call)
    number = call.body["bill_number"].strip()
    _refuse_duplicate(call, vendor["contact_id"], number, bill_id)
    currency = lookups.document_currency(call, vendor)
    precision = currency["price_precision"]
    day = lookups.document_date(call, "date", *LOCK_MODULES)
    check_lines(call, vendor, currency, "bills", negative=call.books.settings.negative_bill_lines)
    if decimal(call.body.get("adjustment", 0)) and not call.body.get("adjustment_description"):
        raise errors.adjustment_description_missing()
    location = lookups.location(call.organization, call.body)
    rate = lookups.exchange_rate(call, currency)
    totals = document_totals(call, precision)
    if totals.total < 0:
        raise errors.negative_total()
    return {
        **{name: call.body[name] for name in REPEATED_ON_BILL if name in call.body},
        "reference_number": call.body.get("reference_number", ""),
        "notes": call.body.get("notes", ""),
        "vendor_id": vendor["contact_id"],
        "vendor_name": vendor["contact_name"],
        "bill_number": number,
        "date": day,
        **_terms(call, vendor, day),
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "currency_symbol": currency["currency_symbol"],
        "price_precision": precision,
        "exchange_rate": rate,
        "adjustment": rounded(decimal(call.body.get("adjustment", 0)), precision),
        "line_items": [_line(call, line, currency, decimal(rate)) for line in call.body["line_items"]],
        "sub_total": totals.sub_total,
        "tax_total": totals.tax_total,
        "taxes": list(totals.taxes),
        "total": totals.total,
        "balance": totals.total,
        "last_modified_time": call.books.timestamp(),
    }


def _refuse_duplicate(call: Call, vendor_id: str, number: str, bill_id: str) -> None:
    """Numbers are compared trimmed and case-folded per vendor, as one observer saw live."""
    if not number:
        raise errors.invalid_value("bill_number")
    for other in call.organization.bills.values():
        if (other["vendor_id"], other["bill_number"].casefold()) != (vendor_id, number.casefold()):
            continue
        frees = other["status"] == "void" and not call.books.settings.void_bill_blocks_number
        if other["bill_id"] != bill_id and not frees:
            raise errors.duplicate_bill_number()


def _line(call: Call, line: Record, currency: Record, exchange_rate: Decimal) -> Record:
    customer = lookups.customer(call, line)
    return shown_line(call, line, currency, exchange_rate) | {"customer_name": customer.get("contact_name", "")}


def _terms(call: Call, vendor: Record, day: str) -> Record:
    days: Any = call.body.get("payment_terms", vendor["payment_terms"])
    due = call.body.get("due_date")
    end = lookups.iso_date("due_date", due) if due else date.fromisoformat(day) + timedelta(days=int(days))
    return {
        "payment_terms": days,
        "payment_terms_label": call.body.get("payment_terms_label", vendor["payment_terms_label"]),
        "due_date": end.isoformat(),
    }


def _with_status_today(call: Call, bill: Record) -> Record:
    """An open bill past its due date reads as overdue, where the settings say so."""
    late = bill["status"] == "open" and bill["due_date"] < call.books.clock().date().isoformat()
    if late and call.books.settings.bills_become_overdue:
        return {**bill, "status": "overdue"}
    return bill


def _row(bill: Record) -> Record:
    return {name: bill[name] for name in ROW if name in bill} | {"has_attachment": bool(bill["documents"])}


def _has_total(bill: Record, wanted: str | None) -> bool:
    return wanted is None or bill["total"] == decimal(wanted)
