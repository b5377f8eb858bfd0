"""Files on bills and journals."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import pay_bill
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal

FIVE_MB = 5 * 1024 * 1024


@pytest.fixture
def bill(zoho: Zoho) -> str:
    return f"/bills/{zoho.post_bill().json()['bill']['bill_id']}"


def documents(zoho: Zoho, path: str, name: str = "bill") -> list[str]:
    shown = zoho.call("GET", path).json()[name]["documents"]
    return [document["file_name"] for document in shown]


def test_a_file_is_kept_as_often_as_it_is_sent(zoho: Zoho, bill: str) -> None:
    for _ in range(2):
        answer = zoho.attach(bill, "receipt.pdf")
        assert (answer.status_code, answer.json()["message"]) == (201, "The document has been attached.")
    assert documents(zoho, bill) == ["receipt.pdf"] * 2
    assert zoho.call("GET", "/bills").json()["bills"][0]["has_attachment"] is True


def test_the_latest_file_is_read_and_removed(zoho: Zoho, bill: str) -> None:
    assert zoho.call("GET", f"{bill}/attachment").status_code == 404
    zoho.attach(bill, "first.pdf", b"%PDF-1")
    zoho.attach(bill, "second.png", b"\x89PNG")
    answer = zoho.call("GET", f"{bill}/attachment")
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert zoho.call("DELETE", f"{bill}/attachment").status_code == 200
    assert documents(zoho, bill) == ["first.pdf"]
    assert zoho.call("GET", f"{bill}/attachment").content == b"%PDF-1"
    zoho.call("DELETE", f"{bill}/attachment")
    assert refusal(zoho.call("DELETE", f"{bill}/attachment")) == (404, "Attachment does not exist.")


@pytest.mark.parametrize("extension", ["gif", "png", "jpeg", "jpg", "bmp", "PDF"])
def test_a_bill_takes_pictures_and_pdf_up_to_5_mb(zoho: Zoho, bill: str, extension: str) -> None:
    assert zoho.attach(bill, f"receipt.{extension}", b"x" * FIVE_MB).status_code == 201


@pytest.mark.parametrize("name", ["receipt.heic", "receipt.docx", "receipt", "receipt.pdf.zip"])
def test_a_bill_takes_nothing_else(zoho: Zoho, bill: str, name: str) -> None:
    wrong = (400, "Attach a file of one of these types: gif, png, jpeg, jpg, bmp, pdf.")
    assert refusal(zoho.attach(bill, name)) == wrong
    assert documents(zoho, bill) == []


def test_a_file_above_5_mb_or_in_another_field_is_refused(zoho: Zoho, bill: str) -> None:
    too_large = zoho.attach(bill, "receipt.pdf", b"x" * (FIVE_MB + 1))
    assert refusal(too_large) == (400, "Attach a file smaller than 5 MB.")
    assert refusal(zoho.attach(bill, "receipt.pdf", field="file")) == (400, "Invalid value passed for file")
    missing = zoho.call("POST", f"{bill}/attachment")
    assert refusal(missing) == (400, "Invalid value passed for attachment")


def test_a_paid_bill_takes_and_loses_no_files(zoho: Zoho, bill: str) -> None:
    zoho.attach(bill, "receipt.pdf")
    pay_bill(zoho.books, next(iter(zoho.organization.bills.values())))
    paid = (400, "A paid bill cannot be changed in its present status.")
    assert refusal(zoho.attach(bill, "receipt.pdf")) == paid
    assert refusal(zoho.call("DELETE", f"{bill}/attachment")) == paid
    assert documents(zoho, bill) == ["receipt.pdf"]
    assert refusal(zoho.call("PUT", bill, json=zoho.bill()))[0] == 400
    assert len(zoho.call("GET", f"{bill}/payments").json()["payments"]) == 1


def test_a_journal_takes_files_of_any_kind_and_shows_them(zoho: Zoho, card: dict[str, Any]) -> None:
    journal = zoho.call("POST", "/journals", json=zoho.journal(card)).json()["journal"]["journal_id"]
    path = f"/journals/{journal}"
    answer = zoho.attach(path, "receipt.xyz")
    expected = "Your file has been successfully attached to the journal."
    assert (answer.status_code, answer.json()["message"]) == (201, expected)
    assert documents(zoho, path, "journal") == ["receipt.xyz"]
    assert refusal(zoho.attach(path, "receipt.pdf", b"x" * (FIVE_MB + 1)))[0] == 400
    assert zoho.attach("/journals/1", "receipt.pdf").status_code == 404
