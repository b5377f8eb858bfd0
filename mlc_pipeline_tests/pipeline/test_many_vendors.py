"""Many vendors: a run reads what is new of them, and what comes of it is the same as if it had read them all."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import sqlalchemy as sa

from mlc_pipeline.resources import Database
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.tables import kept_lists
from mlc_pipeline_tests.front_door import ACME, House, open_house, small_company, week

MANY = 450
PAGES = 3

# Runs in this process leave their connections to PostgreSQL open.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def house(tmp_path: Path, new_dagster_home: Path, database_url: str) -> Iterator[House]:
    """A company with many vendors, on either database; what can be posted is, and nothing was run yet."""
    with open_house(tmp_path / "home", small_company(), dagster_home=new_dagster_home) as opened:
        opened.environment["MLC_DATABASE_URL"] = database_url
        opened.connect()
        opened.keep_reports(lambda one: one.review is None)
        for number in range(MANY):
            time = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T12:00:{number % 60:02}+0530"
            name = f"Vendor {number}"
            opened.sandbox.zoho_books.add_contact(opened.organization, name, last_modified_time=time)
        yield opened
    gc.collect()  # here, where it is known whose connections these are


@pytest.fixture
def settled(house: House) -> House:
    """The same after the first period was posted: each of its employees has a vendor with the address."""
    house.run(week(0))
    (nameless,) = [one for one in _contacts(house) if not _email(one) and one["contact_name"] == "Ada Byron"]
    nameless["contact_persons"] = [{**_person("employee1@trading.example"), "is_primary_contact": True}]
    house.materialise(week(0), "zoho_vendors")
    return house


def test_a_run_after_the_first_reads_what_is_new(settled: House) -> None:
    result, asked = _run(settled, week(0))
    assert asked == 2
    shown = _metadata(result, "zoho_vendors")
    assert shown["vendors_requests"].value == 2
    assert shown["vendors_read"].value.startswith("what was changed since 20")
    assert _metadata(result, "category_mappings")["lists_read_again"].value is False
    assert len(_vendors(result)) == len(_contacts(settled))


def test_whoever_is_new_is_looked_for_in_the_whole_list_and_made_once(settled: House) -> None:
    for _ in range(2):
        _run(settled, week(1))
    _assert_posted_once(settled)
    _assert_nobody_is_there_twice(settled)


def test_the_asset_materialised_by_itself_is_read_whole(settled: House) -> None:
    result = settled.materialise(week(0), "zoho_vendors")
    shown = _metadata(result, "zoho_vendors")
    assert (shown["vendors_read"].value, shown["vendors_requests"].value) == ("whole", PAGES + 1)


def test_a_vendor_that_was_renamed_and_one_that_was_added_are_known(settled: House) -> None:
    contact = _contacts(settled)[3]
    contact.update(contact_name="Renamed", last_modified_time=settled.sandbox.zoho_books.timestamp())
    settled.sandbox.zoho_books.add_contact(settled.organization, "Added", email="added@vendors.example")
    result, asked = _run(settled, week(0))
    assert asked == 2
    assert {"Renamed", "Added"} <= set(_vendors(result)["name"])


def test_nothing_is_posted_to_a_vendor_who_was_deactivated_whatever_its_time_says(settled: House) -> None:
    _forget_bills(settled)
    vendor = _vendor_of_a_report(settled)
    vendor["status"] = "inactive"
    result, _ = _run(settled, week(0))
    rows = _documents(result)
    waiting = rows[rows["state"] == "review"]
    assert set(waiting["reason_code"]) == {"inactive_vendor"}
    assert vendor["contact_id"] not in {bill["vendor_id"] for bill in settled.organization.bills.values()}


def test_a_vendor_who_was_deleted_is_refused_once_and_the_next_run_reads_all(settled: House) -> None:
    _forget_bills(settled)
    vendor = _vendor_of_a_report(settled)
    vendor["last_modified_time"] = "2023-01-01T00:00:00Z"  # so that nothing on the newest page is missed
    settled.materialise(week(0), "zoho_vendors")
    del settled.organization.contacts[vendor["contact_id"]]
    refused, _ = _run(settled, week(0))
    rows = _documents(refused)
    waiting = rows[rows["state"] == "review"]
    assert _metadata(refused, "zoho_vendors")["vendors_requests"].value == 2
    assert set(waiting["reason_code"]) == {"refused_by_zoho"}
    assert all("Invalid value passed for vendor_id" in reason for reason in waiting["reason"])
    again, _ = _run(settled, week(0))
    assert _metadata(again, "zoho_vendors")["vendors_read"].value == "whole"
    assert set(_documents(again)["state"]) == {"posted"}
    _assert_posted_once(settled)


def test_a_vendor_who_was_overlooked_is_found_before_a_second_one_is_made(settled: House) -> None:
    """As when another was deleted while the pages were read, so that this one was on none of them."""
    _forget_bills(settled)
    vendor = _vendor_of_a_report(settled)
    vendor["last_modified_time"] = "2023-01-01T00:00:00Z"
    settled.materialise(week(0), "zoho_vendors")
    _change_kept(settled, lambda kept: [one for one in kept if one["vendor_id"] != vendor["contact_id"]])
    contacts = len(_contacts(settled))
    result, asked = _run(settled, week(0))
    assert asked == 2 + PAGES + 1, _metadata(result, "zoho_vendors")
    assert _metadata(result, "category_mappings")["lists_read_again"].value is True
    assert set(_documents(result)["state"]) == {"posted"}
    assert len(_contacts(settled)) == contacts
    assert _run(settled, week(0))[1] == 2


def test_a_vendor_that_was_made_is_mapped_to_by_the_next_run_although_no_list_shows_it(house: House) -> None:
    yesterday = f"{house.sandbox.zoho_books.clock() - timedelta(days=1):%Y-%m-%dT%H:%M:%S%z}"
    for contact in _contacts(house):
        contact["created_time"] = yesterday
    house.sandbox.zoho_books.settings.contacts_are_listed_until = yesterday
    house.run(week(1))
    (made,) = [one for one in _contacts(house) if _email(one) == "employee4@trading.example"]
    frame = _vendors(_run(house, week(1))[0]).set_index("vendor_id")
    assert frame.loc[made["contact_id"], "email"] == "employee4@trading.example"
    # Who was merged into another meanwhile is not there beside it.
    merged = house.organization.contacts.pop(made["contact_id"])
    other = house.sandbox.zoho_books.add_contact(house.organization, "Other", **_same_person(merged))
    other["created_time"] = yesterday
    frame = _vendors(_run(house, week(1))[0])
    assert list(frame[frame["email"] == "employee4@trading.example"]["vendor_id"]) == [other["contact_id"]]


def test_a_customer_who_was_overlooked_is_looked_for_in_the_whole_list_too(house: House) -> None:
    house.configure(mapping={"tags": {"1": {"customer": True}}})
    named = "Big Customer"
    for report in house.sandbox.expensify_account.reports:
        for expense in report["transactionList"]:
            expense |= {"tag": named, "ntag1": named}
    for number, vendor in enumerate(_contacts(house)[-MANY:]):
        name, time = f"Customer {number}", vendor["last_modified_time"]
        house.sandbox.zoho_books.add_contact(
            house.organization, name, contact_type="customer", last_modified_time=time
        )
    sought = list(house.organization.contacts.values())[-1]
    sought.update(contact_name=named, last_modified_time="2023-01-01T00:00:00Z")
    house.materialise(week(0), "zoho_dimensions")
    _change_kept(house, lambda kept: [one for one in kept if one["name"] != named], "customers")
    result, _ = _run(house, week(0))
    shown = _metadata(result, "zoho_dimensions")
    assert shown["customers_requests"].value == 2
    assert shown["customers_read"].value.startswith("what was changed since ")
    assert _metadata(result, "category_mappings")["lists_read_again"].value is True
    mappings = _mappings(result)
    assert set(mappings[mappings["name"] == named]["target_id"]) == {sought["contact_id"]}


def test_two_processes_at_once_post_each_report_once_to_one_vendor_each(settled: House) -> None:
    with ThreadPoolExecutor(2) as both:
        said = list(
            both.map(lambda key: settled.mlc("run", "--connection", ACME, "--period", key), map(week, (0, 1)))
        )
    assert [one.exit_code for one in said] == [0, 0], [one.everything for one in said]
    _assert_posted_once(settled)
    _assert_nobody_is_there_twice(settled)


def _run(house: House, period: str) -> tuple[dg.ExecuteInProcessResult, int]:
    """All assets of a period, and how many lists of vendors were asked for before anything was posted."""
    log = house.sandbox.zoho_books.request_log
    before = len(log)
    result = house.materialise(period)
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert not failures, failures[0].user_failure_data or failures[0].error
    asked = [one for one in log[before:] if one.path.startswith("/books/")]
    reading = [one for one in asked if one.path.endswith("/contacts") and one.method == "GET"]
    return result, len(reading)


def _metadata(result: dg.ExecuteInProcessResult, name: str) -> Any:
    return next(
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey([ACME, name])
    )


def _documents(result: dg.ExecuteInProcessResult) -> pd.DataFrame:
    return _frame(result, "zoho_bills")


def _vendors(result: dg.ExecuteInProcessResult) -> pd.DataFrame:
    return _frame(result, "zoho_vendors")


def _frame(result: dg.ExecuteInProcessResult, name: str) -> pd.DataFrame:
    frame = result.asset_value(dg.AssetKey([ACME, name]))
    assert isinstance(frame, pd.DataFrame)
    return frame


def _mappings(result: dg.ExecuteInProcessResult) -> pd.DataFrame:
    return _frame(result, "category_mappings")


def _contacts(house: House) -> list[Record]:
    return [one for one in house.organization.contacts.values() if one["contact_type"] == "vendor"]


def _vendor_of_a_report(house: House) -> Record:
    """The vendor of an employee who has a report in the first period."""
    return next(one for one in _contacts(house) if _email(one) == "employee3@trading.example")


def _forget_bills(house: House) -> None:
    """As if nothing had been posted: the ledger is kept apart from what is kept of lists."""
    house.organization.bills.clear()
    with Database(house.settings).engine.begin() as database:
        for table in ("posting_transactions", "postings"):
            database.execute(sa.text(f"delete from {table}"))


def _change_kept(house: House, change: Callable[[list[Record]], list[Record]], name: str = "vendors") -> None:
    with Database(house.settings).engine.begin() as database:
        kept = json.loads(database.execute(sa.select(kept_lists.c.content).filter_by(name=name)).scalar_one())
        kept["contacts"] = change(kept["contacts"])
        database.execute(sa.update(kept_lists).filter_by(name=name).values(content=json.dumps(kept)))


def _assert_posted_once(house: House) -> None:
    numbers = Counter(bill["reference_number"] for bill in house.organization.bills.values())
    assert numbers
    assert set(numbers.values()) == {1}


def _assert_nobody_is_there_twice(house: House) -> None:
    people = Counter((_email(one), one["currency_code"]) for one in _contacts(house) if _email(one))
    assert people["employee4@trading.example", "USD"] == 1
    assert set(people.values()) == {1}


def _same_person(vendor: Record) -> Record:
    return {name: vendor[name] for name in ("currency_code", "contact_persons")}


def _person(email: str) -> Record:
    names = ("first_name", "last_name", "phone", "mobile")
    return {"contact_person_id": "1", "email": email, **dict.fromkeys(names, "")}


def _email(vendor: Record) -> str:
    return next((str(person["email"]) for person in vendor["contact_persons"]), "")
