"""Documents that Zoho Books has under our number already: adopted if they are what was meant, else a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.accounting.descriptions import moved_from
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.database import open_database
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import BOB, Expense, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import Outcome, perform

REPORTS = (
    report("R1", 1234, Expense(5600, "Travel")),
    report("R2", 99, employee=BOB),
    report("R3", 700, part="company_paid"),
)
ONE = REPORTS[0]


def lose_the_ledger(room: Room, tmp_url: str) -> None:
    """From now on the room works with an empty database."""
    room.engine.dispose()
    room.engine, room.database_url = open_database(tmp_url), tmp_url


def test_an_empty_ledger_adopts_what_is_there_and_writes_nothing(room: Room, other_database_url: str) -> None:
    room.run(*REPORTS)
    ids = {one.report_id: room.posting(one.report_id).zoho_id for one in REPORTS}
    lose_the_ledger(room, other_database_url)
    again = room.run(*REPORTS)
    assert again.progress.writes == 0
    assert {one.report_id: again[one.report_id].zoho_id for one in REPORTS} == ids
    room.assert_exactly_once(*REPORTS)
    assert room.story("R1") == ["planned", "posted"]


TWINS = (
    (report("R00QQqB", 1234, part="company_paid"), report("R00qQqB", 5678, part="company_paid")),
    (report("R00QQqB", 1234), report("R00qQqB", 5678, employee=BOB)),
)
"""Expensify's ids are told apart by their case, while Zoho Books finds one number under the other."""


@pytest.mark.parametrize(("first", "second"), TWINS)
def test_the_document_of_a_report_whose_id_differs_only_in_case_is_no_copy_of_this_one(
    room: Room, other_database_url: str, first: Report, second: Report
) -> None:
    room.run(first)
    room.run(second, period="2026-01-12")
    room.assert_exactly_once(first, second)
    assert room.run(first).progress.writes == room.run(second, period="2026-01-12").progress.writes == 0
    lose_the_ledger(room, other_database_url)
    assert room.run(first, second).progress.writes == 0
    room.assert_exactly_once(first, second)


@pytest.mark.parametrize(("first", "second"), TWINS)
def test_lost_answers_to_such_documents_are_found_by_the_case_of_their_number(
    room: Room, first: Report, second: Report
) -> None:
    room.order(FaultKind.CUT_AFTER_COMMIT, path=r"/(bills|journals)$", times=2)
    room.run(first, second, workers=2)
    assert [room.story(one.report_id).count("sending") for one in (first, second)] == [1, 1]
    room.assert_exactly_once(first, second)


def test_what_is_found_only_after_zoho_refused_the_number_is_compared_too(
    room: Room, other_database_url: str
) -> None:
    """The bill was moved to another day, where the listing before sending does not find it."""
    room.run(ONE)
    room.bills("R1")[0]["date"] = "2025-11-01"
    lose_the_ledger(room, other_database_url)
    again = room.run(ONE)
    assert (again.states, again.progress.writes) == ({"R1": "review"}, 1)
    assert "its date is 2025-11-01, not 2026-01-07" in (again["R1"].reason or "")
    assert room.run(ONE).states == {"R1": "review"}
    assert len(room.bills()) == 1
    room.bills("R1")[0]["date"] = "2026-01-07"
    assert room.run(ONE).states == {"R1": "posted"}
    assert room.story("R1") == ["planned", "sending", "review", "posted"]


