"""Journals and vendor credits of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


@pytest.fixture
def card(zoho: Zoho) -> dict[str, Any]:
    return zoho.books.add_account(
        zoho.organization, "Corporate Card", account_code="2110", account_type="credit_card"
    )


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


def test_a_vendor_credit_has_a_number_of_its_own(zoho: Zoho) -> None:
    lines = [{"account_id": zoho.meals["account_id"], "rate": 5.05}]
    body = {
        "vendor_id": zoho.vendor["contact_id"],
        "vendor_credit_number": "EXP-7",
        "reference_number": "7",
        "line_items": lines,
    }
    answer = zoho.call("POST", "/vendorcredits", json=body)
    assert (answer.status_code, answer.json()["vendor_credit"]["total"]) == (201, 5.05)
    again = zoho.call("POST", "/vendorcredits", json=body)
    assert again.json()["message"] == "The vendor credit# specified already exists."
    listed = zoho.call("GET", "/vendorcredits", reference_number="7").json()["vendorcredits"]
    assert [row["vendor_credit_number"] for row in listed] == ["EXP-7"]
    credit_id = listed[0]["vendor_credit_id"]
    assert zoho.call("GET", f"/vendorcredits/{credit_id}").json()["vendor_credit"]["balance"] == 5.05
