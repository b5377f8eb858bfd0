"""What Zoho Books has already is adopted, compared and never posted again, whatever its lists can filter."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlc_pipeline_tests.front_door import House, week

PERIOD = week(0)


@pytest.fixture
def adopting(house: House) -> House:
    """A house whose first period is posted and whose ledger is lost."""
    first = house.run(PERIOD)
    assert first.writes > 0
    house.forget_the_ledger()
    house.sandbox.zoho_books.request_log.clear()
    return house


def test_bills_are_found_when_the_lists_ignore_their_filters(adopting: House) -> None:
    settings = adopting.sandbox.zoho_books.settings
    settings.date_filters_work = settings.number_filters_are_exact = False
    held = set(adopting.organization.bills)
    run = adopting.run(PERIOD)
    assert adopting.writes() == []
    assert {one["zoho_id"] for one in run.documents if one["state"] == "posted"} == held
    assert run.reconciliation.balanced


def test_a_bill_that_no_listing_shows_is_asked_about_when_zoho_refuses_its_number(adopting: House) -> None:
    """On another day it is in no listing of the period; the second POST is refused with code 13011.

    Nothing tells that it is ours, so a person says whether the day is right.
    """
    held = dict(adopting.organization.bills)
    for bill in held.values():
        bill["date"] = "2024-06-30"
    run = adopting.run(PERIOD)
    assert adopting.organization.bills == held
    asked = [one for one in run.documents if one["reason_code"] == "foreign_document"]
    assert {one["zoho_id"] for one in asked} == set(held)
    assert all("2024-06-30" in one["reason"] for one in asked)
    bill_posts = [request for request in adopting.writes() if request.path.endswith("/bills")]
    assert {request.code for request in bill_posts} <= {13011}
    assert run.reconciliation.balanced, "all of it waits"


def test_a_bill_under_our_number_with_another_amount_waits_for_a_person(adopting: House) -> None:
    bill = next(iter(adopting.organization.bills.values()))
    bill["total"] += Decimal("0.01")
    run = adopting.run(PERIOD)
    told = next(one for one in run.documents if one["number"] == bill["bill_number"])
    assert (told["state"], told["reason_code"]) == ("review", "foreign_document")
    assert str(bill["total"]) in told["reason"]
    assert adopting.writes() == []
    assert run.exit_code == 1


def test_a_bill_that_was_changed_in_zoho_after_posting_waits_for_a_person(house: House) -> None:
    house.run(PERIOD)
    bill = next(iter(house.organization.bills.values()))
    bill["total"] -= Decimal("1.00")
    run = house.run(PERIOD)
    told = next(one for one in run.documents if one["number"] == bill["bill_number"])
    assert (told["state"], told["reason_code"]) == ("review", "foreign_document")
    assert run.exit_code == 1
    assert run.writes == 0


def test_the_reconciliation_says_what_zoho_holds_now_of_a_bill_that_was_changed_there(house: House) -> None:
    house.run(PERIOD)
    bills = house.organization.bills.values()
    next(iter(bills))["total"] -= Decimal("1.00")
    run = house.run(PERIOD)
    assert sum(run.reconciliation.zoho_total_cents.values()) == sum(bill["total"] * 100 for bill in bills)
    assert not run.reconciliation.balanced
