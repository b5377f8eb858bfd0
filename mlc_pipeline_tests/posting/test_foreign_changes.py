"""What people change in Zoho Books after we posted is found by the next replay, told, and never overwritten."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlc_pipeline_tests.posting.reports import report
from mlc_pipeline_tests.posting.room import Room

REPORTS = (report("R1", 1234, 66), report("R2", 5678))


@pytest.mark.parametrize(
    ("mishap", "told"),
    [
        ("edited", "its total is 99.00, not 13.00"),
        ("void", "it is void"),
        ("deleted", "it was deleted there"),
        ("moved to another vendor", "it is of another vendor"),
        ("renumbered", "its number is ours-no-more, not EXP-R1"),
    ],
)
def test_a_changed_bill_is_found_and_waits_and_when_it_is_restored_it_is_posted_again(
    room: Room, mishap: str, told: str
) -> None:
    room.run(*REPORTS)
    person, bill = room.person(), room.person().bill("EXP-R1")
    vendor_id = bill["vendor_id"]
    {
        "edited": lambda: person.edits_total("EXP-R1", "99.00"),
        "void": lambda: person.voids("EXP-R1"),
        "deleted": lambda: person.deletes("EXP-R1"),
        "moved to another vendor": lambda: bill.update({"vendor_id": "1"}),
        "renumbered": lambda: bill.update({"bill_number": "ours-no-more"}),
    }[mishap]()
    kept = repr(room.bills())
    found = room.run(*REPORTS)
    assert found.progress.writes == 0
    assert (found["R1"].state, found["R1"].reason_code) == ("review", "foreign_document")
    assert told in (found["R1"].reason or "")
    assert found["R2"].state == "posted"
    assert repr(room.bills()) == kept
    story = room.story("R1")
    assert room.run(*REPORTS).states == {"R1": "review", "R2": "posted"}
    assert room.story("R1") == story  # waiting is no news

    bill.update({"vendor_id": vendor_id, "bill_number": "EXP-R1"})
    person.restores(bill)
    person.edits_total("EXP-R1", "13.00")
    person.reopens("EXP-R1")
    assert room.run(*REPORTS).states == {"R1": "posted", "R2": "posted"}
    assert room.story("R1")[-1] == "posted"
    room.assert_exactly_once(*REPORTS)
    assert room.writes() == len(REPORTS)


def test_a_dismissed_change_is_not_looked_at_again(room: Room) -> None:
    room.run(*REPORTS)
    room.person().edits_total("EXP-R1", "99.00")
    room.run(*REPORTS)
    room.ledger("ada@traders.example").dismiss(room.posting("R1"), "agreed with the employee")
    again = room.run(*REPORTS)
    assert again.states == {"R1": "superseded", "R2": "posted"}
    assert "ada@traders.example: agreed with the employee" in (again["R1"].reason or "")
    assert (room.writes(), room.held()["R1"]) == (len(REPORTS), [Decimal(99)])


@pytest.mark.parametrize("amount", [None, "5.00"])
def test_paying_a_bill_is_no_change(room: Room, amount: str | None) -> None:
    room.run(*REPORTS)
    room.person().pays("EXP-R1", amount)
    assert room.run(*REPORTS).states == {"R1": "posted", "R2": "posted"}


def test_a_bill_that_becomes_overdue_or_moves_to_another_day_is_no_change(room: Room) -> None:
    room.run(*REPORTS)
    room.books.settings.bills_become_overdue = True
    room.bills("R2")[0]["date"] = "2026-03-01"
    assert room.run(*REPORTS).states == {"R1": "posted", "R2": "posted"}


def test_a_journal_that_was_deleted_waits_and_is_not_posted_again(room: Room) -> None:
    paid = report("R3", 700, part="company_paid")
    room.run(*REPORTS, paid)
    room.organization.journals.clear()
    found = room.run(*REPORTS, paid)
    assert (found["R3"].state, found.progress.writes) == ("review", 0)
    assert room.organization.journals == {}
