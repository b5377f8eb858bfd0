"""A long list is read whole once, then only what is new: as long as every answer proves that nothing else is."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from mlc_pipeline.kept_lists import A_DAY_MS, KeptList, refuse_lists
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.tables import kept_lists
from mlc_pipeline.zoho.kept_contacts import Reading, read_contacts
from mlc_pipeline.zoho.models import Customer, Vendor
from mlc_pipeline_tests.zoho.conftest import Zoho

CONNECTION = "us"
MANY = 450
WHOLE, NEW = 3 + 1, 2
"""Requests for all pages and the one that is sorted, and for what is new."""
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Books:
    """Many vendors, and what a run reads of them."""

    zoho: Zoho
    database: sa.Engine

    def read(self, *, whole: bool = False, source: str = "books and login") -> Reading[Vendor]:
        """As a run reads them, which must be as they are."""
        listed, store = self.zoho.client().vendor_list(), self.store(source)
        return read_contacts(listed, Vendor, store, whole=whole)

    def store(self, source: str = "books and login") -> KeptList:
        return KeptList(self.database, CONNECTION, "vendors", lambda: source)

    def read_as_they_are(self, **facts: Any) -> Reading[Vendor]:
        """What is read, once it is seen to be the same as what Zoho Books holds."""
        read = self.read(**facts)
        assert sorted((one.vendor_id, one.name, one.email, one.is_active) for one in read.contacts) == sorted(
            (one["contact_id"], one["contact_name"], _email(one), one["status"] == "active")
            for one in self.vendors
        )
        return read

    @property
    def vendors(self) -> list[Record]:
        contacts = self.zoho.organization.contacts.values()
        return [one for one in contacts if one["contact_type"] == "vendor"]

    def add(self, name: str, **facts: Any) -> Record:
        return self.zoho.books.add_contact(self.zoho.organization, name, email=f"{name}@vendors.example", **facts)

    def change(self, vendor: Record, **facts: Any) -> None:
        """Change a vendor now, as Zoho Books notes it."""
        vendor.update(facts, last_modified_time=self.zoho.books.timestamp())

    def kept(self, **values: Any) -> None:
        """Change what is kept."""
        with self.database.begin() as database:
            database.execute(sa.update(kept_lists).values(values))


@pytest.fixture
def books(zoho: Zoho, database: sa.Engine) -> Books:
    books = Books(zoho, database)
    for number in range(MANY):
        # The order of the names is not that in which they were made.
        time = f"{BEGINNING + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S%z}"
        books.add(f"V{number * 37 % MANY:03}", created_time=time, last_modified_time=time)
    return books


def test_a_long_list_is_read_whole_once_and_then_what_is_new(books: Books) -> None:
    assert books.read_as_they_are().requests == WHOLE
    read = books.read_as_they_are()
    assert read.requests == NEW
    assert read.how.startswith("what was changed since 2025-01-01T07:29:00+00:00")


def test_what_was_added_renamed_and_deactivated_since_is_known(books: Books) -> None:
    books.read()
    books.zoho.time.sleep(60)
    books.add("Newcomer")
    books.change(books.vendors[7], contact_name="Renamed")
    books.change(books.vendors[9], status="inactive")
    books.change(books.vendors[11], contact_persons=[{"email": "new@vendors.example", "is_primary_contact": True}])
    assert books.read_as_they_are().requests == NEW
    books.zoho.time.sleep(60)
    books.change(books.vendors[9], status="active")
    assert books.read_as_they_are().requests == NEW


def test_a_change_in_the_same_second_as_the_newest_is_read_too(books: Books) -> None:
    newest = books.vendors[-1]
    books.read()
    newest["contact_name"] = "Renamed at once"
    books.add("At the same time", last_modified_time=newest["last_modified_time"])
    assert books.read_as_they_are().requests == NEW


@pytest.mark.parametrize("status", ["inactive", "active"])
def test_a_status_that_changes_without_a_time_is_seen_all_the_same(books: Books, status: str) -> None:
    vendor = books.vendors[3]
    vendor["status"] = {"inactive": "active", "active": "inactive"}[status]
    books.read()
    vendor["status"] = status
    read = books.read_as_they_are()
    assert read.requests == NEW + WHOLE
    assert read.how == "whole: others are inactive than what was changed tells"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda books: books.vendors[-3].update(contact_name="Secretly"), "not as it was"),
        (lambda books: books.zoho.organization.contacts.pop(books.vendors[-3]["contact_id"]), "missing"),
        (lambda books: books.zoho.organization.contacts.pop(books.vendors[-1]["contact_id"]), "on a page|missing"),
        (lambda books: books.add("Of yesterday", last_modified_time=_at(MANY - 5.5)), "not as it was"),
        (lambda books: [books.change(one) for one in books.vendors[:200]], "than fit on a page"),
        (lambda books: setattr(books.zoho.books.settings, "contacts_by_time", "not sorted"), "newest first"),
        (lambda books: setattr(books.zoho.books.settings, "contacts_by_time", "oldest first"), "newest first"),
    ],
)
def test_what_contradicts_what_is_kept_has_the_list_read_whole(
    books: Books, change: Callable[[Books], object], why: str
) -> None:
    books.read()
    change(books)
    read = books.read_as_they_are()
    assert read.how.startswith("whole: ")
    assert re.search(why, read.how), read.how


def _backwards(books: Books) -> None:
    """The order without sorting looks as if it were sorted by time."""
    for number, vendor in enumerate(books.vendors):
        vendor["contact_name"] = f"V{999 - number}"


@pytest.mark.parametrize(
    ("sorting", "change", "why"),
    [
        ("oldest first", lambda books: None, "Zoho Books does not list the newest first"),
        ("not sorted", lambda books: None, "Zoho Books does not list the newest first"),
        (
            "not sorted",
            _backwards,
            "Zoho Books lists them in the same order whether they are to be sorted by time",
        ),
        ("not sorted", lambda books: _all(books, ""), "Zoho Books does not say when each was changed"),
        ("not sorted", lambda books: _all(books, "2025-01-01T06:00:00"), "does not say when each was changed"),
        ("newest first", lambda books: _all(books, _at(1)), "more were changed at once"),
    ],
)
def test_where_the_newest_cannot_be_told_the_list_is_read_whole_each_time(
    books: Books, sorting: str, change: Callable[[Books], object], why: str
) -> None:
    books.zoho.books.settings.contacts_by_time = sorting
    change(books)
    for _ in range(2):
        read = books.read_as_they_are()
        assert read.requests == WHOLE
        assert why in read.how
        books.vendors[0]["contact_name"] += "!"


def test_times_are_told_whatever_their_zone_is_written_like(books: Books) -> None:
    zones = (timezone(timedelta(hours=5, minutes=30)), UTC, timezone(-timedelta(hours=8)))
    for number, vendor in enumerate(books.vendors):
        time = (BEGINNING + timedelta(minutes=number)).astimezone(zones[number % 3])
        vendor["last_modified_time"] = (
            time.isoformat().replace("+00:00", "Z") if number % 2 else f"{time:%Y-%m-%dT%H:%M:%S%z}"
        )
    assert books.read_as_they_are().requests == WHOLE
    books.change(books.vendors[0], contact_name="Renamed")
    assert books.read_as_they_are().requests == NEW


def test_a_list_of_few_pages_is_read_whole_with_one_request_a_page_and_not_kept(books: Books) -> None:
    for vendor in books.vendors[400:]:
        del books.zoho.organization.contacts[vendor["contact_id"]]
    for _ in range(2):
        assert books.read_as_they_are().requests == 2
    assert books.store().load() is None


@pytest.mark.parametrize("late", [A_DAY_MS, -3_600_000])
def test_after_a_day_or_with_a_clock_set_back_the_list_is_read_whole(books: Books, late: int) -> None:
    books.read()
    books.kept(whole_ms=kept_lists.c.whole_ms - late)
    assert books.read().requests == WHOLE
    assert books.read().requests == NEW


def test_what_is_new_does_not_put_the_day_off(books: Books) -> None:
    books.read()
    books.kept(whole_ms=kept_lists.c.whole_ms - A_DAY_MS + 60_000)
    assert books.read().requests == NEW
    books.kept(whole_ms=kept_lists.c.whole_ms - 60_000)
    assert books.read().requests == WHOLE


def test_another_organization_or_login_and_whoever_asks_for_it_get_the_whole_list(books: Books) -> None:
    books.read()
    assert books.read(source="other books").requests == WHOLE
    assert books.read(source="other books").requests == NEW
    assert books.read(source="other books", whole=True).requests == WHOLE


def test_a_refusal_has_the_list_read_whole_also_when_it_was_just_being_read(books: Books) -> None:
    books.read()
    reading = books.store()
    content = reading.load()
    assert content is not None
    refuse_lists(books.database, CONNECTION)
    reading.keep(content, is_whole=False)
    assert books.store().load() is None
    assert books.store().is_in_doubt
    gone = books.vendors[3]
    del books.zoho.organization.contacts[gone["contact_id"]]
    assert books.read_as_they_are().requests == WHOLE
    assert not books.store().is_in_doubt


def test_of_two_that_read_at_the_same_time_the_first_keeps_what_it_read(books: Books) -> None:
    first, second = books.store(), books.store()
    assert first.load() is second.load() is None
    first.keep("of the first", is_whole=True)
    second.keep("of the second", is_whole=True)
    assert books.store().load() == "of the first"
    for store in (first, second):
        store.load()
    second.keep("of the second", is_whole=False)
    first.keep("of the first again", is_whole=True)
    assert books.store().load() == "of the second"


def test_customers_are_kept_by_themselves(books: Books) -> None:
    books.read()
    for number, contact in enumerate(list(books.zoho.organization.contacts.values())):
        books.add(f"C{number * 37 % MANY:03}", contact_type="customer", last_modified_time=contact["created_time"])
    store = KeptList(books.database, CONNECTION, "customers", lambda: "books")
    requests = [
        read_contacts(books.zoho.client().customer_list(), Customer, store, whole=False).requests for _ in range(2)
    ]
    assert requests == [WHOLE, NEW]
    assert books.read_as_they_are().requests == NEW


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_to_the_vendors_what_is_read_is_as_they_are(books: Books, seed: int) -> None:
    rng = random.Random(seed)
    books.zoho.time.sleep(3600)
    happenings: list[Callable[[], object]] = [
        lambda: books.add(f"New {rng.random()}"),
        lambda: books.change(rng.choice(books.vendors), contact_name=f"Renamed {rng.random()}"),
        lambda: books.change(rng.choice(books.vendors), status=rng.choice(["active", "inactive"])),
        lambda: rng.choice(books.vendors).update(status=rng.choice(["active", "inactive"])),
    ]
    requests = []
    for _ in range(12):
        requests.append(books.read_as_they_are().requests)
        for happening in rng.choices(happenings, weights=[9, 9, 9, 1], k=rng.randrange(4)):
            books.zoho.time.sleep(rng.choice([0, 1, 60]))
            happening()
    assert requests.count(NEW) >= 6


def _all(books: Books, time: str) -> None:
    for vendor in books.vendors:
        vendor["last_modified_time"] = time


def _at(minutes: float) -> str:
    return f"{BEGINNING + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S%z}"


def _email(vendor: Record) -> str:
    return str(vendor["contact_persons"][0]["email"])
