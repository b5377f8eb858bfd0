"""What a connector reads before it posts: tags, projects, locations, taxes, rates and locks."""

from __future__ import annotations

from typing import Any

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


def cost_center(zoho: Zoho, *, mandatory: bool = False) -> dict[str, Any]:
    tag: dict[str, Any] = {
        "tag_id": zoho.books.new_id(),
        "tag_name": "Cost Center",
        "is_active": True,
        "is_mandatory": mandatory,
        "options": [{"option_id": zoho.books.new_id(), "option_name": "Sales", "is_active": True}],
    }
    zoho.organization.reporting_tags[tag["tag_id"]] = tag
    return tag


def test_reporting_tags_and_their_options_are_listed(zoho: Zoho) -> None:
    tag = cost_center(zoho)
    option = tag["options"][0]
    listed = zoho.call("GET", "/reportingtags").json()["reporting_tags"]
    assert [(row["tag_id"], row["tag_name"]) for row in listed] == [(tag["tag_id"], "Cost Center")]
    options = zoho.call("GET", "/reportingtags/options", tag_id=tag["tag_id"]).json()["options"]
    assert options == [option]
    results = zoho.call("GET", f"/reportingtags/{tag['tag_id']}/options/all").json()["results"]
    assert results == [{"option_id": option["option_id"], "option_name": "Sales", "depth": 0}]


def test_a_mandatory_tag_must_be_given_in_the_header_or_on_a_line(zoho: Zoho) -> None:
    tag = cost_center(zoho, mandatory=True)
    answer = zoho.post_bill()
    assert answer.json()["message"] == "Select an option for the reporting tag Cost Center."
    chosen = [{"tag_id": tag["tag_id"], "tag_option_id": tag["options"][0]["option_id"]}]
    assert zoho.post_bill(tags=chosen).status_code == 201
    lines = [{"account_id": zoho.meals["account_id"], "rate": 1, "tags": chosen}]
    assert zoho.post_bill("EXP-2", line_items=lines).status_code == 201


def test_a_billable_line_needs_a_customer(zoho: Zoho) -> None:
    customer = zoho.books.add_contact(zoho.organization, "Big Customer", contact_type="customer")
    line = {"account_id": zoho.meals["account_id"], "rate": 1, "is_billable": True}
    assert zoho.post_bill(line_items=[line]).json()["message"] == "Select a customer for the billable line item."
    line["customer_id"] = customer["contact_id"]
    shown = zoho.post_bill(line_items=[line]).json()["bill"]["line_items"][0]
    assert shown["customer_name"] == "Big Customer"


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


def test_locks_can_be_read_beforehand(zoho: Zoho) -> None:
    lock = zoho.call("GET", "/transactionlock").json()["transaction_lock"]
    assert lock == {"transaction_lock_status": "disabled"}
    zoho.organization.locks.append({"modules": ["accountant"], "transaction_lock_date": "2026-01-31"})
    lock = zoho.call("GET", "/transactionlock").json()["transaction_lock"]
    assert (lock["transaction_lock_status"], lock["transaction_lock_date"]) == ("enabled", "2026-01-31")
    assert len(zoho.call("GET", "/transactionlocks").json()["transaction_locks"]) == 1
    assert zoho.post_bill(date="2026-01-15").status_code == 201


def test_an_account_and_an_organization_can_be_read_alone(zoho: Zoho) -> None:
    account = zoho.call("GET", f"/chartofaccounts/{zoho.meals['account_id']}").json()
    assert (account["account_code"], account["currency_code"]) == ("6640", "USD")
    organization = zoho.call("GET", "/organizations/10234695", organization_id=None).json()["organization"]
    assert (organization["name"], organization["version"]) == ("Example Traders Inc.", "us")
    assert zoho.call("GET", "/settings/taxes").json()["taxes"] == []
    assert zoho.call("GET", "/invoices").status_code == 404
