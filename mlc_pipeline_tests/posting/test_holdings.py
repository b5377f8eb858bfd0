"""What Zoho Books holds under what was posted, as the reconciliation counts it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.posting.holdings import Holding, Posted, held_now
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline_tests.posting.reports import BOB, Report, report
from mlc_pipeline_tests.posting.room import Room


def held(room: Room, *postings: Posting) -> dict[str, Holding]:
    """What is held under the documents of these postings, which are of one kind."""
    documents = [
        Posted(one.zoho_id or "", one.document.number, one.report_id, one.document.date)
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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (report("R1", 1234), report("R1", 5600)),
        (report("r1", 5600, employee=BOB), report("R1", 1234)),
    ],
)
def test_what_the_ledger_knows_of_an_earlier_revision_or_another_report_is_no_copy(
    room: Room, before: Report, after: Report
) -> None:
    """An earlier revision whose bill a person lets stand; a report whose id differs only in case."""
    first = room.run(before)[before.report_id]
    room.run(after)
    if before.report_id == after.report_id:
        room.ledger().dismiss(room.posting("R1"), "it was booked by hand")
        room.run(report("R1", 7700), on_amendment="reverse_and_repost")
        room.organization.bills[first.zoho_id or ""]["status"] = "open"
    posting = room.posting(after.report_id)
    assert posting.zoho_id not in (None, first.zoho_id)
    assert held(room, posting)[posting.zoho_id or ""].copies == ()
