"""Vendors that are made while posting: one for each employee, whoever else has the name, and however many ask."""

from __future__ import annotations

import threading

import pytest

from mlc_pipeline.posting.vendors import Vendors
from mlc_pipeline_tests.posting.reports import BOB, report
from mlc_pipeline_tests.posting.room import Room

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


@pytest.mark.parametrize("attempt", range(3))
def test_two_clients_that_ask_at_the_same_moment_make_one_vendor(room: Room, attempt: int) -> None:
    room.books.limits.latency = 0.02  # so that both have looked before either has made it
    document = room.plans(BOBS[0])[0].document
    assert document is not None
    barrier, found = threading.Barrier(2), []

    def ask() -> None:
        with room.client() as zoho:
            zoho.organization()
            barrier.wait()
            found.append(Vendors(zoho).vendor_for(document))

    room.at_once(ask, ask)
    (bob,) = _bobs(room)
    assert found == [bob["contact_id"]] * 2


def _bobs(room: Room) -> list[dict[str, object]]:
    contacts = room.organization.contacts.values()
    return [
        one
        for one in contacts
        if one["contact_type"] == "vendor"
        and "bob@traders.example" in {person["email"] for person in one["contact_persons"]}
    ]
