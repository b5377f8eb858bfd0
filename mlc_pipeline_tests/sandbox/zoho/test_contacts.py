"""Contacts of the sandbox: vendors made once and found by e-mail."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal

ADA = {"contact_name": "Ada Example", "contact_type": "vendor"}


def rows(zoho: Zoho, **query: Any) -> list[str]:
    return [row["contact_name"] for row in zoho.call("GET", "/contacts", **query).json()["contacts"]]


def new_vendor(zoho: Zoho, name: str, email: str) -> Any:
    person = {"first_name": "Cy", "last_name": "Example", "email": email, "is_primary_contact": True}
    body = {"contact_name": name, "contact_type": "vendor", "contact_persons": [person]}
    return zoho.call("POST", "/contacts", json=body)


def test_a_vendor_is_created_and_found_by_the_primary_persons_email(zoho: Zoho) -> None:
    answer = new_vendor(zoho, "Cy Example", "cy@traders.example")
    assert answer.status_code == 201
    contact = answer.json()["contact"]
    assert (contact["contact_type"], contact["status"], contact["currency_code"]) == ("vendor", "active", "USD")
    assert rows(zoho, email="cy@traders.example", contact_type="vendor") == ["Cy Example"]
    assert rows(zoho, email_startswith="cy@") == ["Cy Example"]
    assert rows(zoho, email_contains="traders") == ["Ada Example", "Cy Example"]
    found = zoho.call("GET", "/contacts", contact_name="Cy Example").json()["contacts"][0]
    assert (found["email"], found["contact_id"]) == ("cy@traders.example", contact["contact_id"])
    assert zoho.call("GET", f"/contacts/{contact['contact_id']}").json()["contact"] == contact


def test_a_name_is_taken_once(zoho: Zoho) -> None:
    answer = new_vendor(zoho, "Ada Example", "other@traders.example")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 3062,
        "message": 'The customer "Ada Example" already exists. Please specify a different name.',
    }


def test_a_contact_is_a_customer_unless_told_and_inactive_ones_can_be_left_out(zoho: Zoho) -> None:
    zoho.call("POST", "/contacts", json={"contact_name": "Big Customer"})
    assert rows(zoho, contact_type="customer") == ["Big Customer"]
    zoho.vendor["status"] = "inactive"
    assert rows(zoho, filter_by="Status.Active") == ["Big Customer"]
    assert rows(zoho, filter_by="Status.Inactive") == ["Ada Example"]


def test_long_or_wrong_values_are_refused(zoho: Zoho) -> None:
    answer = new_vendor(zoho, "Cy Example", "c" * 101)
    assert answer.json() == {
        "code": 15,
        "message": 'Please ensure that the "email" has less than 100 characters.',
    }
    body = {"contact_name": "X", "currency_id": "1"}
    answer = zoho.call("POST", "/contacts", json=body)
    assert answer.json()["message"] == "Invalid value passed for currency_id"


def test_a_contact_keeps_its_number_its_persons_and_its_custom_fields(zoho: Zoho) -> None:
    persons = [
        {"first_name": "Ben", "email": "ben@traders.example"},
        {"first_name": "Cy", "email": "cy@traders.example", "is_primary_contact": True},
    ]
    body = {
        "contact_name": "Ben Example",
        "contact_type": "vendor",
        "contact_number": "E-1007",
        "contact_persons": persons,
        "custom_fields": [{"index": 1, "value": "E-1007"}],
    }
    contact = zoho.call("POST", "/contacts", json=body).json()["contact"]
    assert (contact["contact_number"], contact["custom_fields"]) == ("E-1007", body["custom_fields"])
    assert [person["is_primary_contact"] for person in contact["contact_persons"]] == [False, True]
    assert zoho.call("GET", "/contacts", email="ben@traders.example").json()["contacts"] == []
    (row,) = zoho.call("GET", "/contacts", email="cy@traders.example").json()["contacts"]
    assert (row["contact_id"], row["first_name"]) == (contact["contact_id"], "Cy")
    assert "contact_number" not in row
    assert zoho.call("GET", "/contacts", contact_number="E-1007").status_code == 400


def test_a_contact_is_changed_in_parts_but_not_to_a_name_that_is_taken(zoho: Zoho) -> None:
    path = f"/contacts/{zoho.vendor['contact_id']}"
    answer = zoho.call("PUT", path, json=ADA | {"contact_number": "E-1"})
    assert answer.status_code == 200
    assert answer.json()["contact"]["contact_number"] == "E-1"
    zoho.books.add_contact(zoho.organization, "Northwind Example", contact_type="customer")
    taken = zoho.call("PUT", path, json=ADA | {"contact_name": "northwind example"})
    assert taken.json()["code"] == 3062


def test_the_currency_of_a_contact_stays_once_it_was_used(zoho: Zoho) -> None:
    path = f"/contacts/{zoho.vendor['contact_id']}"
    yen = ADA | {"currency_id": zoho.organization.currency("JPY")["currency_id"]}
    assert zoho.call("PUT", path, json=yen).json()["contact"]["currency_code"] == "JPY"
    assert zoho.post_bill().json()["bill"]["currency_code"] == "JPY"
    back = ADA | {"currency_id": zoho.organization.currency("USD")["currency_id"]}
    assert refusal(zoho.call("PUT", path, json=back))[0] == 400


def test_names_may_repeat_where_the_organization_allows_it(zoho: Zoho) -> None:
    body = {"contact_name": "Ada Example", "contact_type": "customer"}
    assert zoho.call("POST", "/contacts", json=body).json()["code"] == 3062
    zoho.books.settings.contact_names_are_unique = False
    assert zoho.call("POST", "/contacts", json=body).status_code == 201


@pytest.mark.parametrize(
    ("sorting", "listed"),
    [("newest first", ["B", "A", "C"]), ("oldest first", ["C", "A", "B"]), ("not sorted", ["A", "B", "C"])],
)
def test_contacts_are_sorted_by_the_time_they_changed_in_the_direction_of_the_settings(
    zoho: Zoho, sorting: str, listed: list[str]
) -> None:
    zoho.books.settings.contacts_by_time = sorting
    # The same hour, an hour earlier and an hour later, each as its own zone writes it.
    for name, time in (
        ("A", "2026-03-02T12:00:00Z"),
        ("B", "2026-03-02T18:30:00+0530"),
        ("C", "2026-03-02T12:00:00+0100"),
    ):
        zoho.books.add_contact(zoho.organization, name, contact_type="customer", last_modified_time=time)
    assert rows(zoho, contact_type="customer", sort_column="last_modified_time") == listed


def test_a_new_contact_may_not_be_listed_yet_although_its_name_is_taken(zoho: Zoho) -> None:
    zoho.books.settings.contacts_are_listed_until = zoho.books.timestamp()
    zoho.clock.move(seconds=5)
    assert new_vendor(zoho, "Cy Example", "cy@traders.example").status_code == 201
    assert rows(zoho, email="cy@traders.example") == []
    assert new_vendor(zoho, "Cy Example", "cy@traders.example").json()["code"] == 3062
    zoho.books.settings.contacts_are_listed_until = ""
    assert rows(zoho, email="cy@traders.example") == ["Cy Example"]
