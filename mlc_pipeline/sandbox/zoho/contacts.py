"""Contacts: vendors and customers, one name for one contact, found by their primary person's e-mail."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import errors, listing
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

FILTERS = {"All": None, "Active": "active", "Inactive": "inactive"}
CONTACT_TYPES = ("customer", "vendor")
LONGEST_EMAIL = 100
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
    rows = listing.in_order(call, rows, "contact_name")
    for row in rows:
        del row["notes"]
    return listing.one_page(call, "contacts", rows)


def get_contact(call: Call) -> Record:
    """GET /contacts/{contact_id}."""
    contact = call.organization.contacts.get(call.path["contact_id"])
    if contact is None:
        raise errors.does_not_exist("Contact")
    return {"contact": contact}


def create_contact(call: Call) -> Record:
    """POST /contacts."""
    body = dict(call.body)
    name = body.pop("contact_name").strip()
    _check(call, name)
    currency = call.organization.currencies[
        body.pop("currency_id", "") or call.organization.base_currency["currency_id"]
    ]
    persons = [_person(call, person) for person in body.pop("contact_persons", [])]
    _choose_primary(persons)
    primary = next((person for person in persons if person["is_primary_contact"]), None)
    contact = call.books.add_contact(
        call.organization,
        name,
        currency_code=currency["currency_code"],
        **{"contact_type": "customer", **body},
        contact_persons=persons,
        primary_contact_id=primary["contact_person_id"] if primary else "",
    )
    return {"message": "The contact has been created.", "contact": contact}


def _check(call: Call, name: str) -> None:
    if not name:
        raise errors.invalid_value("contact_name")
    for field in ("contact_name", "company_name"):
        if len(call.body.get(field, "")) > LONGEST_NAME:
            raise errors.too_long(field, LONGEST_NAME)
    if call.body.get("contact_type", "customer") not in CONTACT_TYPES:
        raise errors.invalid_value("contact_type")
    if call.body.get("currency_id") and call.body["currency_id"] not in call.organization.currencies:
        raise errors.invalid_value("currency_id")
    folded = name.casefold()
    if any(other["contact_name"].casefold() == folded for other in call.organization.contacts.values()):
        raise errors.duplicate_contact_name(name)


def _person(call: Call, given: Record) -> Record:
    if len(given.get("email", "")) > LONGEST_EMAIL:
        raise errors.too_long("email", LONGEST_EMAIL)
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


def _choose_primary(persons: list[Record]) -> None:
    """The first person is primary if none is marked."""
    if persons and not any(person["is_primary_contact"] for person in persons):
        persons[0]["is_primary_contact"] = True


def _row(contact: Record) -> Record:
    """A list row: the person's properties are those of the primary contact."""
    persons = contact["contact_persons"]
    primary: Record = next((person for person in persons if person["is_primary_contact"]), {})
    shown = {name: primary.get(name, "") for name in ("first_name", "last_name", "email", "phone", "mobile")}
    return {name: contact[name] for name in ROW} | shown | {"notes": contact.get("notes", "")}
