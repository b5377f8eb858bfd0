"""Taxes: their lists, what a bill makes of them, and the rules of the editions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from mlc_pipeline.sandbox.zoho import Organization
from mlc_pipeline.sandbox.zoho.records import add_tax, add_tax_group
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


@pytest.fixture
def german(zoho: Zoho) -> Zoho:
    organization = Organization("20111111", "Beispiel GmbH", edition="eu", currency_code="EUR")
    zoho.books.add_organization(organization)
    return _moved(zoho, organization)


@pytest.fixture
def indian(zoho: Zoho) -> Zoho:
    organization = Organization("60111111", "Example Ltd", edition="in", currency_code="INR", state_code="KA")
    zoho.books.add_organization(organization)
    return _moved(zoho, organization)


def _moved(zoho: Zoho, organization: Organization) -> Zoho:
    zoho.organization_id = organization.organization_id
    zoho.meals = zoho.books.add_account(organization, "Meals")
    zoho.vendor = zoho.books.add_contact(organization, "Ida Example")
    return zoho


def tax_lines(zoho: Zoho, tax: dict[str, Any], *rates: Any, **facts: Any) -> list[dict[str, Any]]:
    account_id = zoho.meals["account_id"]
    return [{"account_id": account_id, "rate": rate, "tax_id": tax["tax_id"], **facts} for rate in rates]


def posted(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    bill: dict[str, Any] = simplejson.loads(answer.text, use_decimal=True)["bill"]
    return bill


def test_taxes_and_groups_are_listed_and_read_alone(german: Zoho) -> None:
    simple = add_tax(german.books, german.organization, "USt 19", 19)
    other = add_tax(german.books, german.organization, "Abgabe", 1, tax_type="compound_tax")
    group = add_tax_group(german.books, german.organization, "Beide", [simple, other])
    rows = german.call("GET", "/settings/taxes").json()["taxes"]
    assert [(row["tax_name"], row["tax_type"], row["tax_percentage"]) for row in rows] == [
        ("USt 19", "tax", 19), ("Abgabe", "compound_tax", 1), ("Beide", "tax_group", 20),
    ]  # fmt: skip
    (tax,) = german.call("GET", f"/settings/taxes/{simple['tax_id']}").json()["tax"]
    assert tax["tax_name"] == "USt 19"
    read = german.call("GET", f"/settings/taxgroups/{group['tax_id']}").json()["tax_group"]
    assert [member["tax_name"] for member in read["taxes"]] == ["USt 19", "Abgabe"]
    for path in (f"/settings/taxes/{group['tax_id']}", f"/settings/taxgroups/{simple['tax_id']}"):
        assert german.call("GET", path).status_code == 404


def test_a_tax_can_be_made_once_taxes_are_enabled(german: Zoho) -> None:
    body = {"tax_name": "USt 7", "tax_percentage": 7, "tax_type": "tax"}
    german.organization.tax_enabled = False
    assert german.call("POST", "/settings/taxes", json=body).json()["code"] == 110817
    german.organization.tax_enabled = True
    assert german.call("POST", "/settings/taxes", json=body).status_code == 201
    assert [tax["tax_name"] for tax in german.organization.taxes.values()] == ["USt 7"]


def test_a_us_organization_takes_no_tax_on_a_bill(zoho: Zoho) -> None:
    tax = add_tax(zoho.books, zoho.organization, "Sales Tax", 8)
    answer = zoho.post_bill(line_items=tax_lines(zoho, tax, 10))
    assert refusal(answer) == (400, "Invalid value passed for tax_id")
    assert refusal(zoho.post_bill(is_inclusive_tax=True)) == (400, "Invalid value passed for is_inclusive_tax")


@pytest.mark.parametrize(("per_line", "tax_total"), [(True, "0.06"), (False, "0.05")])
def test_taxes_on_top_are_rounded_per_line_or_in_the_total(german: Zoho, per_line: bool, tax_total: str) -> None:
    tax = add_tax(german.books, german.organization, "USt 7", 7)
    lines = tax_lines(german, tax, 0.22, 0.22, 0.22)
    german.books.settings.tax_rounded_per_line = per_line
    bill = posted(german.post_bill(line_items=lines))
    assert (bill["sub_total"], bill["tax_total"]) == (Decimal("0.66"), Decimal(tax_total))
    said = posted(german.post_bill("EXP-2", line_items=lines, is_item_level_tax_calc=not per_line))
    assert said["tax_total"] != bill["tax_total"]


@pytest.mark.parametrize("per_line", [True, False])
def test_contained_taxes_leave_the_total_as_it_is(german: Zoho, per_line: bool) -> None:
    german.books.settings.tax_rounded_per_line = per_line
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    lines = tax_lines(german, tax, 0.33, 0.33, 0.33)
    bill = posted(german.post_bill(line_items=lines, is_inclusive_tax=True))
    assert bill["total"] == Decimal("0.99")
    assert bill["sub_total"] + bill["tax_total"] == Decimal("0.99")
    assert bill["tax_total"] == Decimal("0.15" if per_line else "0.16")
    assert [line["item_total"] for line in bill["line_items"]] == [Decimal("0.28")] * 3
    assert [line["item_total_inclusive_of_tax"] for line in bill["line_items"]] == [Decimal("0.33")] * 3


def test_an_inclusive_line_may_show_its_gross_amount(german: Zoho) -> None:
    german.books.settings.inclusive_lines_show_net = False
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    bill = posted(german.post_bill(line_items=tax_lines(german, tax, 119), is_inclusive_tax=True))
    assert (bill["line_items"][0]["item_total"], bill["sub_total"], bill["total"]) == (119, 100, 119)


def test_the_other_reading_of_inclusive_puts_the_tax_on_top(german: Zoho) -> None:
    german.books.settings.inclusive_rates_contain_tax = False
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    bill = posted(german.post_bill(line_items=tax_lines(german, tax, 100), is_inclusive_tax=True))
    assert (bill["sub_total"], bill["tax_total"], bill["total"]) == (100, 19, 119)


def test_an_adjustment_closes_a_cent(german: Zoho) -> None:
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    lines = tax_lines(german, tax, 8.39)
    wanted = {"adjustment": 0.02, "adjustment_description": "Rounding"}
    bill = posted(german.post_bill(line_items=lines, **wanted))
    assert (bill["tax_total"], bill["adjustment"], bill["total"]) == (
        Decimal("1.59"), Decimal("0.02"), Decimal("10.00"),
    )  # fmt: skip
    del wanted["adjustment_description"]
    assert refusal(german.post_bill("EXP-2", line_items=lines, **wanted)) == (400, "Describe the adjustment.")


def test_a_group_is_split_into_its_members_and_a_compound_tax_taxes_the_other(german: Zoho) -> None:
    simple = add_tax(german.books, german.organization, "State", 10)
    compound = add_tax(german.books, german.organization, "City", 5, tax_type="compound_tax")
    group = add_tax_group(german.books, german.organization, "Both", [compound, simple])
    bill = posted(german.post_bill(line_items=tax_lines(german, group, 100)))
    assert [(tax["tax_name"], tax["tax_amount"]) for tax in bill["taxes"]] == [
        ("State", "10.00"), ("City", "5.50"),
    ]  # fmt: skip
    assert bill["total"] == Decimal("115.50")


def test_a_vendor_credit_has_taxes_too(german: Zoho) -> None:
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    body = german.credit(line_items=tax_lines(german, tax, 119), is_inclusive_tax=True)
    credit = german.call("POST", "/vendorcredits", json=body).json()["vendor_credit"]
    assert (credit["sub_total"], credit["total"]) == (100, 119)


def test_an_unknown_tax_is_refused_everywhere(german: Zoho) -> None:
    lines = tax_lines(german, {"tax_id": "1"}, 10)
    card = german.books.add_account(german.organization, "Card", account_type="credit_card")
    journal = german.journal(card)
    journal["line_items"][0]["tax_id"] = "1"
    for path, body in (
        ("/bills", german.bill(line_items=lines)),
        ("/vendorcredits", german.credit(line_items=lines)),
        ("/journals", journal),
    ):
        assert refusal(german.call("POST", path, json=body)) == (400, "Invalid value passed for tax_id")


def test_a_tax_on_a_journal_line_comes_on_top_of_its_side_or_is_refused(german: Zoho) -> None:
    tax = add_tax(german.books, german.organization, "USt 19", 19)
    card = german.books.add_account(german.organization, "Card", account_type="credit_card")
    body = german.journal(card, 100)
    body["line_items"][0]["tax_id"] = tax["tax_id"]
    unbalanced = (400, "The debits and credits of the journal must be equal.")
    assert refusal(german.call("POST", "/journals", json=body)) == unbalanced
    body["line_items"][1]["amount"] = 119
    journal = german.call("POST", "/journals", json=body).json()["journal"]
    assert (journal["total"], journal["line_item_total"]) == (119, 100)
    assert journal["taxes"] == [{"tax_name": "USt 19", "tax_amount": 19, "debit_or_credit": "debit"}]
    german.books.settings.journals_take_taxes = False
    answer = german.call("POST", "/journals", json=body).json()
    assert answer == {"code": 110942, "message": "Tax not supported."}


@pytest.mark.parametrize(("treatment", "settings", "code"), [
    ("business_none", {}, 71512),
    ("", {}, 71512),
    ("", {"vendors_without_gst_treatment_are_unregistered": False}, 0),
    ("consumer", {}, 0),
    ("consumer", {"consumers_need_reverse_charge": True}, 71512),
    ("business_gst", {}, 0),
])  # fmt: skip
def test_indias_unregistered_vendors_need_reverse_charge(
    indian: Zoho, treatment: str, settings: dict[str, bool], code: int
) -> None:
    indian.vendor["gst_treatment"] = treatment
    for name, value in settings.items():
        setattr(indian.books.settings, name, value)
    assert indian.post_bill().json()["code"] == code


def test_reverse_charge_goes_without_a_tax(indian: Zoho) -> None:
    tax = add_tax(indian.books, indian.organization, "IGST18", 18, tax_specific_type="igst")
    reverse = {"reverse_charge_tax_id": tax["tax_id"]}
    both = tax_lines(indian, tax, 10, **reverse)
    assert indian.post_bill(line_items=both).json()["code"] == 71510
    only_tax = tax_lines(indian, tax, 10)
    assert indian.post_bill(line_items=only_tax).json()["code"] == 71512
    only_reverse = [{"account_id": indian.meals["account_id"], "rate": 10, **reverse}]
    assert posted(indian.post_bill(line_items=only_reverse))["total"] == 10


def test_an_exempt_line_needs_no_reverse_charge_or_does(indian: Zoho) -> None:
    lines = [{"account_id": indian.meals["account_id"], "rate": 10, "tax_exemption_code": "OUT OF SCOPE"}]
    assert indian.post_bill(line_items=lines).status_code == 201
    indian.books.settings.exempt_lines_need_reverse_charge = True
    assert indian.post_bill("EXP-2", line_items=lines).json()["code"] == 71512


@pytest.mark.parametrize(("source", "kind", "message"), [
    ("TN", "cgst", "IGST has to be applied as this is an interstate transaction"),
    ("KA", "igst", "IGST cannot be applied as this is an intrastate transaction"),
    ("TN", "igst", None), ("KA", "cgst", None),
])  # fmt: skip
def test_the_tax_of_india_must_fit_the_states(indian: Zoho, source: str, kind: str, message: str | None) -> None:
    indian.vendor["gst_treatment"] = "business_gst"
    central = add_tax(indian.books, indian.organization, "CGST9", 9, tax_specific_type="cgst")
    state = add_tax(indian.books, indian.organization, "SGST9", 9, tax_specific_type="sgst")
    group = add_tax_group(indian.books, indian.organization, "GST18", [central, state])
    interstate = add_tax(indian.books, indian.organization, "IGST18", 18, tax_specific_type="igst")
    lines = tax_lines(indian, group if kind == "cgst" else interstate, 100)
    answer = indian.post_bill(line_items=lines, source_of_supply=source)
    if message:
        assert answer.json() == {"code": 3032, "message": message}
    else:
        assert posted(answer)["total"] == 118


def test_a_journal_of_india_takes_states_and_forgets_them(indian: Zoho) -> None:
    card = indian.books.add_account(indian.organization, "Card", account_type="credit_card")
    states = {"source_of_supply": "TN", "destination_of_supply": "KA"}
    answer = indian.call("POST", "/journals", json=indian.journal(card, **states))
    assert answer.status_code == 201
    assert not states.keys() & answer.json()["journal"].keys()
    indian.organization.edition = "eu"
    wrong = indian.call("POST", "/journals", json=indian.journal(card, **states))
    assert refusal(wrong) == (400, "Invalid value passed for source_of_supply")


def test_the_emirates_are_one_of_the_states_of_the_gulf(german: Zoho) -> None:
    line = {"account_id": german.meals["account_id"], "rate": 10, "tax_treatment_code": "uae_reimbursed_expense"}
    assert german.post_bill("EXP-1", line_items=[line]).status_code == 400
    german.organization.edition = "uae"
    assert posted(german.post_bill("EXP-1", line_items=[line]))["total"] == 10
