"""What of a report that was approved again counts as changed: what the books hold otherwise than before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mlc_pipeline_tests.posting.reports import Report, report
from mlc_pipeline_tests.posting.room import Room

LATER = "2026-01-14T08:00:00+00:00"
OF_EXPENSE = report("R1", 1000, is_dated_by_expense=True, day=date(2026, 1, 3))


def reviewed(room: Room, before: Report, **changes: Any) -> bool:
    """Whether the report waits for a person after it was changed and approved again."""
    room.run(before)
    again = room.run(replace(before, approved_at=LATER, **changes))
    assert again.progress.writes == 0
    if again["R1"].state == "posted":
        assert room.story("R1")[-1] == "approved_again"
        return False
    assert (again["R1"].state, again["R1"].reason_code) == ("review", "amended_after_posting")
    return True


def customer(room: Room, name: str) -> str:
    return str(room.books.add_contact(room.organization, name, contact_type="customer")["contact_id"])


def test_another_customer_counts(room: Room) -> None:
    esa, nasa = customer(room, "ESA"), customer(room, "NASA")
    assert reviewed(room, report("R1", 1000, customer_id=esa), customer_id=nasa)


def test_the_billable_flag_counts(room: Room) -> None:
    assert reviewed(room, report("R1", 1000, customer_id=customer(room, "ESA")), is_billable=True)


def test_the_day_of_the_last_expense_counts_where_the_document_has_it(room: Room) -> None:
    assert reviewed(room, OF_EXPENSE, day=date(2026, 1, 5))
    assert "its last expense: 2026-01-03 -> 2026-01-05" in (room.posting("R1").reason or "")


def test_the_bill_gets_the_new_customer_and_the_new_day_where_it_may_be_changed(room: Room) -> None:
    room.run(OF_EXPENSE)
    nasa = customer(room, "NASA")
    changes: dict[str, Any] = {"customer_id": nasa, "is_billable": True, "day": date(2026, 1, 5)}
    outcome = room.run(replace(OF_EXPENSE, approved_at=LATER, **changes), on_amendment="update")
    assert (outcome.progress.writes, outcome["R1"].state, outcome["R1"].revision) == (1, "posted", 2)
    [bill] = room.bills("R1")
    [line] = bill["line_items"]
    assert (str(bill["date"]), line["customer_id"], line["is_billable"]) == ("2026-01-05", nasa, True)


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (report("R1", 1000), {"day": date(2026, 1, 14)}),
        (OF_EXPENSE, {"day": date(2026, 2, 1), "original_date": "2026-01-03"}),
        (replace(OF_EXPENSE, day=date(2026, 2, 1), original_date="2026-01-03"), {"original_date": "2026-01-05"}),
        (OF_EXPENSE, {"day": date(2026, 1, 14), "is_dated_by_expense": False}),
    ],
    ids=["approved again", "locked since", "locked before and since", "dated by its approval now"],
)
def test_a_day_that_moved_by_itself_does_not_count(room: Room, before: Report, changes: dict[str, Any]) -> None:
    assert not reviewed(room, before, coding="something else", **changes)


def test_how_lines_are_described_does_not_count(room: Room) -> None:
    assert not reviewed(room, report("R1", 1000), coding="another name of the category", description="new words")


def test_another_employee_counts(room: Room) -> None:
    assert reviewed(room, report("R1", 1000), employee="Bob Example")


def test_what_was_posted_by_an_earlier_version_is_known_by_its_hash_of_then(room: Room) -> None:
    before = report("R1", 1000)
    [plan] = room.plans(before)
    # Mapped otherwise since then: only the hash says that nobody has changed the report.
    former = ("older still", plan.content_hash)
    now = replace(before, coding="hashed anew", customer_id=customer(room, "ESA"), former_hashes=former)
    room.run(before)
    again = room.run(now, on_amendment="update")
    assert (again.progress.writes, again["R1"].state, again["R1"].revision) == (0, "posted", 1)
