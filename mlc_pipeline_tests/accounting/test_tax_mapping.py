"""Each rule by which an Expensify tax finds Zoho's tax and the account of a journal, and each reason why not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlc_pipeline.accounting.mapping import (
    NOTHING,
    ChartOfAccounts,
    ExpenseTax,
    Resolution,
    Tax,
    TaxOverride,
    TaxRules,
    resolve_tax,
    resolve_tax_account,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline_tests.accounting.books import BANK

VAT20 = Tax("X-20", "VAT 20%", Decimal(20))
VAT5 = Tax("X-5", "VAT 5%", Decimal("5.0"))
TAXES = (VAT20, VAT5)


def resolve(name: str, rate: str = "", code: str = "", *taxes: Tax, **override: TaxOverride) -> Resolution:
    rules = TaxRules(override)
    return resolve_tax(ExpenseTax(name, rate, code), taxes or TAXES, rules)


def refusal(answer: Resolution, code: Reason = Reason.UNMAPPED_TAX) -> str:
    assert answer.problem is not None
    assert answer.target_id == ""
    assert answer.problem.code == code
    return answer.problem.message


@pytest.mark.parametrize("name", ["VAT 20%", "vat  20%"])
def test_a_tax_of_the_same_name_is_taken(name: str) -> None:
    assert resolve(name, "5%") == Resolution("name", "X-20", "", "VAT 20%", detail="20")


def test_then_one_that_is_named_like_the_code() -> None:
    answer = resolve("Standard", "", "VAT 5%")
    assert (answer.how, answer.target_id, answer.detail) == ("code", "X-5", "5")


@pytest.mark.parametrize("rate", ["20%", "20", "20.0 %", "20,00%"])
def test_then_the_only_active_one_with_the_rate(rate: str) -> None:
    answer = resolve("Standard", rate)
    assert (answer.how, answer.target_id) == ("percentage", "X-20")


@pytest.mark.parametrize("rate", ["", "twenty", "0.2", "1e1", "-20%"])
def test_a_rate_that_is_another_or_cannot_be_read_finds_nothing(rate: str) -> None:
    assert "is none of the taxes in Zoho Books" in refusal(resolve("Standard", rate))


def test_two_taxes_with_the_rate_are_not_chosen_from() -> None:
    twin = Tax("X-20b", "GST 20%", Decimal(20))
    assert "(2 have this rate)" in refusal(resolve("Standard", "20%", "", VAT20, twin))
    inactive = Tax("X-20b", "GST 20%", Decimal(20), is_active=False)
    assert resolve("Standard", "20%", "", VAT20, inactive).target_id == "X-20"


def test_an_inactive_tax_of_the_name_is_not_replaced_by_another_of_the_rate() -> None:
    closed = Tax("X-old", "Standard", Decimal(20), is_active=False)
    answer = resolve("Standard", "20%", "", closed, VAT20)
    assert "is inactive in Zoho Books" in refusal(answer, Reason.INACTIVE_TAX)


@pytest.mark.parametrize("key", ["Standard", "standard", "V20"])
def test_an_override_by_name_or_code_goes_before_everything(key: str) -> None:
    answer = resolve("Standard", "20%", "V20", **{key: TaxOverride("VAT 5%")})
    assert (answer.how, answer.target_id) == ("override", "X-5")


def test_a_tax_without_a_name_is_overridden_by_its_rate_as_it_is_printed() -> None:
    override = {"7 %": TaxOverride("VAT 5%")}
    assert resolve("", "7 %", "", **override).target_id == "X-5"
    assert resolve(" ", " 7  % ", "V7", **override).target_id == "X-5"
    assert "is none of the taxes" in refusal(resolve("Reduced", "7 %", "", **override))


@pytest.mark.parametrize(
    ("rate", "code", "advice"),
    [
        ("7%", "", "add an entry “7%” under mapping.taxes"),
        ("7%", "V7", "add an entry “V7” under mapping.taxes"),
        ("", "", "correct the tax in Expensify"),
    ],
)
def test_what_is_said_of_a_tax_without_a_name_can_be_done(rate: str, code: str, advice: str) -> None:
    assert advice in refusal(resolve("", rate, code))


def test_an_override_to_a_tax_that_is_not_there_is_said() -> None:
    message = refusal(resolve("Standard", "20%", Standard=TaxOverride("VAT 21%")))
    assert "mapped in mlc.yaml to “VAT 21%”, a tax that Zoho Books does not have" in message


def test_nothing_is_sent_where_mlc_yaml_says_none() -> None:
    assert resolve("Standard", "20%", Standard=TaxOverride("none")) == NOTHING


def test_nothing_is_sent_in_the_us_or_where_there_are_no_taxes() -> None:
    assert resolve_tax(ExpenseTax("Standard", "20%"), TAXES, TaxRules(edition="us")) == NOTHING
    assert resolve_tax(ExpenseTax("Standard", "20%"), (), TaxRules(edition="uk")) == NOTHING


def test_a_tax_of_zero_that_zoho_does_not_have_needs_none() -> None:
    assert resolve("Exempt", "0%") == NOTHING
    assert resolve("Exempt", "0%", "", Tax("X-0", "Zero", Decimal(0))).target_id == "X-0"


def test_a_journal_books_the_tax_on_the_configured_account_only() -> None:
    chart = ChartOfAccounts((BANK,))
    tax = ExpenseTax("Standard", "20%", "V20")
    found = resolve_tax_account(tax, chart, TaxRules({"V20": TaxOverride(account="1000")}))
    assert found == Resolution("override", "A-1000", "1000", "Checking", detail="bank")
    assert resolve_tax_account(tax, chart, TaxRules({"V20": TaxOverride("VAT 20%")})) is None
    missing = resolve_tax_account(tax, chart, TaxRules({"V20": TaxOverride(account="77")}))
    assert missing is not None
    assert "mapped in mlc.yaml to account code 77" in refusal(missing)
