"""The client reads and writes Zoho Books by its documented interface, as the sandbox has it."""

import logging
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho import Organization
from mlc_pipeline.zoho.client import REQUIRED_SCOPES, ZohoBooksClient
from mlc_pipeline.zoho.errors import (
    DuplicateBillNumber,
    DuplicateContact,
    NotFound,
    Refused,
    UnknownOrganization,
)
from mlc_pipeline.zoho.models import Vendor
from mlc_pipeline_tests.zoho.conftest import CREDENTIALS, Zoho


@pytest.fixture
def vendor(client: ZohoBooksClient) -> Vendor:
    return client.create_vendor("Ada Example", email="ada@example.com")


@pytest.fixture
def bill(zoho: Zoho, vendor: Vendor) -> dict[str, Any]:
    """A payload that passes."""
    account = zoho.books.add_account(zoho.organization, "Meals", account_code="6640")
    line = {"account_id": account["account_id"], "description": "Meals", "quantity": Decimal(1)}
    return {
        "vendor_id": vendor.vendor_id,
        "bill_number": "EXP-R1",
        "reference_number": "R1",
        "date": "2026-01-09",
        "line_items": [{**line, "rate": Decimal("19.99")}, {**line, "rate": Decimal("0.01")}],
    }


def test_the_organization_is_found_by_id_by_name_or_because_it_is_the_only_one(zoho: Zoho) -> None:
    for wanted in ("10234695", "Northwind Example Inc", "northwind  example inc", None):
        organization = zoho.client(organization=wanted).organization()
        assert organization.organization_id == "10234695"
    assert (organization.currency_code, organization.price_precision) == ("USD", 2)
    assert organization.is_active


def test_an_unknown_or_unnamed_organization_lists_what_the_login_sees(zoho: Zoho) -> None:
    zoho.books.add_organization(Organization("20234695", "Northwind Example GmbH"))
    with pytest.raises(UnknownOrganization, match=r'"Nowhere".*10234695 \(Northwind Example Inc\), 20234695'):
        zoho.client(organization="Nowhere").organization()
    with pytest.raises(UnknownOrganization, match="several organizations"):
        zoho.client(organization=None).organization()
    assert zoho.client(organization="northwind example gmbh").organization().organization_id == "20234695"


