"""The contract checker itself: what it lets pass and what it names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mlc_pipeline.sandbox.zoho.exchanges import Exchange
from mlc_pipeline_tests.contract.checker import check_exchange

BILL = {
    "vendor_id": "982000000026003",
    "bill_number": "EXP-1",
    "line_items": [{"account_id": "982000000026005", "rate": Decimal("1.10")}],
}


def exchange(**changes: Any) -> Exchange:
    content: dict[str, Any] = {
        "method": "POST",
        "path": "/bills",
        "query": {"organization_id": "10234695"},
        "request_json": BILL,
        "files": (),
        "status": 201,
        "response_json": {"code": 0, "message": "The bill has been created.", "bill": {"bill_id": "9820"}},
        "edition": "us",
        "granted_scopes": ("ZohoBooks.bills.CREATE", "ZohoBooks.settings.ALL"),
    }
    return Exchange(**{**content, **changes})


def test_a_right_exchange_has_no_problem() -> None:
    assert check_exchange(exchange()) == []


def test_an_unknown_path_is_named() -> None:
    assert check_exchange(exchange(path="/invoicez")) == [
        "POST /invoicez: the OpenAPI files have no such operation"
    ]


def test_a_missing_scope_is_named() -> None:
    problems = check_exchange(exchange(granted_scopes=("ZohoBooks.bills.READ",)))
    assert problems == ["POST /bills: the token lacks the scope ZohoBooks.bills.CREATE"]


def test_every_wrong_place_of_a_request_is_named() -> None:
    body = {"vendor_id": 982, "line_items": [{"rate": "1.10", "tax_id": "9", "colour": "red"}], "notes": None}
    problems = check_exchange(exchange(request_json=body, query={"organisation": "1"}, files=("photo",)))
    assert problems == [
        "POST /bills: query parameter organisation is not in the OpenAPI files",
        "POST /bills: query parameter organization_id is required and missing",
        "POST /bills: file photo is not in the OpenAPI files",
        "POST /bills: request property vendor_id has another type (int instead of string)",
        "POST /bills: request property line_items[0].rate has another type (str instead of number)",
        "POST /bills: request property line_items[0].tax_id does not exist in this edition (us)",
        "POST /bills: request property line_items[0].colour is not in the OpenAPI files",
        "POST /bills: request property bill_number is required and missing",
        "POST /bills: request property notes has another type (null)",
    ]


def test_a_wrong_answer_is_named() -> None:
    answer = {"code": 0, "message": "", "bill": {"bill_id": 9820, "sum": 1}}
    assert check_exchange(exchange(status=200, response_json=answer)) == [
        "POST /bills: the status is 200 instead of 201",
        "POST /bills: answer property bill.bill_id has another type (int instead of string)",
        "POST /bills: answer property bill.sum is not in the OpenAPI files",
    ]


def test_an_error_answer_is_the_bare_envelope() -> None:
    assert check_exchange(exchange(status=400, response_json={"code": 4, "message": "Invalid value"})) == []
    problems = check_exchange(exchange(status=400, response_json={"error": "x"}))
    assert problems == ["POST /bills: the error answer 400 is no envelope of a code and a message"]


def test_a_documented_deviation_passes() -> None:
    row = {"organization_id": "10234695", "version": "us", "fiscal_year_start_month": "april"}
    answer = {"code": 0, "message": "success", "organizations": [row]}
    asked: dict[str, Any] = {"method": "GET", "path": "/organizations", "query": {}, "request_json": None}
    assert check_exchange(exchange(**asked, status=200, response_json=answer)) == []
