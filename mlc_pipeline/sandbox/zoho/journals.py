"""Manual journals: balanced to the cent, no guard against doubles, numbered by Zoho."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from mlc_pipeline.sandbox.zoho import errors, listing, lookups
from mlc_pipeline.sandbox.zoho.amounts import decimal, rounded
from mlc_pipeline.sandbox.zoho.attachments import attach
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

#: Modules whose transaction lock covers a journal.
LOCK_MODULES = ("accountant", "journals")

STATUSES = ("draft", "published")
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
    rows = _of_vendor(call, rows)
    rows = listing.keep_modified(call, rows)
    rows = listing.keep_search(call, rows, "entry_number", "reference_number", "notes")
    if call.query.get("journal_ids"):
        wanted = call.query["journal_ids"].split(",")
        rows = [journal for journal in rows if journal["journal_id"] in wanted]
    rows = [journal for journal in rows if _total_fits(call, journal)]
    rows = listing.in_order(call, rows, "created_time")
    shown = [{name: journal[name] for name in ROW} for journal in rows]
    return listing.one_page(call, "journals", shown, documented=False)


def get_journal(call: Call) -> Record:
    """GET /journals/{journal_id}."""
    return {"journal": find_journal(call)}


def create_journal(call: Call) -> Record:
    """POST /journals."""
    journal = _content(call)
    call.organization.journals[journal["journal_id"]] = journal
    return {"message": "The journal entry has been created.", "journal": journal}


def mark_journal_published(call: Call) -> Record:
    """POST /journals/{journal_id}/status/publish."""
    journal = find_journal(call)
    lookups.refuse_locked(call, journal["journal_date"], *LOCK_MODULES)
    if journal["status"] != "draft":
        raise errors.cannot_change("The journal")
    journal |= {"status": "published", "last_modified_time": call.books.timestamp()}
    return {"message": "The manual journal has been published."}


def reverse_journal(call: Call) -> Record:
    """POST /journals/{journal_id}/reverse: a new journal with the sides swapped, dated as asked."""
    original = find_journal(call)
    day = lookups.iso_date("reversal_date", call.query["reversal_date"]).isoformat()
    lookups.refuse_locked(call, day, *LOCK_MODULES)
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
    lookups.refuse_locked(call, journal["journal_date"], *LOCK_MODULES)
    del call.organization.journals[journal["journal_id"]]
    return {"message": "The selected journal entry has been deleted."}


def add_journal_attachment(call: Call) -> Record:
    """POST /journals/{journal_id}/attachment; no list of extensions is published."""
    attach(call, find_journal(call), ())
    return {"message": "Your file has been successfully attached to the journal."}


def find_journal(call: Call) -> Record:
    """Return the journal the path names."""
    journal = call.organization.journals.get(call.path["journal_id"])
    if journal is None:
        raise errors.does_not_exist("Journal")
    return journal


def _content(call: Call) -> Record:
    body, organization = call.body, call.organization
    day = lookups.document_date(call, "journal_date", *LOCK_MODULES)
    status = body.get("status", call.books.settings.journal_status_default)
    if status not in STATUSES:
        raise errors.invalid_value("status")
    currency = lookups.known(organization.currencies, body, "currency_id") or organization.base_currency
    precision = currency["price_precision"]
    lines = [_line(call, line, precision) for line in body.get("line_items", ())]
    total = _balanced_total(lines)
    _check_tags(call, lines)
    location = lookups.location(organization, body)
    now = call.books.timestamp()
    rate = lookups.exchange_rate(call, currency)
    return {
        "journal_id": call.books.new_id(),
        "entry_number": _next_entry_number(call),
        "reference_number": body.get("reference_number", ""),
        "journal_date": day,
        "notes": body.get("notes", ""),
        "journal_type": body.get("journal_type", "both"),
        "status": status,
        "currency_id": currency["currency_id"],
        "currency_code": currency["currency_code"],
        "currency_symbol": currency["currency_symbol"],
        "price_precision": precision,
        "exchange_rate": rate,
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "custom_fields": body.get("custom_fields", []),
        "tags": body.get("tags", []),
        "line_items": lines,
        "line_item_total": total,
        "total": total,
        "bcy_total": rounded(total * decimal(rate), organization.base_currency["price_precision"]),
        "documents": [],
        "created_time": now,
        "last_modified_time": now,
    }


def _line(call: Call, line: Record, precision: int) -> Record:
    organization = call.organization
    if line["debit_or_credit"] not in ("debit", "credit"):
        raise errors.invalid_value("debit_or_credit")
    amount = decimal(line["amount"])
    if amount < 0 or rounded(amount, precision) != amount:
        raise errors.invalid_value("amount")
    if line.get("tax_id") and organization.edition == "in":
        raise errors.tax_not_supported()
    lookups.known(organization.taxes, line, "tax_id")
    account = lookups.active_account(organization, line.get("account_id"))
    contact = lookups.known(organization.contacts, line, "customer_id")
    if account["account_type"] in ("accounts_payable", "accounts_receivable") and not contact:
        raise errors.contact_missing(account["account_name"])
    project = lookups.known(organization.projects, line, "project_id")
    location = lookups.known(organization.locations, line, "location_id")
    return {
        **line,
        "line_id": call.books.new_id(),
        "account_name": account["account_name"],
        "customer_name": contact.get("contact_name", ""),
        "project_name": project.get("project_name", ""),
        "location_name": location.get("location_name", ""),
        "description": line.get("description", ""),
        "amount": rounded(amount, precision),
    }


def _balanced_total(lines: list[Record]) -> Decimal:
    sides = {
        side: sum((line["amount"] for line in lines if line["debit_or_credit"] == side), Decimal(0))
        for side in ("debit", "credit")
    }
    if not lines:
        raise errors.line_items_missing()
    if sides["debit"] != sides["credit"]:
        raise errors.unbalanced_journal()
    return sides["debit"]


def _check_tags(call: Call, lines: list[Record]) -> None:
    tag_lists = [call.body.get("tags", ()), *(line.get("tags", ()) for line in lines)]
    for tags in tag_lists:
        lookups.check_tags(call.organization, tags)
    lookups.check_mandatory_tags(call.organization, *tag_lists)


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
