"""Currencies: rates, base amounts, decimals, and what belongs to one currency only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


def exact(answer: Any, name: str) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = simplejson.loads(answer.text, use_decimal=True)[name]
    return record


def euro(zoho: Zoho) -> dict[str, Any]:
    return zoho.books.add_currency(zoho.organization, "EUR", exchange_rate=Decimal("1.08"))


def test_the_rate_that_is_sent_is_kept_and_base_amounts_follow_it(zoho: Zoho, card: dict[str, Any]) -> None:
    currency = {"currency_id": euro(zoho)["currency_id"], "exchange_rate": 1.1}
    zoho.organization.multi_currency_per_contact = True
    bill = exact(zoho.post_bill(**currency), "bill")
    assert (bill["exchange_rate"], bill["currency_code"]) == (Decimal("1.1"), "EUR")
    assert bill["line_items"][0]["bcy_rate"] == Decimal("13.57")
    journal = exact(zoho.call("POST", "/journals", json=zoho.journal(card, **currency)), "journal")
    assert (journal["exchange_rate"], journal["bcy_total"]) == (Decimal("1.1"), Decimal("13.57"))
    assert [line["bcy_amount"] for line in journal["line_items"]] == [Decimal("13.57")] * 2
    credit = exact(zoho.call("POST", "/vendorcredits", json=zoho.credit(**currency)), "vendor_credit")
    assert credit["exchange_rate"] == Decimal("1.1")


def test_without_a_rate_the_currencys_own_counts_and_the_base_currency_has_none(zoho: Zoho) -> None:
    zoho.organization.multi_currency_per_contact = True
    euros = euro(zoho)["currency_id"]
    assert exact(zoho.post_bill(currency_id=euros), "bill")["exchange_rate"] == Decimal("1.08")
    assert exact(zoho.post_bill("EXP-2", exchange_rate=5), "bill")["exchange_rate"] == 1
    wrong = zoho.post_bill("EXP-3", currency_id=euros, exchange_rate=0)
    assert refusal(wrong) == (400, "Invalid value passed for exchange_rate")


def test_three_decimals_are_kept_where_the_currency_has_them(zoho: Zoho, card: dict[str, Any]) -> None:
    dinar = zoho.books.add_currency(zoho.organization, "KWD", price_precision=3, exchange_rate=Decimal("3.25"))
    body = zoho.journal(card, Decimal("1.234"), currency_id=dinar["currency_id"])
    journal = exact(zoho.call("POST", "/journals", json=body), "journal")
    assert (journal["total"], journal["price_precision"]) == (Decimal("1.234"), 3)


@pytest.mark.parametrize(("code", "amount", "decimals"), [("JPY", 1200.5, 0), ("USD", 12.345, 2)])
def test_more_decimals_than_the_currency_has_are_rounded_or_refused(
    zoho: Zoho, card: dict[str, Any], code: str, amount: float, decimals: int
) -> None:
    currency = {"currency_id": zoho.organization.currency(code)["currency_id"]}
    zoho.organization.multi_currency_per_contact = True
    refused = (400, f"An amount in {code} has {decimals} decimals.")
    lines = [{"account_id": zoho.meals["account_id"], "rate": amount}]
    assert zoho.post_bill(line_items=lines, **currency).status_code == 201
    zoho.books.settings.bills_refuse_excess_decimals = True
    assert refusal(zoho.post_bill("EXP-2", line_items=lines, **currency)) == refused
    journal = zoho.journal(card, amount, **currency)
    assert refusal(zoho.call("POST", "/journals", json=journal)) == refused
    zoho.books.settings.journals_refuse_excess_decimals = False
    assert zoho.call("POST", "/journals", json=journal).status_code == 201


def test_a_vendor_credit_in_another_currency_than_the_vendors_is_refused_or_taken(zoho: Zoho) -> None:
    body = zoho.credit(currency_id=euro(zoho)["currency_id"])
    wrong = (400, "The currency of the transaction differs from USD, the currency of Ada Example.")
    assert refusal(zoho.call("POST", "/vendorcredits", json=body)) == wrong
    zoho.organization.multi_currency_per_contact = True
    assert zoho.call("POST", "/vendorcredits", json=body).status_code == 201


def test_an_account_of_a_foreign_currency_takes_no_other(zoho: Zoho, card: dict[str, Any]) -> None:
    euros = euro(zoho)["currency_id"]
    card |= {"currency_id": euros, "currency_code": "EUR"}
    wrong = (400, "The account Corporate Card takes only transactions in EUR.")
    assert refusal(zoho.call("POST", "/journals", json=zoho.journal(card))) == wrong
    answer = zoho.call("POST", "/journals", json=zoho.journal(card, currency_id=euros))
    assert answer.status_code == 201
    zoho.books.settings.bound_accounts_need_their_currency = False
    assert zoho.call("POST", "/journals", json=zoho.journal(card)).status_code == 201


def test_an_unknown_currency_is_refused(zoho: Zoho, card: dict[str, Any]) -> None:
    wrong = (400, "Invalid value passed for currency_id")
    assert refusal(zoho.post_bill(currency_id="1")) == wrong
    assert refusal(zoho.call("POST", "/journals", json=zoho.journal(card, currency_id="1"))) == wrong