@pytest.mark.parametrize("part", ["reimbursable", "company_paid"])
def test_a_day_that_nothing_explains_is_a_question_where_the_document_is_not_known_to_be_ours(
    room: Room, other_database_url: str, part: Part
) -> None:
    approved = report("R1", 1234, part=part)
    room.run(approved)
    _only(room)["date" if part == "reimbursable" else "journal_date"] = "2026-01-08"
    assert room.run(approved).states == {"R1": "posted"}  # what we have posted may be moved by people
    lose_the_ledger(room, other_database_url)
    room.run(report("R2", 99, day=date(2026, 1, 8), part=part))  # so that the list shows that day too
    again = room.run(approved, report("R2", 99, day=date(2026, 1, 8), part=part))
    assert (again["R1"].state, again["R1"].reason_code) == ("review", "foreign_document")
    assert "its date is 2026-01-08, not 2026-01-07" in (again["R1"].reason or "")


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({}, {"date": date(2026, 2, 1), "original_date": "2026-01-07"}),
        ({"date": date(2026, 2, 1), "original_date": "2026-01-07"}, {}),
        (
            {"date": date(2026, 2, 1), "original_date": "2026-01-07"},
            {"date": date(2026, 3, 1), "original_date": "2026-01-07"},
        ),
    ],
)
def test_a_day_that_a_closed_period_has_moved_is_explained(
    room: Room, other_database_url: str, then: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    _run_on(room, then)
    lose_the_ledger(room, other_database_url)
    again = _run_on(room, now)
    assert (again["R1"].state, again["R1"].reason) == ("posted", None)
    assert len(room.bills()) == 1


def _run_on(room: Room, moved: Mapping[str, Any]) -> Outcome:
    (plan,) = room.plans(ONE)
    assert plan.document is not None
    document = replace(plan.document, **moved)
    if document.original_date:
        text = f"{moved_from(document.original_date)}, in a closed period; posted on ..."
        document = replace(document, notes=f"{document.notes}\n{text}")
    return room.perform(replace(room.run_of(), plans=(replace(plan, document=document),)))


def _only(room: Room) -> dict[str, Any]:
    (document,) = (*room.bills(), *room.organization.journals.values())
    return document


def test_where_zoho_ignores_the_filters_of_its_lists_the_right_bill_is_adopted(
    room: Room, other_database_url: str
) -> None:
    room.books.settings.date_filters_work = False
    room.books.settings.number_filters_are_exact = False
    reports = (report("R1", 1234), report("R11", 99), report("R111", 5))
    room.run(*reports)
    lose_the_ledger(room, other_database_url)
    assert room.run(*reversed(reports)).progress.writes == 0
    room.assert_exactly_once(*reports)


def _other_total(room: Room, bill: dict[str, Any]) -> None:
    room.person().edits_total("EXP-R1", "68.35")


def _other_vendor(room: Room, bill: dict[str, Any]) -> None:
    bill["vendor_id"] = room.books.add_contact(room.organization, "Somebody Else")["contact_id"]


def _other_currency(room: Room, bill: dict[str, Any]) -> None:
    bill["currency_code"] = "JPY"


def _other_account(room: Room, bill: dict[str, Any]) -> None:
    bill["line_items"][0]["account_id"] = bill["line_items"][1]["account_id"]


def _other_split(room: Room, bill: dict[str, Any]) -> None:
    for line, cents in zip(bill["line_items"], (-1, 1), strict=True):
        line["item_total"] += Decimal(cents) / 100


def _other_lines(room: Room, bill: dict[str, Any]) -> None:
    line = bill["line_items"].pop()
    bill["line_items"][0]["item_total"] += line["item_total"]


def _void(room: Room, bill: dict[str, Any]) -> None:
    room.person().voids("EXP-R1")


def _other_reference(room: Room, bill: dict[str, Any]) -> None:
    bill["reference_number"] = "R7"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_other_total, "its total is 68.35, not 68.34"),
        (_other_vendor, "it is of another vendor"),
        (_other_currency, "its currency is JPY, not USD"),
        (_other_account, "its lines have other accounts or amounts"),
        (_other_split, "its lines have other accounts or amounts"),
        (_other_lines, "it has 1 lines, not 2"),
        (_void, "it is void"),
        (_other_reference, "its reference is R7, not R1"),
    ],
)
def test_a_bill_that_is_not_what_was_meant_waits_for_a_person(
    room: Room, other_database_url: str, change: Callable[[Room, dict[str, Any]], None], told: str
) -> None:
    room.run(ONE)
    bill = room.bills("R1")[0]
    change(room, bill)
    kept = repr(room.bills())
    lose_the_ledger(room, other_database_url)
    again = room.run(ONE)
    assert again.progress.writes == 0
    assert (again["R1"].state, again["R1"].reason_code) == ("review", "foreign_document")
    assert told in (again["R1"].reason or "")
    assert again["R1"].zoho_id == bill["bill_id"]
    assert repr(room.bills()) == kept


def test_a_number_that_another_employee_has_by_hand_is_a_question_before_anything_is_sent(room: Room) -> None:
    room.run(ONE)
    (bill,) = room.bills()
    bob = room.books.add_contact(room.organization, BOB, email="bob@traders.example")
    room.organization.bills["1"] = {
        **bill, "bill_id": "1", "vendor_id": bob["contact_id"], "bill_number": "exp-R9", "reference_number": ""
    }  # fmt: skip
    asked = room.run(ONE, report("R9", 1234, Expense(5600, "Travel")))
    assert (asked["R9"].state, asked.progress.writes) == ("review", 0)
    assert "another vendor" in (asked["R9"].reason or "")


def test_two_connections_of_the_same_organization_and_ledger_do_not_post_a_report_twice(room: Room) -> None:
    room.run(ONE)
    again = perform(room.run_of(ONE, connection="eu"), room.engine, room.tokens)
    assert again.progress.writes == 0
    room.assert_exactly_once(ONE)