def test_the_organization_is_looked_up_once(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.me()
    client.accounts()
    assert zoho.requests("/books/v3/organizations") == 1


def test_the_chart_of_accounts_has_inactive_accounts_too(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.books.add_account(zoho.organization, "Meals", account_code="6640")
    zoho.books.add_account(zoho.organization, "Old", is_active=False)
    accounts = {account.name: account for account in client.accounts()}
    assert (accounts["Meals"].code, accounts["Meals"].type) == ("6640", "expense")
    assert accounts["Meals"].is_active
    assert not accounts["Old"].is_active


@pytest.mark.parametrize("page_context", [True, False])
@pytest.mark.parametrize("accounts", [0, 1, 199, 200, 201, 450])
def test_all_pages_are_followed_with_and_without_page_context(
    zoho: Zoho, client: ZohoBooksClient, accounts: int, page_context: bool
) -> None:
    zoho.books.settings.page_context_everywhere = page_context
    for number in range(accounts):
        zoho.books.add_account(zoho.organization, f"Account {number}")
    assert len({account.account_id for account in client.accounts()}) == accounts


def test_currencies_and_taxes_are_read(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.books.add_currency(zoho.organization, "JPY", price_precision=0)
    currencies = {currency.code: currency for currency in client.currencies()}
    assert currencies["USD"].is_base
    assert currencies["JPY"].price_precision == 0
    assert client.taxes() == ()


def test_vendors_are_listed_with_inactive_ones_and_without_customers(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.books.add_contact(zoho.organization, "Ada Example", email="ada@example.com")
    zoho.books.add_contact(zoho.organization, "Bob Example", status="inactive")
    zoho.books.add_contact(zoho.organization, "Customer Example", contact_type="customer")
    vendors = {vendor.name: vendor for vendor in client.vendors()}
    assert set(vendors) == {"Ada Example", "Bob Example"}
    assert vendors["Ada Example"].email == "ada@example.com"
    assert vendors["Ada Example"].currency_code == "USD"
    assert not vendors["Bob Example"].is_active


def test_inactive_customers_can_be_listed_alone(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.books.add_contact(zoho.organization, "Ada Example", status="inactive")
    zoho.books.add_contact(zoho.organization, "Acme Example", contact_type="customer")
    zoho.books.add_contact(zoho.organization, "Gone Example", contact_type="customer", status="inactive")
    assert [customer.name for customer in client.customers("Inactive")] == ["Gone Example"]
    assert [customer.name for customer in client.customers()] == ["Acme Example", "Gone Example"]


def test_a_vendor_is_found_by_email_or_name_whatever_the_case(client: ZohoBooksClient, vendor: Vendor) -> None:
    client.create_vendor("Adam Example", email="adam@example.com")
    assert [found.vendor_id for found in client.find_vendors(email=" ADA@example.com")] == [vendor.vendor_id]
    assert [found.vendor_id for found in client.find_vendors(name="ada example")] == [vendor.vendor_id]
    assert client.find_vendors(name="Ada Example", email="adam@example.com") == ()
    assert client.find_vendors(name="A" * 150) == ()
    with pytest.raises(ValueError, match="email or a name"):
        client.find_vendors()


def test_the_last_name_of_a_vendors_contact_person_is_no_longer_than_zoho_takes_it(
    zoho: Zoho, client: ZohoBooksClient
) -> None:
    made = client.create_vendor("N" * 150, email="n@example.com")
    contact = zoho.organization.contacts[made.vendor_id]
    assert (contact["contact_name"], contact["contact_persons"][0]["last_name"]) == ("N" * 150, "N" * 100)


def test_a_vendor_of_a_taken_name_is_a_duplicate(client: ZohoBooksClient, vendor: Vendor) -> None:
    with pytest.raises(DuplicateContact) as refused:
        client.create_vendor(vendor.name, email="other@example.com")
    assert refused.value.code == 3062
    assert not refused.value.temporary


def test_a_bill_is_created_to_the_cent_and_read_back(client: ZohoBooksClient, bill: dict[str, Any]) -> None:
    created = client.create_bill(bill)
    assert created.total == Decimal("20.00")
    assert created.lines is not None
    assert [line.rate for line in created.lines] == [Decimal("19.99"), Decimal("0.01")]
    assert created.date == date(2026, 1, 9)
    read = client.bill(created.bill_id)
    assert (read.total, read.reference_number, read.vendor_id) == (created.total, "R1", bill["vendor_id"])


def test_a_second_bill_of_the_number_is_a_duplicate_and_can_be_found(
    client: ZohoBooksClient, bill: dict[str, Any]
) -> None:
    created = client.create_bill(bill)
    with pytest.raises(DuplicateBillNumber) as refused:
        client.create_bill({**bill, "bill_number": " exp-r1 "})
    assert (refused.value.code, refused.value.http_status) == (13011, 400)
    rows = list(client.bills(bill_number="EXP-R1", vendor_id=bill["vendor_id"]))
    assert [(row.bill_id, row.total) for row in rows] == [(created.bill_id, Decimal("20.00"))]


def test_a_refusal_carries_zohos_own_words(client: ZohoBooksClient, bill: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        client.create_bill({**bill, "line_items": [{"rate": Decimal(1), "quantity": Decimal(1)}]})
    assert refused.value.code == 13009
    assert refused.value.message == "The account field cannot be empty"
    assert str(refused.value).startswith("The account field cannot be empty (code 13009, HTTP 400). ")


def test_a_bill_that_is_not_there_is_not_found(client: ZohoBooksClient) -> None:
    with pytest.raises(NotFound):
        client.bill("982000000000000001")


def test_an_id_cannot_lead_to_another_path(client: ZohoBooksClient) -> None:
    with pytest.raises(ValueError, match="not an id"):
        client.bill("1/../../contacts")


def test_an_unknown_filter_is_refused_because_zoho_would_ignore_it(client: ZohoBooksClient) -> None:
    with pytest.raises(ValueError, match="has no filter number"):
        client.bills(number="EXP-R1")
    with pytest.raises(ValueError, match="has no filter bill_number"):
        client.journals(bill_number="EXP-R1")


def test_a_journal_is_created_read_back_and_found(zoho: Zoho, client: ZohoBooksClient) -> None:
    meals = zoho.books.add_account(zoho.organization, "Meals")
    card = zoho.books.add_account(zoho.organization, "Card", account_type="credit_card")
    lines = [
        {"account_id": meals["account_id"], "debit_or_credit": "debit", "amount": Decimal("12.34")},
        {"account_id": card["account_id"], "debit_or_credit": "credit", "amount": Decimal("12.34")},
    ]
    created = client.create_journal(
        {
            "journal_date": "2026-01-09",
            "reference_number": "EXP-R2",
            "status": "published",
            "line_items": lines,
        }
    )
    assert client.journal(created.journal_id) == created
    assert created.status == "published"
    assert created.lines is not None
    assert [(line.side, line.amount) for line in created.lines] == [
        ("debit", Decimal("12.34")),
        ("credit", Decimal("12.34")),
    ]
    assert [row.journal_id for row in client.journals(reference_number="EXP-R2")] == [created.journal_id]


def test_the_documented_scopes_are_enough(zoho: Zoho, bill: dict[str, Any]) -> None:
    zoho.books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token, REQUIRED_SCOPES)
    zoho.books.access_tokens.clear()
    client = zoho.client()
    client.me()
    client.accounts()
    client.currencies()
    client.taxes()
    list(client.vendors())
    created = client.create_bill(bill)
    client.bill(created.bill_id)
    list(client.bills())
    list(client.journals())


def test_a_link_leads_to_the_web_application_but_not_for_the_sandbox(client: ZohoBooksClient) -> None:
    assert client.bill_url("982000000000000001") is None


def test_calls_are_logged_without_secrets_and_bodies(
    client: ZohoBooksClient, bill: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.create_bill(bill)
    assert "POST /bills: HTTP 201, code 0, " in caplog.text
    for secret in (CREDENTIALS.client_secret, CREDENTIALS.refresh_token, "1000.", "Zoho-oauthtoken", "Meals"):
        assert secret not in caplog.text


def test_amounts_leave_as_exact_numbers(zoho: Zoho, client: ZohoBooksClient, bill: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="float"):
        client.create_bill({**bill, "exchange_rate": 1.1})
    client.create_bill({**bill, "line_items": [{**bill["line_items"][0], "rate": Decimal("0.10")}]})
    (stored,) = zoho.organization.bills.values()
    assert Decimal(str(stored["total"])) == Decimal("0.10")
