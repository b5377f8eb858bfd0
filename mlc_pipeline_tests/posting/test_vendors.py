"""Vendors that are made while posting: one for each employee, whoever else has the name, and however many ask."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.posting.made_vendors import REMEMBERED_MS, MadeVendors
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.vendor_doubts import VendorDoubts
from mlc_pipeline.posting.vendors import Vendors
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.tables import made_vendors
from mlc_pipeline_tests.posting.reports import ADA, BOB, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import ORGANIZATION_ID, Outcome

BOBS = (report("R1", 100, employee=BOB), report("R2", 200, employee=BOB))


def test_one_vendor_is_made_for_all_reports_of_an_employee(room: Room) -> None:
    assert room.run(*BOBS).progress.writes == 3
    assert [one["contact_name"] for one in _bobs(room)] == [BOB]
    room.assert_exactly_once(*BOBS)


def test_a_vendor_that_was_made_after_the_mapping_is_used(room: Room) -> None:
    run = room.run_of(*BOBS)
    room.books.add_contact(room.organization, "Robert", email="bob@traders.example")
    room.perform(run)
    assert {bill["vendor_name"] for bill in room.bills()} == {"Robert"}


def test_a_name_that_a_customer_has_gets_the_address_added(room: Room) -> None:
    room.books.add_contact(room.organization, BOB, email="bob@customers.example", contact_type="customer")
    room.run(*BOBS)
    room.assert_exactly_once(*BOBS)
    assert {bill["vendor_name"] for bill in room.bills()} == {f"{BOB} (bob@traders.example)"}


def test_a_name_that_cannot_be_had_at_all_waits_in_review_while_the_others_are_posted(room: Room) -> None:
    for name in (BOB, f"{BOB} (bob@traders.example)"):
        room.books.add_contact(room.organization, name, contact_type="customer")
    ada = report("R3", 300)
    outcome = room.run(*BOBS, ada)
    assert outcome.progress.failure is None
    assert outcome.states == {"R1": "review", "R2": "review", "R3": "posted"}
    assert outcome["R1"].reason_code == "vendor_ambiguous"


def test_two_vendors_with_the_same_address_are_a_question_for_a_person(room: Room) -> None:
    run = room.run_of(*BOBS)
    for name in ("Bob One", "Bob Two"):
        room.books.add_contact(room.organization, name, email="bob@traders.example")
    room.perform(run)
    waiting = room.posting("R1")
    assert (waiting.state, waiting.reason_code) == ("review", "vendor_ambiguous")
    assert "merge them" in (waiting.reason or "")
    assert room.bills() == []
    _bobs(room)[1]["status"] = "inactive"
    room.run(*BOBS)
    assert room.posting("R1").state == "posted"


def test_a_vendor_gets_the_name_that_the_mapping_decided_and_the_employees_number(room: Room) -> None:
    outcome = _mapped(room, vendor_name=f"{ADA} (JPY)", vendor_number="E-7")
    assert (outcome["R1"].state, outcome.progress.writes) == ("posted", 2)
    (made,) = _named(room, f"{ADA} (JPY)")
    assert (made["currency_code"], made["contact_number"]) == ("JPY", "E-7")
    assert [bill["vendor_name"] for bill in room.bills()] == [f"{ADA} (JPY)"]


def test_a_decided_name_that_is_taken_gets_the_address_added(room: Room) -> None:
    room.books.add_contact(room.organization, f"{ADA} (JPY)", contact_type="customer")
    assert _mapped(room, vendor_name=f"{ADA} (JPY)")["R1"].state == "posted"
    assert len(_named(room, f"{ADA} (JPY) (ada@traders.example)")) == 1


def test_where_names_need_not_be_unique_the_second_vendor_has_its_own_all_the_same(room: Room) -> None:
    room.books.settings.contact_names_are_unique = False
    _mapped(room, vendor_name=f"{ADA} (JPY)")
    assert (len(_named(room, ADA)), len(_named(room, f"{ADA} (JPY)"))) == (1, 1)


def test_a_document_that_was_stored_without_the_name_is_posted_to_the_employee(room: Room) -> None:
    (plan,) = room.plans(BOBS[0])
    assert plan.document is not None
    stored = json.loads(plan.document.to_json())
    del stored["vendor_name"], stored["vendor_number"]
    read = Document.from_json(json.dumps(stored))
    room.perform(replace(room.run_of(), plans=(replace(plan, document=read),)))
    assert [one["contact_name"] for one in _bobs(room)] == [BOB]


@pytest.mark.parametrize("lists_lag", [False, True])
@pytest.mark.parametrize("attempt", range(2))
def test_two_clients_that_ask_at_the_same_moment_make_one_vendor(
    room: Room, attempt: int, *, lists_lag: bool
) -> None:
    if lists_lag:
        _lag(room)
    room.books.limits.latency = 0.02  # so that both have looked before either has made it
    document = room.plans(BOBS[0])[0].document
    assert document is not None
    barrier, found = threading.Barrier(2), []

    def ask() -> None:
        with room.client() as zoho:
            zoho.organization()
            barrier.wait()
            made, doubts = MadeVendors(room.engine, ORGANIZATION_ID), VendorDoubts(room.ledger(), Patience())
            found.append(Vendors(zoho, made, doubts).vendor_for(document))

    room.at_once(ask, ask)
    (bob,) = _bobs(room)
    assert found == [bob["contact_id"]] * 2


def test_a_vendor_that_no_list_shows_yet_is_not_made_again_by_the_next_run(room: Room) -> None:
    """Both were mapped before the vendor was made; Zoho's lists and searches lag behind."""
    runs = [room.run_of(one) for one in BOBS]
    _lag(room)
    for run in runs:
        room.perform(run)
    room.assert_exactly_once(*BOBS)
    assert [one["contact_name"] for one in _bobs(room)] == [BOB]


