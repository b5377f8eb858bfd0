"""Manual journals: balanced to the cent, no guard against doubles, numbered by Zoho."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.amounts import decimal, rounded
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.journal_lines import balanced_total, checked_lines
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.sandbox.zoho.transaction_locks import refuse_locked

#: Modules whose transaction lock covers a journal.
LOCK_MODULES = ("accountant", "journals")

STATUSES = ("draft", "published")
TYPES = ("cash", "both")
SORT_COLUMNS = ("journal_date", "entry_number", "reference_number", "total", "last_modified_time")
ROW = (
    "journal_id", "journal_date", "entry_number", "reference_number", "notes", "journal_type", "currency_id",
    "total", "bcy_total",
)  # fmt: skip


def list_journals(call: Call) -> Record:
    """GET /journals; of the `filter_by` values only JournalDate.All narrows nothing and is served."""
    listing.filter_value(call, "JournalDate", ("All",))
    rows: Iterable[Record] = call.organization.journals.values()
    rows = listing.keep_number(call, rows, "reference_number")
    for parameter in ("entry_number", "notes", "status"):
        rows = listing.keep_text(call, rows, parameter)
    rows = listing.keep_dates(call, rows, "date", "journal_date")
    for parameter in ("account_id", "customer_id", "project_id", "tax_id"):
        rows = listing.keep_lines(call, rows, parameter)
    rows = _of_account_code(call, _of_vendor(call, rows))
    rows = listing.keep_text(call, rows, "currency", "currency_code")
    for parameter in ("location_ids", "branch_ids"):
        rows = listing.keep_locations(call, rows, parameter)
    rows = listing.keep_modified(call, rows)
    rows = listing.keep_search(call, rows, "entry_number", "reference_number", "notes")
    if call.query.get("journal_ids"):
        wanted = call.query["journal_ids"].split(",")
        rows = [journal for journal in rows if journal["journal_id"] in wanted]
    rows = [journal for journal in rows if _total_fits(call, journal)]
    rows = listing.in_order(call, rows, "created_time", SORT_COLUMNS)
    shown = [{name: journal[name] for name in ROW} for journal in rows]
    return listing.one_page(call, "journals", shown, documented=False)


def get_journal(call: Call) -> Record:
    """GET /journals/{journal_id}."""
    return {"journal": find_journal(call)}


def create_journal(call: Call) -> Record:
    """POST /journals."""
    status = call.body.get("status", call.books.settings.journal_status_default)
    if status not in STATUSES:
        raise errors.invalid_value("status")
    journal = {
        "journal_id": call.books.new_id(),
        "entry_number": _next_entry_number(call),
        "status": status,
        "documents": [],
        "created_time": call.books.timestamp(),
        **_content(call),
    }
    call.organization.journals[journal["journal_id"]] = journal
    return {"message": "The journal entry has been created.", "journal": journal}


def update_journal(call: Call) -> Record:
    """PUT /journals/{journal_id}: the whole content anew; the status stays."""
    journal = find_journal(call)
    refuse_locked(call, journal["journal_date"], *LOCK_MODULES)
    journal |= _content(call)
    return {"message": "The journal entry has been updated.", "journal": journal}


def mark_journal_published(call: Call) -> Record:
    """POST /journals/{journal_id}/status/publish."""
    journal = find_journal(call)
    refuse_locked(call, journal["journal_date"], *LOCK_MODULES)
    if journal["status"] != "draft":
        raise errors.cannot_change("The journal")
    journal |= {"status": "published", "last_modified_time": call.books.timestamp()}
    return {"message": "The manual journal has been published."}


def reverse_journal(call: Call) -> Record:
    """POST /journals/{journal_id}/reverse: a new journal with the sides swapped, dated as asked."""
    original = find_journal(call)
    day = lookups.iso_date("reversal_date", call.query["reversal_date"]).isoformat()
    refuse_locked(call, day, *LOCK_MODULES)
    swap = {"debit": "credit", "credit": "debit"}
    lines = [
        {**line, "line_id": call.books.new_id(), "debit_or_credit": swap[line["debit_or_credit"]]}
        for line in original["line_items"]
    ]
    now = call.books.timestamp()
    reversal = {
        **original,
        "journal_id": call.books.new_id(),
        "entry_number": _next_entry_number(call),
        "journal_date": day,
        "line_items": lines,
        "documents": [],
        "created_time": now,
        "last_modified_time": now,
    }
    call.organization.journals[reversal["journal_id"]] = reversal
    return {"message": "The journal entry has been reversed.", "journal": reversal}


def delete_journal(call: Call) -> Record:
    """DELETE /journals/{journal_id}."""
    journal = find_journal(call)
    refuse_locked(call, journal["journal_date"], *LOCK_MODULES)
    del call.organization.journals[journal["journal_id"]]
    return {"message": "The selected journal entry has been deleted."}


def find_journal(call: Call) -> Record:
    """Return the journal the path names."""
    journal = call.organization.journals.get(call.path["journal_id"])
    if journal is None:
        raise errors.does_not_exist("Journal")
    return journal


def _content(call: Call) -> Record:
    """Check a journal's body and return what it becomes."""
    body, organization = call.body, call.organization
    day = lookups.document_date(call, "journal_date", *LOCK_MODULES)
    kind = body.get("journal_type", "both")
    if kind.casefold() not in TYPES:
        raise errors.invalid_value("journal_type")
    currency = lookups.known(organization.currencies, body, "currency_id") or organization.base_currency
    rate = lookups.exchange_rate(call, currency)
    lines, taxes = checked_lines(call, currency, decimal(rate))
    total = balanced_total(lines, taxes)
    location = lookups.location(organization, body)
    return {
        "reference_number": body.get("reference_number", ""),
        "journal_date": day,
        "notes": body.get("notes", ""),
        "journal_type": kind.casefold(),
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "currency_symbol": currency["currency_symbol"],
        "price_precision": currency["price_precision"],
        "exchange_rate": rate,
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "custom_fields": body.get("custom_fields", []),
        "tags": body.get("tags", []),
        "line_items": lines,
        "line_item_total": sum((line["amount"] for line in lines if _is_debit(line)), Decimal(0)),
        "taxes": taxes,
        "total": total,
        "bcy_total": rounded(total * decimal(rate), organization.base_currency["price_precision"]),
        "last_modified_time": call.books.timestamp(),
    }


