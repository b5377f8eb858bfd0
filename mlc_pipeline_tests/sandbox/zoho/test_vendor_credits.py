"""Vendor credits: numbered once in the organization, changed and voided like bills, found by their filters."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


def post(zoho: Zoho, number: str = "EXP-7", **changes: Any) -> dict[str, Any]:
    answer = zoho.call("POST", "/vendorcredits", json=zoho.credit(number, **changes))
    assert answer.status_code == 201, answer.text
    credit: dict[str, Any] = answer.json()["vendor_credit"]
    return credit


def test_a_vendor_credit_is_created_and_read_back(zoho: Zoho) -> None:
    credit = post(zoho)
    assert (credit["vendor_credit_number"], credit["total"], credit["balance"], credit["status"]) == (
        "EXP-7", 5.05, 5.05, "open",
    )  # fmt: skip
    read = zoho.call("GET", f"/vendorcredits/{credit['vendor_credit_id']}").json()["vendor_credit"]
    assert read == credit
    assert zoho.call("GET", "/vendorcredits/1").status_code == 404


@pytest.mark.parametrize("number", ["EXP-7", " exp-7 "])
def test_a_number_is_taken_once_in_the_organization(zoho: Zoho, number: str) -> None:
    post(zoho)
    other = zoho.books.add_contact(zoho.organization, "Ben Example")
    again = zoho.call("POST", "/vendorcredits", json=zoho.credit(number, vendor_id=other["contact_id"]))
    assert refusal(again) == (400, "The vendor credit# specified already exists.")
    assert post(zoho, "")["vendor_credit_number"] == "DN-00002"


def test_there_is_no_upsert(zoho: Zoho) -> None:
    assert zoho.call("PUT", "/vendorcredits", json=zoho.credit()).status_code == 404


def test_the_filters_find_it(zoho: Zoho) -> None:
    wanted = post(zoho)["vendor_credit_id"]
    zoho.clock.move(minutes=30)
    since = zoho.books.timestamp()
    other = zoho.books.add_contact(zoho.organization, "Ben Example")
    post(zoho, "CN-1", vendor_id=other["contact_id"], reference_number="8", date="2026-03-01", notes="late")
    for query in (
        {"vendor_credit_number": "EXP-7"},
        {"vendor_credit_number_startswith": "EXP"},
        {"vendor_credit_number_contains": "P-7"},
        {"reference_number": "7"},
        {"customer_id": zoho.vendor["contact_id"]},
        {"customer_name": "Ada Example"},
        {"date": "2026-02-27"},
        {"date_end": "2026-02-28"},
        {"date_before": "2026-02-28"},
        {"search_text": "exp-7"},
    ):
        rows = zoho.call("GET", "/vendorcredits", **query).json()["vendorcredits"]
        assert [row["vendor_credit_id"] for row in rows] == [wanted], query
    rows = zoho.call("GET", "/vendorcredits", last_modified_time=since).json()["vendorcredits"]
    assert [row["vendor_credit_number"] for row in rows] == ["CN-1"]
    assert zoho.call("GET", "/vendorcredits", filter_by="Status.Void").json()["vendorcredits"] == []
    assert zoho.call("GET", "/vendorcredits", vendor_id="1").status_code == 400


def test_it_is_rewritten_as_a_whole(zoho: Zoho) -> None:
    credit = post(zoho)
    path = f"/vendorcredits/{credit['vendor_credit_id']}"
    lines = [{"account_id": zoho.travel["account_id"], "rate": 9}]
    answer = zoho.call("PUT", path, json=zoho.credit(line_items=lines))
    assert answer.status_code == 200
    updated = answer.json()["vendor_credit"]
    assert (updated["vendor_credit_id"], updated["total"]) == (credit["vendor_credit_id"], 9)
    post(zoho, "EXP-8")
    taken = zoho.call("PUT", path, json=zoho.credit("EXP-8"))
    assert refusal(taken) == (400, "The vendor credit# specified already exists.")


def test_it_is_voided_opened_again_and_deleted(zoho: Zoho) -> None:
    path = f"/vendorcredits/{post(zoho)['vendor_credit_id']}"
    assert zoho.call("POST", f"{path}/status/void").status_code == 201
    void = zoho.call("GET", path).json()["vendor_credit"]
    assert (void["status"], void["balance"]) == ("void", 0)
    assert zoho.call("PUT", path, json=zoho.credit()).status_code == 400
    assert zoho.call("POST", f"{path}/status/open").status_code == 201
    assert zoho.call("GET", path).json()["vendor_credit"]["balance"] == 5.05
    assert zoho.call("POST", f"{path}/status/open").status_code == 400
    assert zoho.call("DELETE", path).status_code == 200
    assert zoho.call("GET", path).status_code == 404


def test_one_that_was_used_stays_as_it_is(zoho: Zoho) -> None:
    credit_id = post(zoho)["vendor_credit_id"]
    zoho.organization.vendor_credits[credit_id]["bills_credited"].append({"bill_id": "1", "amount": 5})
    for method, path, body in (
        ("PUT", "", zoho.credit()),
        ("POST", "/status/void", None),
        ("DELETE", "", None),
    ):
        answer = zoho.call(method, f"/vendorcredits/{credit_id}{path}", json=body)
        assert refusal(answer) == (400, "The vendor credit cannot be changed in its present status.")


def test_a_line_below_zero_is_taken_or_refused(zoho: Zoho) -> None:
    lines = [{"account_id": zoho.meals["account_id"], "rate": rate} for rate in (10, -4)]
    assert post(zoho, line_items=lines)["total"] == 6
    below = zoho.call("POST", "/vendorcredits", json=zoho.credit("EXP-8", line_items=lines[1:]))
    assert refusal(below) == (400, "The total cannot be negative.")
    zoho.books.settings.negative_vendor_credit_lines = False
    refused = zoho.call("POST", "/vendorcredits", json=zoho.credit("EXP-8", line_items=lines))
    assert refusal(refused) == (400, "The rate of a line item cannot be negative.")


def test_its_lines_know_projects_but_no_customers(zoho: Zoho) -> None:
    line = {"account_id": zoho.meals["account_id"], "rate": 1}
    for wrong in ({"customer_id": "1"}, {"is_billable": True}, {"project_id": "1"}):
        answer = zoho.call("POST", "/vendorcredits", json=zoho.credit(line_items=[line | wrong]))
        assert refusal(answer) == (400, f"Invalid value passed for {next(iter(wrong))}")


def test_accounts_and_vendors_are_checked_as_for_bills(zoho: Zoho, card: dict[str, Any]) -> None:
    lines = [{"account_id": card["account_id"], "rate": 1}]
    answer = zoho.call("POST", "/vendorcredits", json=zoho.credit(line_items=lines))
    assert refusal(answer) == (400, "The account Corporate Card cannot be used in vendor credits.")
    zoho.vendor["status"] = "inactive"
    answer = zoho.call("POST", "/vendorcredits", json=zoho.credit())
    assert refusal(answer) == (400, "The vendor Ada Example is inactive.")
    assert zoho.organization.vendor_credits == {}
