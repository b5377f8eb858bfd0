"""Contacts of the sandbox: vendors made once and found by e-mail."""

from __future__ import annotations

from typing import Any

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


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