def test_a_made_vendor_is_believed_for_an_hour_and_then_the_lists_alone(room: Room) -> None:
    runs = [room.run_of(one) for one in BOBS]
    room.perform(runs[0])
    with room.engine.begin() as database:
        database.execute(sa.update(made_vendors).values(made_ms=made_vendors.c.made_ms - REMEMBERED_MS))
    (made,) = _bobs(room)
    del room.organization.contacts[made["contact_id"]]
    room.perform(runs[1])
    (again,) = _bobs(room)
    assert again["contact_id"] != made["contact_id"]
    assert [bill["vendor_id"] for bill in room.bills("R2")] == [again["contact_id"]]


def _lag(room: Room) -> None:
    """From now on the lists show no contact that is made."""
    yesterday = f"{room.books.clock() - timedelta(days=1):%Y-%m-%dT%H:%M:%S%z}"
    for contact in room.organization.contacts.values():
        contact["created_time"] = yesterday
    room.books.settings.contacts_are_listed_until = yesterday


def _mapped(room: Room, **decided: str) -> Outcome:
    """A run with a report in yen of an employee whose vendor is kept in dollars, as the mapping decides it."""
    (plan,) = room.plans(report("R1", 10000, currency="JPY"))
    assert plan.document is not None
    assert plan.document.vendor_id == ""
    document = replace(plan.document, exchange_rate="0.0067", **decided)
    return room.perform(replace(room.run_of(), plans=(replace(plan, document=document),)))


def _named(room: Room, name: str) -> list[dict[str, object]]:
    return [one for one in room.organization.contacts.values() if one["contact_name"] == name]


def _bobs(room: Room) -> list[dict[str, object]]:
    contacts = room.organization.contacts.values()
    return [
        one
        for one in contacts
        if one["contact_type"] == "vendor"
        and "bob@traders.example" in {person["email"] for person in one["contact_persons"]}
    ]


@pytest.mark.parametrize("lost", ["killed", "not answered in time"])
def test_a_vendor_that_is_made_late_is_waited_for_where_names_may_be_taken_twice(room: Room, lost: str) -> None:
    room.books.settings.contact_names_are_unique = False
    room.order(FaultKind.SLOW_COMMIT, path="/contacts$", delay=0.8)
    if lost == "killed":
        room.kill_while_writing(room.run_of(BOBS[0], timeout=20.0))
    timeout = 5.0 if lost == "killed" else 0.4
    outcome = room.run(BOBS[0], timeout=timeout, grace=2.0)
    assert outcome.progress.failure is None
    room.wait_until_quiet()
    assert len(_bobs(room)) == 1
    room.assert_exactly_once(BOBS[0])
