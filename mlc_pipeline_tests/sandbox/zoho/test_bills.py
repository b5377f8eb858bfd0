"""Bills of the sandbox: what is refused, how totals are computed, which numbers are free."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.sandbox.zoho import Organization
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho

DUPLICATE = "A bill with this number has already been created for this vendor. Please check and try again."


def refusal(answer: Any) -> tuple[int, int, str]:
    return answer.status_code, answer.json()["code"], answer.json()["message"]


def test_a_bill_is_created_with_the_totals_that_the_server_computes(zoho: Zoho) -> None:
    lines = [
        {"account_id": zoho.meals["account_id"], "rate": 10.10, "quantity": 3},
        {"account_id": zoho.travel["account_id"], "rate": 0.335},
    ]
    answer = zoho.post_bill(line_items=lines)
    assert answer.status_code == 201
    content = answer.json()
    assert (content["code"], content["message"]) == (0, "The bill has been created.")
    bill = content["bill"]
    assert [line["item_total"] for line in bill["line_items"]] == [30.3, 0.34]
    assert (bill["sub_total"], bill["total"], bill["balance"], bill["status"]) == (30.64, 30.64, 30.64, "open")
    assert '"total": 30.64' in answer.text
    assert zoho.call("GET", f"/bills/{bill['bill_id']}").json()["bill"] == bill


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rates=st.lists(st.decimals(-999, 99999, places=2), min_size=1, max_size=8))
def test_the_total_is_the_exact_sum_of_the_cents(zoho: Zoho, rates: list[Decimal]) -> None:
    zoho.books.limits.enforced = False
    zoho.organization.bills.clear()
    lines = [{"account_id": zoho.meals["account_id"], "rate": rate} for rate in rates]
    answer = zoho.post_bill(line_items=lines)
    if sum(rates) < 0:
        assert refusal(answer)[::2] == (400, "The total cannot be negative.")
    else:
        bill = simplejson.loads(answer.text, use_decimal=True)["bill"]
        assert bill["total"] == sum(rates) == sum(line["item_total"] for line in bill["line_items"])


def test_yen_have_no_decimals(zoho: Zoho) -> None:
    zoho.organization.multi_currency_per_contact = True
    yen = zoho.organization.currency("JPY")["currency_id"]
    lines = [{"account_id": zoho.meals["account_id"], "rate": 1200.5}]
    bill = zoho.post_bill(currency_id=yen, line_items=lines).json()["bill"]
    assert (bill["total"], bill["price_precision"], bill["exchange_rate"]) == (1201, 0, 0.0067)


def test_a_currency_other_than_the_vendors_is_refused_without_the_preference(zoho: Zoho) -> None:
    yen = zoho.organization.currency("JPY")["currency_id"]
    answer = zoho.post_bill(currency_id=yen)
    expected = "The currency of the transaction differs from USD, the currency of Ada Example."
    assert refusal(answer)[::2] == (400, expected)


@pytest.mark.parametrize("number", ["EXP-1001", "  EXP-1001 ", "exp-1001"])
def test_a_number_is_taken_once_per_vendor_trimmed_and_case_folded(zoho: Zoho, number: str) -> None:
    assert zoho.post_bill("EXP-1001").status_code == 201
    assert refusal(zoho.post_bill(number)) == (400, 13011, DUPLICATE)
    other = zoho.books.add_contact(zoho.organization, "Ben Example")
    assert zoho.post_bill(number, vendor_id=other["contact_id"]).status_code == 201
    assert zoho.post_bill("EXP1001").status_code == 201


@pytest.mark.parametrize("blocks", [True, False])
def test_a_void_bill_blocks_its_number_or_not(zoho: Zoho, blocks: bool) -> None:
    zoho.books.settings.void_bill_blocks_number = blocks
    bill_id = zoho.post_bill().json()["bill"]["bill_id"]
    assert zoho.call("POST", f"/bills/{bill_id}/status/void").json()["message"] == (
        "The bill has been marked as void."
    )
    assert zoho.call("GET", f"/bills/{bill_id}").json()["bill"]["status"] == "void"
    assert zoho.post_bill().status_code == (400 if blocks else 201)


def test_a_deleted_bill_is_gone_and_its_number_free(zoho: Zoho) -> None:
    bill_id = zoho.post_bill().json()["bill"]["bill_id"]
    assert zoho.call("DELETE", f"/bills/{bill_id}").json() == {"code": 0, "message": "The bill has been deleted."}
    assert refusal(zoho.call("GET", f"/bills/{bill_id}")) == (404, 1002, "Bill does not exist.")
    assert zoho.post_bill().status_code == 201


def test_an_update_replaces_the_lines_and_keeps_the_identity(zoho: Zoho) -> None:
    created = zoho.post_bill().json()["bill"]
    lines = [{"account_id": zoho.travel["account_id"], "rate": 20}]
    answer = zoho.call("PUT", f"/bills/{created['bill_id']}", json=zoho.bill(line_items=lines))
    assert answer.status_code == 200
    updated = answer.json()["bill"]
    assert (updated["bill_id"], updated["total"], len(updated["line_items"])) == (created["bill_id"], 20, 1)


REFUSED: list[tuple[dict[str, Any], tuple[int, int, str]]] = [
    ({"vendor_id": "1"}, (400, 4, "Invalid value passed for vendor_id")),
    ({"vendor_id": 982000000026003}, (400, 4, "Invalid value passed for vendor_id")),
    ({"bill_number": " "}, (400, 4, "Invalid value passed for bill_number")),
    ({"is_draft": True}, (400, 4, "Invalid value passed for is_draft")),
    ({"date": "27/02/2026"}, (400, 4, "Invalid value passed for date")),
    ({"notes": None}, (400, 4, "Invalid value passed for notes")),
    ({"line_items": [{"rate": 1}]}, (400, 13009, "The account field cannot be empty")),
    ({"line_items": [{"rate": 1, "account_id": "1"}]}, (400, 4, "Invalid value passed for account_id")),
    ({"line_items": [{"rate": "1.00"}]}, (400, 4, "Invalid value passed for rate")),
    ({"line_items": [{"tax_id": "1"}]}, (400, 4, "Invalid value passed for tax_id")),
    ({"tags": [{"tag_id": "1", "tag_option_id": "2"}]}, (400, 4, "Invalid value passed for tag_id")),
    ({"gst_no": "22AAAAA0000A1Z5"}, (400, 4, "Invalid value passed for gst_no")),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED)
def test_a_wrong_bill_is_refused_with_the_name_of_the_field(
    zoho: Zoho, change: dict[str, Any], expected: tuple[int, int, str]
) -> None:
    assert refusal(zoho.post_bill(**change)) == expected
    assert not zoho.organization.bills


@pytest.mark.parametrize("missing", ["vendor_id", "bill_number"])
def test_a_required_field_that_is_missing_is_called_invalid(zoho: Zoho, missing: str) -> None:
    body = zoho.bill()
    del body[missing]
    expected = (400, 4, f"Invalid value passed for {missing}")
    assert refusal(zoho.call("POST", "/bills", json=body)) == expected


def test_inactive_and_unfit_accounts_and_vendors_are_refused(zoho: Zoho) -> None:
    payable = zoho.books.add_account(zoho.organization, "Accounts Payable", account_type="accounts_payable")
    lines = [{"account_id": payable["account_id"], "rate": 1}]
    assert refusal(zoho.post_bill(line_items=lines))[2] == (
        "The account Accounts Payable cannot be used in bills."
    )
    zoho.meals["is_active"] = False
    assert refusal(zoho.post_bill())[2] == "The account Meals and Entertainment is inactive."
    zoho.meals["is_active"] = True
    zoho.vendor["status"] = "inactive"
    assert refusal(zoho.post_bill())[2] == "The vendor Ada Example is inactive."
    zoho.vendor |= {"status": "active", "contact_type": "customer"}
    assert refusal(zoho.post_bill())[2] == "The contact Ada Example is not a vendor."


def test_a_negative_line_is_taken_or_refused(zoho: Zoho) -> None:
    lines = [
        {"account_id": zoho.meals["account_id"], "rate": 10},
        {"account_id": zoho.meals["account_id"], "rate": -4},
    ]
    assert zoho.post_bill(line_items=lines).json()["bill"]["total"] == 6
    zoho.books.settings.negative_bill_lines = False
    expected = "The rate of a line item cannot be negative."
    assert refusal(zoho.post_bill("EXP-2", line_items=lines))[2] == expected


@pytest.mark.parametrize(("day", "inclusive", "status"), [
    ("2026-01-30", False, 400), ("2026-01-31", False, 201), ("2026-01-31", True, 400), ("2026-02-01", True, 201),
])  # fmt: skip
def test_a_locked_date_is_refused(zoho: Zoho, day: str, inclusive: bool, status: int) -> None:
    zoho.books.settings.lock_includes_its_date = inclusive
    zoho.organization.locks.append({"modules": ["purchase"], "transaction_lock_date": "2026-01-31"})
    assert zoho.post_bill(date=day).status_code == status


@pytest.mark.parametrize("inclusive", [False, True])
def test_taxes_are_computed_per_rate_and_rounded_half_up(zoho: Zoho, inclusive: bool) -> None:
    german = zoho.books.add_organization(
        Organization("20111111", "Beispiel GmbH", edition="eu", currency_code="EUR")
    )
    account = zoho.books.add_account(german, "Reisekosten")
    vendor = zoho.books.add_contact(german, "Ida Example")
    tax_id = zoho.books.new_id()
    german.taxes[tax_id] = {"tax_id": tax_id, "tax_name": "USt 19", "tax_percentage": 19}
    lines = [{"account_id": account["account_id"], "rate": 33.35, "tax_id": tax_id}]
    body = zoho.bill(vendor_id=vendor["contact_id"], line_items=lines, is_inclusive_tax=inclusive)
    answer = zoho.call("POST", "/bills", json=body, organization_id="20111111")
    bill = simplejson.loads(answer.text, use_decimal=True)["bill"]
    divisor = 119 if inclusive else 100
    expected = (Decimal("33.35") * 19 / divisor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert bill["tax_total"] == expected
    assert bill["total"] == (Decimal("33.35") if inclusive else Decimal("33.35") + expected)


def test_an_adjustment_needs_its_description(zoho: Zoho) -> None:
    assert refusal(zoho.post_bill(adjustment=0.01))[2] == "Describe the adjustment."
    bill = zoho.post_bill(adjustment=0.01, adjustment_description="Rounding").json()["bill"]
    assert bill["total"] == 12.35


def test_bills_become_overdue_only_where_the_settings_say_so(zoho: Zoho) -> None:
    bill_id = zoho.post_bill(due_date="2026-02-28").json()["bill"]["bill_id"]
    assert zoho.call("GET", f"/bills/{bill_id}").json()["bill"]["status"] == "open"
    zoho.books.settings.bills_become_overdue = True
    assert zoho.call("GET", f"/bills/{bill_id}").json()["bill"]["status"] == "overdue"
    assert [row["bill_id"] for row in zoho.call("GET", "/bills", status="overdue").json()["bills"]] == [bill_id]
