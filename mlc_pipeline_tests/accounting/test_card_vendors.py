"""Whom the bill for a company card is owed to, and which account journals for employees credit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mlc_pipeline.accounting.mapping import (
    ChartOfAccounts,
    Resolution,
    Vendor,
    Vendors,
    resolve_card_vendor,
    resolve_payable,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline_tests.accounting.books import AMEX, OTHER

BANK = Vendor("V-bank", "Bank of Example", "", "USD", is_active=True)
CARD = Vendor("V-amex", "Amex Example", "", "", is_active=True)


def resolve(
    card: str, bank: str = "", configured: Mapping[str, str] | None = None, *vendors: Vendor, currency: str = "USD"
) -> Resolution:
    return resolve_card_vendor(card, bank, currency, configured or {}, Vendors(vendors or (BANK, CARD)))


def refusal(answer: Resolution) -> tuple[str, str]:
    assert answer.problem is not None
    return answer.problem.code, answer.problem.message


@pytest.mark.parametrize("key", ["Gold", "gold", "Bank B", "default"])
def test_the_configured_vendor_goes_first_by_card_then_bank_then_default(key: str) -> None:
    answer = resolve("Gold", "Bank B", {key: "bank of example"})
    assert answer == Resolution("override", "V-bank", "", "Bank of Example", detail="USD")


def test_without_one_a_vendor_named_like_the_card_or_the_bank_is_taken() -> None:
    assert resolve("Amex Example").target_id == "V-amex"
    assert resolve("Gold", "Bank of Example").how == "name"


def test_without_any_the_sentence_says_which_key_to_write() -> None:
    code, message = refusal(resolve("Gold"))
    assert code == Reason.UNMAPPED_CARD
    assert 'posting.company_card_vendors: {"Gold":' in message


def test_a_configured_vendor_that_is_missing_inactive_or_there_twice_is_said() -> None:
    configured = {"default": "Bank of Example"}
    assert refusal(resolve("Gold", "", configured, CARD))[0] == Reason.VENDOR_MISSING
    assert refusal(resolve("Gold", "", configured, replace(BANK, is_active=False)))[0] == Reason.INACTIVE_VENDOR
    twins = resolve("Gold", "", configured, BANK, replace(BANK, vendor_id="V-2"))
    assert refusal(twins)[0] == Reason.VENDOR_AMBIGUOUS


@pytest.mark.parametrize("configured", [{"default": "Bank of Example"}, {}])
def test_a_report_in_another_currency_is_owed_to_the_vendor_of_that_name_in_the_currency(
    configured: dict[str, str],
) -> None:
    euro = replace(BANK, vendor_id="V-eur", name="Bank of Example (EUR)", currency="EUR")
    answer = resolve("", "Bank of Example", configured, euro, BANK, currency="EUR")
    assert (answer.target_id, answer.target_name, answer.detail) == ("V-eur", "Bank of Example (EUR)", "EUR")
    same_name = replace(euro, name="bank of example")
    assert resolve("", "Bank of Example", configured, BANK, same_name, currency="EUR").target_id == "V-eur"
    code, message = refusal(resolve("", "Bank of Example", configured, BANK, currency="EUR"))
    assert code == Reason.CURRENCY_MISMATCH
    assert message == (
        "The vendor “Bank of Example” is kept in USD, the report is in EUR: add a vendor named “Bank of Example "
        "(EUR)” in EUR in Zoho Books."
    )
    closed = replace(euro, is_active=False)
    assert refusal(resolve("", "Bank of Example", configured, BANK, closed, currency="EUR")) == (
        Reason.INACTIVE_VENDOR,
        "The vendor “Bank of Example (EUR)” is inactive in Zoho Books: activate it.",
    )


def test_a_vendor_whose_currency_is_not_said_fits_every_report() -> None:
    assert resolve("Amex Example", currency="JPY").target_id == "V-amex"


def test_the_account_of_journals_for_employees_comes_with_its_type() -> None:
    payable = replace(OTHER, account_id="A-2100", code="2100", type="accounts_payable")
    chart = ChartOfAccounts((AMEX, payable))
    assert resolve_payable("2100", chart).detail == "accounts_payable"
    assert refusal(resolve_payable("77", chart))[0] == Reason.UNMAPPED_PAYABLE
