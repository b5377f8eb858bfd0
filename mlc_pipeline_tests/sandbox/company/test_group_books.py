"""The group's three organizations over HTTP: they take what is expected of them, and it reads back as expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from mlc_pipeline.sandbox.company.group import GroupEntity, PostedDocument, generate_group
from mlc_pipeline.sandbox.server import sandbox_for_group
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Organization, ZohoBooks, create_zoho_app
from mlc_pipeline_tests.sandbox.company.posted import differences, posted_documents


@dataclass
class Books:
    """One organization of the group behind a plain HTTP client."""

    http: httpx.Client
    organization: Organization

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.http.post(path, params={"organization_id": self.organization.organization_id}, json=body)

    def account(self, name: str) -> str:
        return self._id(self.organization.accounts, "account_name", name)

    def contact(self, name: str) -> str:
        return self._id(self.organization.contacts, "contact_name", name)

    def project(self, name: str) -> str:
        return self._id(self.organization.projects, "project_name", name)

    def tax(self, name: str) -> str:
        return self._id(self.organization.taxes, "tax_name", name)

    def tag(self, name: str, option: str) -> dict[str, str]:
        tag_id = self._id(self.organization.reporting_tags, "tag_name", name)
        options = self.organization.reporting_tags[tag_id]["options"]
        found = next(each["option_id"] for each in options if each["option_name"] == option)
        return {"tag_id": tag_id, "tag_option_id": found}

    @staticmethod
    def _id(records: dict[str, dict[str, Any]], key: str, name: str) -> str:
        return next(record_id for record_id, record in records.items() if record[key] == name)


@pytest.fixture(scope="module")
def group_books() -> ZohoBooks:
    return sandbox_for_group(generate_group(1))[1]


@pytest.fixture
def http(group_books: ZohoBooks) -> Iterator[httpx.Client]:
    token = next(iter(group_books.refresh_tokens.values()))
    client = group_books.clients[token.client_id]
    with serve_app(create_zoho_app(group_books)) as url, httpx.Client(base_url=f"{url}/books/v3") as http:
        login = {
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": token.token,
        }
        access = httpx.post(f"{url}/oauth/v2/token", data=login).json()["access_token"]
        http.headers["Authorization"] = f"Zoho-oauthtoken {access}"
        yield http


def books_of(http: httpx.Client, group_books: ZohoBooks, organization_id: str) -> Books:
    return Books(http, group_books.organizations[organization_id])


def test_a_us_bill_has_departments_projects_and_customers(http: httpx.Client, group_books: ZohoBooks) -> None:
    us = books_of(http, group_books, "10234695")
    line = {
        "account_id": us.account("Lodging"),
        "rate": 120.50,
        "tags": [us.tag("Department", "Research: Apps")],
        "project_id": us.project("Bridge"),
        "customer_id": us.contact("Northwind Example"),
        "is_billable": True,
    }
    vendor = next(each for each in us.organization.contacts.values() if each["contact_number"])
    body = {"vendor_id": vendor["contact_id"], "bill_number": "EXP-R1", "line_items": [line]}
    answer = us.post("/bills", body)
    assert answer.status_code == 201, answer.text
    assert posted_documents(us.organization)["R1"] == [
        PostedDocument(
            kind="bill",
            cents=12050,
            accounts={"Lodging": 12050},
            dimensions={
                ("Department", "Research: Apps"): 12050,
                ("project", "Bridge"): 12050,
                ("customer", "Northwind Example"): 12050,
            },
            billable_cents=12050,
        )
    ]


def test_a_german_document_contains_its_tax_and_has_a_cost_center(
    http: httpx.Client, group_books: ZohoBooks
) -> None:
    germany = books_of(http, group_books, "20034711")
    vendor = next(each for each in germany.organization.contacts.values() if not each["contact_number"])
    line = {"account_id": germany.account("Bewirtungskosten"), "rate": 119, "tax_id": germany.tax("USt 19")}
    bill = {"vendor_id": vendor["contact_id"], "bill_number": "EXP-R2", "is_inclusive_tax": True}
    refused = germany.post("/bills", {**bill, "line_items": [line]})
    assert refused.json()["message"] == "Select an option for the reporting tag Kostenstelle."
    tagged = line | {"tags": [germany.tag("Kostenstelle", "Vertrieb Nord")]}
    assert germany.post("/bills", {**bill, "line_items": [tagged]}).status_code == 201
    credit = {"vendor_id": vendor["contact_id"], "vendor_credit_number": "EXP-R3", "is_inclusive_tax": True}
    assert germany.post("/vendorcredits", {**credit, "line_items": [tagged]}).status_code == 201
    for report_id, kind, sign in (("R2", "bill", 1), ("R3", "vendor_credit", -1)):
        assert posted_documents(germany.organization)[report_id] == [
            PostedDocument(
                kind=kind,  # type: ignore[arg-type]
                cents=sign * 11900,
                accounts={"Bewirtungskosten": sign * 11900},
                dimensions={("Kostenstelle", "Vertrieb Nord"): sign * 11900},
                taxes={"USt 19": sign * 1900},
            )
        ]


def test_the_indian_entity_takes_journals_and_no_ordinary_bills(
    http: httpx.Client, group_books: ZohoBooks
) -> None:
    india = books_of(http, group_books, "60045822")
    vendor = next(iter(india.organization.contacts.values()))
    line = {"account_id": india.account("Hotel Stay"), "rate": 118}
    bill = {"vendor_id": vendor["contact_id"], "bill_number": "EXP-R4", "line_items": [line]}
    assert india.post("/bills", bill).json()["code"] == 71512
    sides = (("Hotel Stay", "debit", 100), ("Input GST", "debit", 18), ("Employee Reimbursements", "credit", 118))
    lines: list[dict[str, Any]] = [
        {"account_id": india.account(name), "debit_or_credit": side, "amount": amount}
        for name, side, amount in sides
    ]
    lines[0]["tags"] = [india.tag("Cost Centre", "Delivery")]
    journal = {"journal_date": "2026-01-31", "reference_number": "EXP-R4", "status": "published"}
    assert india.post("/journals", {**journal, "line_items": lines}).status_code == 201
    assert posted_documents(india.organization)["R4"] == [
        PostedDocument(
            kind="journal",
            cents=11800,
            accounts={"Hotel Stay": 10000, "Input GST": 1800, "Employee Reimbursements": -11800},
            dimensions={("Cost Centre", "Delivery"): 10000},
        )
    ]


def test_one_login_sees_all_three_organizations(http: httpx.Client) -> None:
    rows = http.get("/organizations").json()["organizations"]
    assert [(row["version"], row["currency_code"]) for row in rows] == [
        ("us", "USD"), ("eu", "EUR"), ("india", "INR"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["us", "germany", "india"])
def test_what_is_expected_refers_to_what_the_books_have(group_books: ZohoBooks, name: str) -> None:
    entity = getattr(generate_group(1), name)
    assert isinstance(entity, GroupEntity)
    organization = group_books.organizations[entity.facts.organization_id]
    active = {each["account_name"] for each in organization.accounts.values() if each["is_active"]}
    tags = {
        (tag["tag_name"], option["option_name"])
        for tag in organization.reporting_tags.values()
        for option in tag["options"]
    }
    tags |= {("project", each["project_name"]) for each in organization.projects.values()}
    tags |= {("customer", each["contact_name"]) for each in organization.contacts.values()}
    taxes = {tax["tax_name"] for tax in organization.taxes.values()}
    for document in (each for one in entity.expected.values() for each in one.documents):
        assert document.accounts.keys() <= active
        assert document.dimensions.keys() <= tags
        assert document.taxes.keys() <= taxes


def test_books_without_postings_differ_in_every_report_that_should_have_one() -> None:
    group = generate_group(1)
    books = sandbox_for_group(group)[1]
    organization = books.organizations[group.us.facts.organization_id]
    expected = [one for one in group.us.expected.values() if one.documents]
    assert len(differences(group.us, organization)) == len(expected)
    first = group.us.periods[0]
    of_first = [one for one in expected if one.period == first]
    assert len(differences(group.us, organization, first)) == len(of_first)
