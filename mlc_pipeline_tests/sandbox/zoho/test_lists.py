"""Lists of the sandbox: filters, pages and what a list row holds."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import add_location
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


@pytest.fixture
def bills(zoho: Zoho) -> list[str]:
    """Twelve bills, EXP-1 to EXP-12, one a day from 2026-02-01."""
    for number in range(1, 13):
        answer = zoho.post_bill(f"EXP-{number}", reference_number=f"R0{number}", date=f"2026-02-{number:02d}")
        assert answer.status_code == 201
        zoho.clock.move(minutes=1)
    return [f"EXP-{number}" for number in range(1, 13)]


def numbers(zoho: Zoho, **query: Any) -> list[str]:
    answer = zoho.call("GET", "/bills", per_page=200, **query)
    assert answer.status_code == 200, answer.text
    return [row["bill_number"] for row in answer.json()["bills"]]


def test_a_page_has_ten_rows_unless_asked_otherwise(zoho: Zoho, bills: list[str]) -> None:
    first = zoho.call("GET", "/bills").json()
    assert [row["bill_number"] for row in first["bills"]] == bills[:10]
    assert first["page_context"]["has_more_page"] is True
    second = zoho.call("GET", "/bills", page=2).json()
    assert [row["bill_number"] for row in second["bills"]] == bills[10:]
    assert second["page_context"]["has_more_page"] is False
    assert zoho.call("GET", "/bills", per_page=201).json()["message"] == "Invalid value passed for per_page"


def test_rows_have_no_line_items(zoho: Zoho, bills: list[str]) -> None:
    row = zoho.call("GET", "/bills").json()["bills"][0]
    assert "line_items" not in row
    assert (row["total"], row["vendor_name"], row["has_attachment"]) == (12.34, "Ada Example", False)


FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({"bill_number": "EXP-1"}, [1]),
    ({"bill_number_startswith": "EXP-1"}, [1, 10, 11, 12]),
    ({"bill_number_contains": "P-12"}, [12]),
    ({"reference_number": "R03"}, [3]),
    ({"date": "2026-02-05"}, [5]),
    ({"date_start": "2026-02-11", "date_end": "2026-02-12"}, [11, 12]),
    ({"date_before": "2026-02-02"}, [1]),
    ({"date_after": "2026-02-11"}, [12]),
    ({"search_text": "r07"}, [7]),
    ({"filter_by": "Status.Void"}, []),
    ({"sort_column": "date", "sort_order": "D", "date_start": "2026-02-11"}, [12, 11]),
    ({"last_modified_time": "2026-03-02T09:11:00+0000"}, [12]),
    ({"total": "12.34", "date": "2026-02-01"}, [1]),
    ({"vendor_id": "1"}, []),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_the_documented_filters_narrow_the_list(
    zoho: Zoho, bills: list[str], query: dict[str, str], expected: list[int]
) -> None:
    assert numbers(zoho, **query) == [f"EXP-{number}" for number in expected]


def test_filters_can_be_made_to_behave_the_other_way(zoho: Zoho, bills: list[str]) -> None:
    zoho.books.settings.number_filters_are_exact = False
    assert numbers(zoho, bill_number="EXP-1") == ["EXP-1", "EXP-10", "EXP-11", "EXP-12"]
    zoho.books.settings.date_filters_work = False
    assert len(numbers(zoho, date_start="2026-02-11")) == 12


@pytest.mark.parametrize("query", [
    {"colour": "red"}, {"page": "one"}, {"page": "0"}, {"sort_order": "up"}, {"status": "lost"},
])  # fmt: skip
def test_unknown_or_malformed_parameters_are_refused(zoho: Zoho, query: dict[str, str]) -> None:
    answer = zoho.call("GET", "/bills", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, 4)
    assert answer.json()["message"] == f"Invalid value passed for {next(iter(query))}"


def test_an_unknown_filter_by_has_its_own_code(zoho: Zoho) -> None:
    answer = zoho.call("GET", "/chartofaccounts", filter_by="AccountType.Funny")
    assert answer.json() == {"code": 2, "message": "Invalid value passed for filter_by"}


def test_accounts_are_filtered_by_kind_code_and_name(zoho: Zoho) -> None:
    def names(**query: str) -> list[str]:
        rows = zoho.call("GET", "/chartofaccounts", **query).json()["chartofaccounts"]
        return [row["account_name"] for row in rows]

    zoho.books.add_account(zoho.organization, "Corporate Card", account_code="2110", account_type="credit_card")
    zoho.books.add_account(zoho.organization, "Old Expense", is_active=False)
    assert names(filter_by="AccountType.Liability") == ["Corporate Card"]
    assert names(filter_by="AccountType.Inactive") == ["Old Expense"]
    assert names(account_code="6640") == ["Meals and Entertainment"]
    assert names(account_code_starts_with="66") == ["Meals and Entertainment", "Travel Expense"]
    assert names(account_name_contains="card") == ["Corporate Card"]


@pytest.mark.parametrize("everywhere", [True, False])
def test_lists_without_a_documented_page_context_have_one_or_not(zoho: Zoho, everywhere: bool) -> None:
    zoho.books.settings.page_context_everywhere = everywhere
    for path in ("/chartofaccounts", "/settings/currencies", "/journals", "/vendorcredits"):
        assert ("page_context" in zoho.call("GET", path).json()) == everywhere
    assert "page_context" in zoho.call("GET", "/bills").json()
    assert "page_context" not in zoho.call("GET", "/organizations", organization_id=None).json()


def test_bills_are_found_by_what_their_lines_say_and_where_they_are(zoho: Zoho) -> None:
    office = add_location(zoho.books, zoho.organization, "Head Office")
    zoho.post_bill("EXP-1", location_id=office["location_id"])
    lines = [{"account_id": zoho.travel["account_id"], "rate": 1, "description": "Taxi to the station"}]
    zoho.post_bill("EXP-2", line_items=lines)
    assert numbers(zoho, description_contains="taxi") == ["EXP-2"]
    assert numbers(zoho, description="Meals") == ["EXP-1"]
    assert numbers(zoho, location_ids=office["location_id"]) == ["EXP-1"]
    assert numbers(zoho, item_id="1") == numbers(zoho, recurring_bill_id="1") == []


def test_journals_are_found_by_account_currency_and_time(zoho: Zoho, card: dict[str, Any]) -> None:
    zoho.call("POST", "/journals", json=zoho.journal(card, reference_number="EXP-1"))
    zoho.clock.move(minutes=30)
    since = zoho.books.timestamp()
    yen = {"currency_id": zoho.organization.currency("JPY")["currency_id"], "reference_number": "EXP-2"}
    body = zoho.journal(card, 1200, **yen)
    body["line_items"][0]["account_id"] = zoho.travel["account_id"]
    zoho.call("POST", "/journals", json=body)

    def found(**query: str) -> list[str]:
        rows = zoho.call("GET", "/journals", **query).json()["journals"]
        return [row["reference_number"] for row in rows]

    assert found(account_code="2110") == ["EXP-1", "EXP-2"]
    assert found(account_code="6600") == found(currency="JPY") == found(last_modified_time=since) == ["EXP-2"]
    assert found(account_id=zoho.meals["account_id"]) == ["EXP-1"]
    assert found(location_ids="1") == []
    malformed = zoho.call("GET", "/journals", last_modified_time="yesterday")
    assert malformed.json()["message"] == "Invalid value passed for last_modified_time"


def test_accounts_are_found_by_the_time_they_changed(zoho: Zoho) -> None:
    zoho.clock.move(minutes=30)
    since = zoho.books.timestamp()
    zoho.books.add_account(zoho.organization, "New Expense")
    rows = zoho.call("GET", "/chartofaccounts", last_modified_time=since).json()["chartofaccounts"]
    assert [row["account_name"] for row in rows] == ["New Expense"]


@pytest.mark.parametrize(
    ("path", "documented", "unknown"),
    [
        ("/contacts", "outstanding_receivable_amount", "contact_number"),
        ("/chartofaccounts", "account_code", "last_modified_time"),
        ("/projects", "customer_name", "last_modified_time"),
        ("/journals", "entry_number", "notes"),
        ("/vendorcredits", "reference_number", "status"),
        ("/bills", "last_modified_time", "vendor_id"),
    ],
)
def test_lists_are_sorted_by_the_documented_columns_only(
    zoho: Zoho, path: str, documented: str, unknown: str
) -> None:
    assert zoho.call("GET", path, sort_column=documented).status_code == 200
    refused = zoho.call("GET", path, sort_column=unknown)
    assert (refused.status_code, refused.json()["message"]) == (400, "Invalid value passed for sort_column")


def test_only_bills_take_a_direction_to_sort_in(zoho: Zoho) -> None:
    for path in ("/contacts", "/chartofaccounts", "/projects", "/journals", "/vendorcredits"):
        refused = zoho.call("GET", path, sort_order="D")
        assert refused.json()["message"] == "Invalid value passed for sort_order", path
    assert zoho.call("GET", "/bills", sort_order="D").status_code == 200
