"""What Zoho Books holds under what was posted, as the reconciliation counts it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.posting.holdings import Holding, Posted, held_now
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline_tests.posting.reports import BOB, report
from mlc_pipeline_tests.posting.room import Room


def held(room: Room, *postings: Posting) -> dict[str, Holding]:
    """What is held under the documents of these postings, which are of one kind."""
    documents = [
        Posted(one.zoho_id or "", one.document.number, one.report_id, one.document.date, one.state == "superseded")
        for one in postings
        if one.document is not None
    ]
    with room.client() as zoho:
        return held_now(zoho, room.ledger(), str(postings[0].kind), documents)


def copy(shelf: dict[str, dict[str, Any]], zoho_id: str | None, **other: Any) -> None:
    """Copy what stands there, as people do, with other content."""
    copied = {**shelf[zoho_id or ""], **other}
    shelf[copied["bill_id" if "bill_id" in copied else "journal_id"]] = copied


def test_a_journal_that_is_there_twice_counts_twice(room: Room) -> None:
    """One that was committed so late that it had been sent again."""
    posting = room.run(report("R1", 1234, part="company_paid"))["R1"]
    zoho_id = posting.zoho_id or ""
    assert held(room, posting) == {zoho_id: Holding(Decimal("12.34"))}
    copy(room.organization.journals, zoho_id, journal_id="1")
    copy(room.organization.journals, zoho_id, journal_id="2", reference_number="EXP-by-hand")
    assert held(room, posting) == {zoho_id: Holding(Decimal("24.68"), ("EXP-R1 (1)",))}


COPIES = {
    "the same number for another vendor": {"vendor_id": "17"},
    "the same number in other letters": {"vendor_id": "17", "bill_number": "exp-r1", "reference_number": ""},
    "another number with the same reference": {"bill_number": "EXP-R1-copy"},
}


@pytest.mark.parametrize("other", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_bill_counts_with_it_until_it_is_void(room: Room, other: dict[str, str]) -> None:
    posting = room.run(report("R1", 1234))["R1"]
    zoho_id = posting.zoho_id or ""
    copy(room.organization.bills, zoho_id, bill_id="1", **other)
    named = f"{other.get('bill_number', 'EXP-R1')} (1)"
    assert held(room, posting) == {zoho_id: Holding(Decimal("24.68"), (named,))}
    room.organization.bills["1"]["status"] = "void"
    assert held(room, posting) == {zoho_id: Holding(Decimal("12.34"))}


def test_another_report_whose_id_differs_only_in_case_is_no_copy(room: Room) -> None:
    room.run(report("r1", 5600, employee=BOB))
    posting = room.run(report("R1", 1234))["R1"]
    assert held(room, posting) == {posting.zoho_id: Holding(Decimal("12.34"))}


DAYS = {"the same day": date(2026, 1, 7), "another day, in no listing": date(2026, 3, 4)}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_what_was_replaced_is_a_copy_once_it_is_open_again(room: Room, day: date) -> None:
    room.run(report("R1", 1234))
    posting = room.run(report("R1", 1300, day=day), on_amendment="reverse_and_repost")["R1"]
    replaced = room.posting("R1", 1)
    stands = {posting.zoho_id: Holding(Decimal("13.00"))}
    assert held(room, replaced, posting) == {replaced.zoho_id: Holding(Decimal(0))} | stands
    room.person().reopens("EXP-R1")
    again = Holding(Decimal("12.34"), (f"EXP-R1 ({replaced.zoho_id})",))
    assert held(room, replaced, posting) == {replaced.zoho_id: again} | stands


def test_a_bill_under_the_number_that_an_update_gave_up_is_a_copy(room: Room) -> None:
    """Zoho Books takes it again; two revisions are one bill."""
    room.run(report("R1", 1234))
    posting = room.run(report("R1", 1300), on_amendment="update")["R1"]
    revisions = (room.posting("R1", 1), posting)
    assert held(room, *revisions) == {posting.zoho_id: Holding(Decimal("13.00"))}
    copy(room.organization.bills, posting.zoho_id, bill_id="1", bill_number="EXP-R1")
    assert held(room, *revisions) == {posting.zoho_id: Holding(Decimal("26.00"), ("EXP-R1 (1)",))}
