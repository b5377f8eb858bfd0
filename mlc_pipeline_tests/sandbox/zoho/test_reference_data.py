"""What a connector reads before it posts: projects, locations, rates, currencies, locks, accounts and users."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho.records import add_project
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


def test_projects_are_filtered_by_status_and_customer(zoho: Zoho) -> None:
    for name, status in (("Bridge", "active"), ("Tunnel", "inactive")):
        project_id = zoho.books.new_id()
        zoho.organization.projects[project_id] = {
            "project_id": project_id, "project_name": name, "status": status, "customer_id": "982000000000000001",
        }  # fmt: skip
    rows = zoho.call("GET", "/projects", filter_by="Status.Active").json()["projects"]
    assert [row["project_name"] for row in rows] == ["Bridge"]
    assert zoho.call("GET", "/projects", customer_id="1").json()["projects"] == []


def test_an_organization_with_several_locations_wants_one_named(zoho: Zoho) -> None:
    for name in ("Head Office", "Branch"):
        location_id = zoho.books.new_id()
        zoho.organization.locations[location_id] = {"location_id": location_id, "location_name": name}
    listed = zoho.call("GET", "/locations").json()["locations"]
    assert zoho.post_bill().json()["message"] == "Invalid value passed for location_id"
    bill = zoho.post_bill(location_id=listed[1]["location_id"]).json()["bill"]
    assert bill["location_name"] == "Branch"


def test_the_rate_of_a_date_is_that_dates_or_the_closest_before(zoho: Zoho) -> None:
    yen = zoho.organization.currency("JPY")["currency_id"]
    for day, rate in (("2026-01-01", 0.0061), ("2026-02-01", 0.0065)):
        rate_id = zoho.books.new_id()
        zoho.organization.exchange_rates[rate_id] = {
            "exchange_rate_id": rate_id, "currency_id": yen, "effective_date": day, "rate": rate,
        }  # fmt: skip
    path = f"/settings/currencies/{yen}/exchangerates"
    assert len(zoho.call("GET", path).json()["exchange_rates"]) == 2
    rates = zoho.call("GET", path, from_date="2026-01-31").json()["exchange_rates"]
    assert [row["rate"] for row in rates] == [0.0061]
    assert zoho.call("GET", path, from_date="2025-12-31").json()["exchange_rates"] == []


def test_currencies_can_be_listed_without_the_organizations_own(zoho: Zoho) -> None:
    def codes(**query: str) -> list[str]:
        rows = zoho.call("GET", "/settings/currencies", **query).json()["currencies"]
        return [row["currency_code"] for row in rows]

    assert codes() == ["USD", "JPY"]
    assert codes(filter_by="Currencies.ExcludeBaseCurrency") == ["JPY"]


def test_an_account_and_an_organization_can_be_read_alone(zoho: Zoho) -> None:
    account = zoho.call("GET", f"/chartofaccounts/{zoho.meals['account_id']}").json()
    assert (account["account_code"], account["currency_code"]) == ("6640", "USD")
    organization = zoho.call("GET", "/organizations/10234695", organization_id=None).json()["organization"]
    assert (organization["name"], organization["version"]) == ("Example Traders Inc.", "us")
    assert zoho.call("GET", "/invoices").status_code == 404


def test_the_edition_of_india_is_told_as_seen_live(zoho: Zoho) -> None:
    zoho.organization.edition = "in"
    rows = zoho.call("GET", "/organizations", organization_id=None).json()["organizations"]
    assert [row["version"] for row in rows] == ["india"]


def test_a_currency_and_a_project_can_be_read_alone(zoho: Zoho) -> None:
    yen = zoho.organization.currency("JPY")
    currency = zoho.call("GET", f"/settings/currencies/{yen['currency_id']}").json()["currency"]
    assert (currency["currency_code"], currency["price_precision"]) == ("JPY", 0)
    customer = zoho.books.add_contact(zoho.organization, "Northwind Example", contact_type="customer")
    bridge = add_project(zoho.books, zoho.organization, "Bridge", customer)
    project = zoho.call("GET", f"/projects/{bridge['project_id']}").json()["project"]
    assert (project["customer_name"], project["currency_code"]) == ("Northwind Example", "USD")
    for path in ("/projects/1", "/settings/currencies/1"):
        assert zoho.call("GET", path).status_code == 404


def test_projects_come_in_pages(zoho: Zoho) -> None:
    customer = zoho.books.add_contact(zoho.organization, "Northwind Example", contact_type="customer")
    for number in range(12):
        add_project(zoho.books, zoho.organization, f"Project {number:02}", customer)
    first = zoho.call("GET", "/projects").json()
    assert (len(first["projects"]), first["page_context"]["has_more_page"]) == (10, True)
    assert len(zoho.call("GET", "/projects", page=2).json()["projects"]) == 2


def test_the_users_are_listed_and_the_own_one_told(zoho: Zoho) -> None:
    users = zoho.call("GET", "/users", filter_by="Status.Active").json()["users"]
    me = zoho.call("GET", "/users/me").json()["user"]
    assert [user["user_id"] for user in users] == [me["user_id"]]
    assert zoho.call("GET", "/users", filter_by="Status.Deleted").json()["users"] == []
