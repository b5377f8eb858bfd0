"""Customers, projects and locations on the lines of bills."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import add_location, add_project
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


@pytest.fixture
def customer(zoho: Zoho) -> dict[str, Any]:
    return zoho.books.add_contact(zoho.organization, "Northwind Example", contact_type="customer")


def line(zoho: Zoho, **facts: Any) -> list[dict[str, Any]]:
    return [{"account_id": zoho.meals["account_id"], "rate": 1, **facts}]


def test_a_billable_line_needs_a_customer(zoho: Zoho, customer: dict[str, Any]) -> None:
    answer = zoho.post_bill(line_items=line(zoho, is_billable=True))
    assert refusal(answer) == (400, "Select a customer for the billable line item.")
    lines = line(zoho, is_billable=True, customer_id=customer["contact_id"])
    shown = zoho.post_bill(line_items=lines).json()["bill"]["line_items"][0]
    assert (shown["customer_name"], shown["is_billable"]) == ("Northwind Example", True)


def test_a_vendor_is_no_customer(zoho: Zoho) -> None:
    answer = zoho.post_bill(line_items=line(zoho, customer_id=zoho.vendor["contact_id"]))
    assert refusal(answer) == (400, "The contact Ada Example is not a customer.")


def test_a_project_is_active_and_of_the_lines_customer(zoho: Zoho, customer: dict[str, Any]) -> None:
    other = zoho.books.add_contact(zoho.organization, "Harbor Example", contact_type="customer")
    bridge = add_project(zoho.books, zoho.organization, "Bridge", customer)
    project = {"project_id": bridge["project_id"]}
    shown = zoho.post_bill(line_items=line(zoho, **project)).json()["bill"]["line_items"][0]
    assert shown["project_name"] == "Bridge"
    wrong = line(zoho, customer_id=other["contact_id"], **project)
    expected = (400, "The project Bridge belongs to another customer.")
    assert refusal(zoho.post_bill("EXP-2", line_items=wrong)) == expected
    bridge["status"] = "inactive"
    answer = zoho.post_bill("EXP-2", line_items=line(zoho, **project))
    assert refusal(answer) == (400, "The project Bridge is not active.")
    answer = zoho.post_bill("EXP-2", line_items=line(zoho, project_id="1"))
    assert refusal(answer) == (400, "Invalid value passed for project_id")


def test_one_location_need_not_be_named_several_must(zoho: Zoho, card: dict[str, Any]) -> None:
    office = add_location(zoho.books, zoho.organization, "Head Office")
    assert zoho.post_bill().status_code == 201
    branch = add_location(zoho.books, zoho.organization, "Branch", office)
    wrong = (400, "Invalid value passed for location_id")
    assert refusal(zoho.post_bill("EXP-2")) == wrong
    assert refusal(zoho.call("POST", "/journals", json=zoho.journal(card))) == wrong
    assert refusal(zoho.call("POST", "/vendorcredits", json=zoho.credit())) == wrong
    there = {"location_id": branch["location_id"]}
    bill = zoho.post_bill("EXP-2", line_items=line(zoho, **there), **there).json()["bill"]
    assert (bill["location_name"], bill["line_items"][0]["location_name"]) == ("Branch", "Branch")
    assert refusal(zoho.post_bill("EXP-3", location_id="1")) == wrong
    answer = zoho.post_bill("EXP-3", line_items=line(zoho, location_id="1"), **there)
    assert refusal(answer) == wrong
    listed = zoho.call("GET", "/locations").json()["locations"]
    assert [row["parent_location_id"] for row in listed] == ["", office["location_id"]]
