"""Contacts: vendors and customers, one name for one contact, found by their primary person's e-mail."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import errors, listing
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

FILTERS = {"All": None, "Active": "active", "Inactive": "inactive"}
CONTACT_TYPES = ("customer", "vendor")
TIMES = ("created_time", "last_modified_time")
SORT_COLUMNS = ("contact_name", "first_name", "last_name", "email", "outstanding_receivable_amount", *TIMES)
LONGEST_OF_PERSONS = 100
LONGEST_NAME = 200

ROW = (
    "contact_id", "contact_name", "company_name", "contact_type", "status", "currency_id", "currency_code",
    "payment_terms", "payment_terms_label", "created_time", "last_modified_time",
)  # fmt: skip


def list_contacts(call: Call) -> Record:
    """GET /contacts."""
    wanted = FILTERS[listing.filter_value(call, "Status", FILTERS)]
    rows = [
        _row(contact)
        for contact in call.organization.contacts.values()
        if wanted is None or contact["status"] == wanted
    ]
    for parameter in ("contact_type", "contact_name", "company_name", "email", "first_name", "last_name", "phone"):
        rows = listing.keep_text(call, rows, parameter)
    rows = listing.keep_search(call, rows, "contact_name", "notes")
    rows = _in_order(call, [row for row in rows if _is_listed(call, row)])
    for row in rows:
        del row["notes"]
    return listing.one_page(call, "contacts", rows)


def get_contact(call: Call) -> Record:
    """GET /contacts/{contact_id}."""
    return {"contact": _find_contact(call)}


def create_contact(call: Call) -> Record:
    """POST /contacts."""
    body = dict(call.body)
    name = body.pop("contact_name").strip()
    _check(call, name)
    currency = call.organization.currencies[
        body.pop("currency_id", "") or call.organization.base_currency["currency_id"]
    ]
    persons = _persons(call, body.pop("contact_persons", []))
    contact = call.books.add_contact(
        call.organization,
        name,
        currency_code=currency["currency_code"],
        **{"contact_type": "customer", **body},
        contact_persons=persons,
        primary_contact_id=_primary_id(persons),
    )
    return {"message": "The contact has been created.", "contact": contact}


def update_contact(call: Call) -> Record:
    """PUT /contacts/{contact_id}: what is given replaces what was; the currency stays once it was used."""
    contact, body = _find_contact(call), dict(call.body)
    name = body.pop("contact_name", contact["contact_name"]).strip()
    _check(call, name, contact)
    if body.get("currency_id", contact["currency_id"]) != contact["currency_id"] and _has_documents(call, contact):
        raise errors.cannot_change("The currency of the contact")
    if "currency_id" in body:
        body["currency_code"] = call.organization.currencies[body["currency_id"]]["currency_code"]
    if "contact_persons" in body:
        body["contact_persons"] = _persons(call, body["contact_persons"])
        body["primary_contact_id"] = _primary_id(body["contact_persons"])
    contact |= body | {"contact_name": name, "last_modified_time": call.books.timestamp()}
    return {"message": "Contact information has been saved.", "contact": contact}


def _in_order(call: Call, rows: list[Record]) -> list[Record]:
    """No `sort_order` is documented for this list: the settings say in which direction times are sorted."""
    by_time = call.books.settings.contacts_by_time
    column = call.query.get("sort_column", "contact_name")
    if column not in TIMES:
        return listing.in_order(call, rows, "contact_name", SORT_COLUMNS)
    if by_time == "not sorted":
        return sorted(rows, key=lambda row: str(row["contact_name"]).casefold())
    return sorted(rows, key=lambda row: listing.instant(row[column]), reverse=by_time == "newest first")


def _is_listed(call: Call, contact: Record) -> bool:
    """Whether the lists show a contact yet, which may lag behind what was made."""
    last = call.books.settings.contacts_are_listed_until
    return not last or listing.instant(contact["created_time"]) <= listing.instant(last)


def _find_contact(call: Call) -> Record:
    contact = call.organization.contacts.get(call.path["contact_id"])
    if contact is None:
        raise errors.does_not_exist("Contact")
    return contact


def _has_documents(call: Call, contact: Record) -> bool:
    organization = call.organization
    documents = [*organization.bills.values(), *organization.vendor_credits.values()]
    return any(document["vendor_id"] == contact["contact_id"] for document in documents)


def _check(call: Call, name: str, contact: Record | None = None) -> None:
    """Refuse what a contact cannot be; `contact` is the one to be changed."""
    if not name:
        raise errors.invalid_value("contact_name")
    for field in ("contact_name", "company_name", "contact_number"):
        if len(call.body.get(field, "")) > LONGEST_NAME:
            raise errors.too_long(field, LONGEST_NAME)
    if call.body.get("contact_type", "customer") not in CONTACT_TYPES:
        raise errors.invalid_value("contact_type")
    if call.body.get("currency_id") and call.body["currency_id"] not in call.organization.currencies:
        raise errors.invalid_value("currency_id")
    if call.books.settings.contact_names_are_unique:
        _refuse_duplicate(call, name, contact)


def _refuse_duplicate(call: Call, name: str, contact: Record | None) -> None:
    """One name for customers and vendors together."""
    folded = name.casefold()
    for other in call.organization.contacts.values():
        if other is not contact and other["contact_name"].casefold() == folded:
            raise errors.duplicate_contact_name(name)


def _persons(call: Call, given: list[Record]) -> list[Record]:
    """The persons as they are kept; exactly one of them is primary, the first if none is marked."""
    persons = [_person(call, person) for person in given]
    marked = [person for person in persons if person["is_primary_contact"]]
    for person in persons:
        person["is_primary_contact"] = person is (marked or persons)[0]
    return persons


def _primary_id(persons: list[Record]) -> str:
    return next((str(person["contact_person_id"]) for person in persons if person["is_primary_contact"]), "")


def _person(call: Call, given: Record) -> Record:
    for field in ("first_name", "last_name", "email"):
        if len(given.get(field, "")) > LONGEST_OF_PERSONS:
            raise errors.too_long(field, LONGEST_OF_PERSONS)
    return {
        "contact_person_id": call.books.new_id(),
        "first_name": "",
        "last_name": "",
        "email": "",
        "phone": "",
        "mobile": "",
        "is_primary_contact": False,
        **given,
    }


def _row(contact: Record) -> Record:
    """A list row: the person's properties are those of the primary contact."""
    persons = contact["contact_persons"]
    primary: Record = next((person for person in persons if person["is_primary_contact"]), {})
    shown = {name: primary.get(name, "") for name in ("first_name", "last_name", "email", "phone", "mobile")}
    return {name: contact[name] for name in ROW} | shown | {"notes": contact.get("notes", "")}
