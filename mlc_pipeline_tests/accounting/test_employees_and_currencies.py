"""Each rule by which an employee finds a vendor and a currency finds its own, and each reason why not."""

from dataclasses import replace

import pytest

from mlc_pipeline.accounting.mapping import (
    Employee,
    EmployeeRules,
    Resolution,
    Vendor,
    Vendors,
    resolve_currency,
    resolve_employee,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline_tests.accounting.books import ANN, DOLLAR, EURO, YEN

NAMED = replace(ANN, email="")
CREATING = EmployeeRules(create=True)
NOT_CREATING = EmployeeRules(create=False)


def resolve(
    *vendors: Vendor,
    email: str = "ann@example.com",
    name: str = "Ann Example",
    number: str = "",
    rules: EmployeeRules = CREATING,
) -> Resolution:
    return resolve_employee(Employee(email, name, "USD", number), Vendors(vendors), rules)


def reason(answer: Resolution) -> str:
    assert answer.problem is not None
    assert (answer.how, answer.target_id) == ("", "")
    return answer.problem.code


def sentence(answer: Resolution) -> str:
    assert answer.problem is not None
    return answer.problem.message


@pytest.mark.parametrize("email", ["ann@example.com", "Ann@Example.COM", " ann@example.com "])
def test_an_employee_is_the_vendor_with_the_same_address_in_any_case(email: str) -> None:
    assert resolve(ANN, email=email, name="Somebody Else") == Resolution("email", "V-ann", "", "Ann Example")


def test_the_address_goes_before_the_name_of_another_vendor() -> None:
    assert resolve(replace(NAMED, vendor_id="V-other"), replace(ANN, name="A. Example")).target_id == "V-ann"


@pytest.mark.parametrize("name", ["Ann Example", "ann example", "Ann  Example ", "Ann\u00a0Example"])
def test_an_employee_is_the_vendor_of_that_name_if_it_has_no_address(name: str) -> None:
    answer = resolve(NAMED, name=name)
    assert (answer.how, answer.target_id) == ("name", "V-ann")


def test_a_vendor_of_that_name_with_another_address_is_somebody_else() -> None:
    answer = resolve(replace(ANN, email="ann.other@example.com"))
    assert reason(answer) == Reason.VENDOR_AMBIGUOUS
    assert sentence(answer) == (
        "Zoho Books has a vendor named “Ann Example” with another e-mail address than ann@example.com: if it is "
        "the same person give that vendor this address, else create a vendor with this address."
    )


def test_one_vendor_of_that_name_with_another_address_is_enough_to_ask() -> None:
    other = replace(ANN, vendor_id="V-other", email="ann.other@example.com")
    assert reason(resolve(NAMED, other)) == Reason.VENDOR_AMBIGUOUS


def test_two_vendors_with_the_address_are_not_chosen_from() -> None:
    answer = resolve(ANN, replace(ANN, vendor_id="V-2", name="Ann E."))
    assert reason(answer) == Reason.VENDOR_AMBIGUOUS
    assert "2 vendors in Zoho Books have the e-mail address ann@example.com: merge them" in sentence(answer)


def test_two_vendors_of_that_name_are_not_chosen_from() -> None:
    answer = resolve(NAMED, replace(NAMED, vendor_id="V-2"))
    assert reason(answer) == Reason.VENDOR_AMBIGUOUS
    assert "2 vendors in Zoho Books have the name “Ann Example”" in sentence(answer)


def test_of_two_vendors_with_the_address_the_only_active_one_is_taken() -> None:
    assert resolve(replace(ANN, is_active=False), replace(ANN, vendor_id="V-2")).target_id == "V-2"


def test_an_inactive_vendor_is_not_posted_to_and_no_second_one_is_made() -> None:
    answer = resolve(replace(ANN, is_active=False))
    assert reason(answer) == Reason.INACTIVE_VENDOR
    assert "The vendor with the e-mail address ann@example.com is inactive" in sentence(answer)


def test_an_employee_whose_vendor_is_kept_in_another_currency_gets_a_second_one() -> None:
    """The number stays with the first."""
    answer = resolve(replace(ANN, currency="EUR", number="E-7"), number="E-7")
    assert answer == Resolution("to_create", "", "", "Ann Example (USD)", detail="USD")


def test_a_second_vendor_is_not_made_while_an_inactive_one_has_the_currency() -> None:
    answer = resolve(replace(ANN, currency="EUR"), replace(ANN, vendor_id="V-2", currency="USD", is_active=False))
    assert reason(answer) == Reason.INACTIVE_VENDOR
    assert "The vendor with the e-mail address ann@example.com in USD is inactive" in sentence(answer)


def test_a_vendor_whose_currency_is_not_said_gives_way_to_one_in_the_currency() -> None:
    assert resolve(ANN, replace(ANN, vendor_id="V-usd", currency="USD")).target_id == "V-usd"


def test_a_vendor_in_another_currency_is_refused_where_vendors_are_not_made() -> None:
    answer = resolve(replace(ANN, currency="EUR"), rules=NOT_CREATING)
    assert reason(answer) == Reason.CURRENCY_MISMATCH
    assert "is kept in EUR, the report is in USD: add a vendor for this employee in USD" in sentence(answer)


def test_of_two_vendors_the_one_in_the_currency_of_the_report_is_taken() -> None:
    euro = replace(ANN, vendor_id="V-eur", currency="EUR")
    dollar = replace(ANN, vendor_id="V-usd", currency="USD")
    assert resolve(euro, dollar).target_id == "V-usd"


def test_a_number_finds_the_vendor_that_has_another_address_and_the_same_name() -> None:
    answer = resolve(replace(ANN, email="ann@old.example", number="E-7"), number="e-7")
    assert (answer.how, answer.target_id) == ("number", "V-ann")


def test_the_address_goes_before_the_number_of_another_vendor() -> None:
    other = replace(ANN, vendor_id="V-other", email="other@example.com", number="E-7")
    assert resolve(other, ANN, number="E-7").target_id == "V-ann"


def test_a_contact_number_alone_may_be_any_suppliers_and_is_asked_about() -> None:
    supplier = replace(ANN, vendor_id="V-sup", name="Paper Example Inc", email="", number="1001")
    answer = resolve(supplier, number="1001")
    assert reason(answer) == Reason.VENDOR_AMBIGUOUS
    assert "The vendor Paper Example Inc has the number 1001 of ann@example.com, but another name" in sentence(
        answer
    )
    trusting = EmployeeRules(create=True, trusts_number=True)
    assert resolve(supplier, number="1001", rules=trusting).target_id == "V-sup"


def test_two_vendors_with_the_number_are_not_chosen_from() -> None:
    twins = [replace(ANN, vendor_id=f"V-{n}", email="", number="E-7") for n in (1, 2)]
    answer = resolve(*twins, number="E-7")
    assert reason(answer) == Reason.VENDOR_AMBIGUOUS
    assert "2 vendors in Zoho Books have the number E-7" in sentence(answer)


def test_no_number_is_not_the_number_of_vendors_without_one() -> None:
    assert resolve(replace(ANN, name="Bob", email="", number=""), number="").how == "to_create"


def test_an_employee_without_a_vendor_gets_one() -> None:
    assert resolve(number="E-7") == Resolution("to_create", "", "E-7", "Ann Example", detail="USD")


def test_where_the_number_has_a_custom_field_contact_numbers_are_left_to_zoho() -> None:
    assert resolve(number="E-7", rules=EmployeeRules(create=True, numbers_contacts=False)).target_code == ""


def test_a_new_vendor_without_a_name_is_called_by_its_address() -> None:
    assert resolve(name="").target_name == "ann@example.com"
    assert resolve(name="\x00").target_name == "ann@example.com"


def test_a_new_vendor_is_not_made_when_that_is_switched_off() -> None:
    answer = resolve(rules=NOT_CREATING)
    assert reason(answer) == Reason.VENDOR_MISSING
    assert sentence(answer) == (
        "Zoho Books has no vendor with the e-mail address ann@example.com: create one, or set "
        "posting.create_vendors."
    )


@pytest.mark.parametrize("vendors", [(), (replace(NAMED, currency="EUR"),)])
def test_a_new_vendor_is_not_made_with_an_address_that_zoho_does_not_take(
    vendors: tuple[Vendor, ...],
) -> None:
    longest = f"{'a' * 88}@example.com"
    assert resolve(*vendors, email=longest).how == "to_create"
    answer = resolve(*vendors, email=f"a{longest}")
    assert reason(answer) == Reason.VENDOR_MISSING
    assert "has 101 characters, and Zoho Books takes up to 100: create a vendor named" in sentence(answer)


def test_a_vendor_without_address_and_name_is_nobodys() -> None:
    assert resolve(replace(ANN, email="", name=""), name="").how == "to_create"


@pytest.mark.parametrize("vendors", [(), (ANN,), (NAMED,), (replace(ANN, email="", name=""),)])
def test_a_report_without_an_address_is_nobodys(vendors: tuple[Vendor, ...]) -> None:
    answer = resolve(*vendors, email="")
    assert reason(answer) == Reason.VENDOR_MISSING
    assert "The report names no employee" in sentence(answer)


def test_a_currency_is_found_by_its_code_with_its_decimals() -> None:
    assert resolve_currency("JPY", (DOLLAR, YEN)) == Resolution("code", "C-jpy", "JPY", detail="0")


@pytest.mark.parametrize("code", ["GBP", "usd", "US"])
def test_a_currency_that_zoho_does_not_keep_is_refused(code: str) -> None:
    answer = resolve_currency(code, (DOLLAR, EURO))
    assert reason(answer) == Reason.UNKNOWN_CURRENCY
    assert sentence(answer) == (
        f"The currency {code} is not among the currencies of the Zoho organization: add it in Zoho Books under "
        "Settings, Currencies."
    )


def test_a_report_without_a_currency_is_refused() -> None:
    assert "The currency of the report is not among" in sentence(resolve_currency("", (DOLLAR,)))