def _is_debit(line: Record) -> bool:
    return bool(line["debit_or_credit"] == "debit")


def _next_entry_number(call: Call) -> str:
    numbers = [int(journal["entry_number"]) for journal in call.organization.journals.values()]
    return str(max(numbers, default=0) + 1)


def _of_vendor(call: Call, rows: Iterable[Record]) -> list[Record]:
    """A journal line names a vendor in `customer_id`."""
    wanted = call.query.get("vendor_id")
    return [
        journal
        for journal in rows
        if not wanted or any(line.get("customer_id") == wanted for line in journal["line_items"])
    ]


def _of_account_code(call: Call, rows: Iterable[Record]) -> list[Record]:
    wanted, accounts = call.query.get("account_code"), call.organization.accounts
    return [
        journal
        for journal in rows
        if not wanted
        or any(accounts[line["account_id"]]["account_code"] == wanted for line in journal["line_items"])
    ]


def _total_fits(call: Call, journal: Record) -> bool:
    tests = {
        "total": Decimal.__eq__,
        "total_less_than": Decimal.__lt__,
        "total_less_equals": Decimal.__le__,
        "total_greater_than": Decimal.__gt__,
        "total_greater_equals": Decimal.__ge__,
    }
    try:
        return all(
            test(decimal(journal["total"]), Decimal(call.query[name]))
            for name, test in tests.items()
            if name in call.query
        )
    except InvalidOperation:
        raise errors.invalid_value("total") from None
