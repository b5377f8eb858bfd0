"""Journals of the sandbox: balanced, not guarded against doubles, and strict about their lines."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import add_project
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


def journal(zoho: Zoho, card: dict[str, Any], credit: Any = 12.34, **changes: Any) -> dict[str, Any]:
    return {
        "journal_date": "2026-02-27",
        "reference_number": "EXP-1001",
        "status": "published",
        "line_items": [
            {"account_id": zoho.meals["account_id"], "debit_or_credit": "debit", "amount": 12.34},
            {"account_id": card["account_id"], "debit_or_credit": "credit", "amount": credit},
        ],
        **changes,
    }


def test_a_balanced_journal_is_created_and_read_back(zoho: Zoho, card: dict[str, Any]) -> None:
    answer = zoho.call("POST", "/journals", json=journal(zoho, card))
    assert (answer.status_code, answer.json()["message"]) == (201, "The journal entry has been created.")
    created = answer.json()["journal"]
    assert (created["total"], created["status"], created["entry_number"]) == (12.34, "published", "1")
    assert zoho.call("GET", f"/journals/{created['journal_id']}").json()["journal"] == created
    listed = zoho.call("GET", "/journals", reference_number="EXP-1001").json()["journals"]
    assert [row["journal_id"] for row in listed] == [created["journal_id"]]


def test_nothing_keeps_a_journal_from_being_posted_twice(zoho: Zoho, card: dict[str, Any]) -> None:
    for _ in range(2):
        assert zoho.call("POST", "/journals", json=journal(zoho, card)).status_code == 201
    assert len(zoho.organization.journals) == 2


@pytest.mark.parametrize(("change", "message"), [
    ({"credit": 12.33}, "The debits and credits of the journal must be equal."),
    ({"credit": -12.34}, "Invalid value passed for amount"),
    ({"status": "posted"}, "Invalid value passed for status"),
    ({"line_items": []}, "Add at least one line item."),
    ({"journal_date": ""}, "Invalid value passed for journal_date"),
])  # fmt: skip
def test_a_wrong_journal_is_refused(
    zoho: Zoho, card: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    answer = zoho.call("POST", "/journals", json=journal(zoho, card, **change))
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert not zoho.organization.journals


def test_a_tax_on_an_indian_journal_line_is_refused(zoho: Zoho, card: dict[str, Any]) -> None:
    zoho.organization.edition = "in"
    body = journal(zoho, card)
    body["line_items"][0]["tax_id"] = "982000000099999"
    answer = zoho.call("POST", "/journals", json=body)
    assert answer.json() == {"code": 110942, "message": "Tax not supported."}


def test_a_payable_line_needs_its_contact(zoho: Zoho) -> None:
    payable = zoho.books.add_account(zoho.organization, "Accounts Payable", account_type="accounts_payable")
    body = journal(zoho, payable)
    answer = zoho.call("POST", "/journals", json=body)
    assert answer.json()["message"] == "Select a contact for the account Accounts Payable."
    body["line_items"][1]["customer_id"] = zoho.vendor["contact_id"]
    assert zoho.call("POST", "/journals", json=body).status_code == 201


def test_a_draft_is_published_and_a_journal_reversed_and_deleted(zoho: Zoho, card: dict[str, Any]) -> None:
    draft = zoho.call("POST", "/journals", json=journal(zoho, card, status="draft")).json()["journal"]
    path = f"/journals/{draft['journal_id']}"
    assert zoho.call("POST", f"{path}/status/publish").status_code == 201
    answer = zoho.call("POST", f"{path}/reverse", reversal_date="2026-03-01", is_reversal_scheduled="false")
    reversal = answer.json()["journal"]
    assert [line["debit_or_credit"] for line in reversal["line_items"]] == ["credit", "debit"]
    assert zoho.call("DELETE", path).status_code == 200
    assert list(zoho.organization.journals) == [reversal["journal_id"]]


def test_a_payable_line_may_go_without_a_contact_where_the_settings_say_so(zoho: Zoho) -> None:
    zoho.books.settings.payable_lines_need_contact = False
    payable = zoho.books.add_account(zoho.organization, "Accounts Payable", account_type="accounts_payable")
    assert zoho.call("POST", "/journals", json=zoho.journal(payable)).status_code == 201


def test_a_journal_is_rewritten_as_a_whole_and_keeps_its_status(zoho: Zoho, card: dict[str, Any]) -> None:
    draft = zoho.call("POST", "/journals", json=zoho.journal(card, status="draft")).json()["journal"]
    path = f"/journals/{draft['journal_id']}"
    body = zoho.journal(card, 20)
    assert refusal(zoho.call("PUT", path, json=body)) == (400, "Invalid value passed for status")
    del body["status"]
    answer = zoho.call("PUT", path, json=body)
    assert answer.status_code == 200
    updated = answer.json()["journal"]
    assert (updated["journal_id"], updated["status"], updated["total"]) == (draft["journal_id"], "draft", 20)


def test_a_status_that_is_not_sent_is_the_one_of_the_settings(zoho: Zoho, card: dict[str, Any]) -> None:
    body = zoho.journal(card)
    del body["status"]
    assert zoho.call("POST", "/journals", json=body).json()["journal"]["status"] == "published"
    zoho.books.settings.journal_status_default = "draft"
    assert zoho.call("POST", "/journals", json=body).json()["journal"]["status"] == "draft"


def test_a_journal_is_cash_or_both(zoho: Zoho, card: dict[str, Any]) -> None:
    answer = zoho.call("POST", "/journals", json=zoho.journal(card, journal_type="both"))
    assert answer.json()["journal"]["journal_type"] == "both"
    wrong = zoho.call("POST", "/journals", json=zoho.journal(card, journal_type="Accrual"))
    assert refusal(wrong) == (400, "Invalid value passed for journal_type")


def test_a_line_names_a_project_and_a_contact_of_any_type(zoho: Zoho, card: dict[str, Any]) -> None:
    customer = zoho.books.add_contact(zoho.organization, "Northwind Example", contact_type="customer")
    other = zoho.books.add_contact(zoho.organization, "Harbor Example", contact_type="customer")
    bridge = add_project(zoho.books, zoho.organization, "Bridge", customer)
    body = zoho.journal(card)
    body["line_items"][0] |= {"project_id": bridge["project_id"], "customer_id": zoho.vendor["contact_id"]}
    line = zoho.call("POST", "/journals", json=body).json()["journal"]["line_items"][0]
    assert (line["project_name"], line["customer_name"]) == ("Bridge", "Ada Example")
    body["line_items"][0]["customer_id"] = other["contact_id"]
    answer = zoho.call("POST", "/journals", json=body)
    assert refusal(answer) == (400, "The project Bridge belongs to another customer.")
    bridge["status"] = "inactive"
    del body["line_items"][0]["customer_id"]
    assert refusal(zoho.call("POST", "/journals", json=body)) == (400, "The project Bridge is not active.")
