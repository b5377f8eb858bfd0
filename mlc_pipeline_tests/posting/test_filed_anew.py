"""A posting that another run files anew, with a newer export or mapping, between a look at it and its claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.recording import record
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import ADA, BOB, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import CONNECTION, ORGANIZATION_ID, PERIOD

OLD, NEW = report("R1", 1000, employee=ADA), report("R1", 2500, employee=BOB)


class Overtaken(Ledger):
    """The ledger of a run whose every first claim comes just after something that another run did."""

    def __init__(self, room: Room, meanwhile: Callable[[], object]) -> None:
        super().__init__(room.engine, Actor("run A", CONNECTION, ORGANIZATION_ID))
        self.meanwhile: Callable[[], object] | None = meanwhile

    def claim(self, posting: Posting, claimant: str, lease_ms: int, details: Mapping[str, Any]) -> Posting:
        """As always, but too late the first time."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().claim(posting, claimant, lease_ms, details)


def _filed(room: Room, who: str, approved: Report) -> Posting:
    (posting,) = record(room.ledger(who), PERIOD, room.plans(approved), "review")
    return posting


@pytest.mark.parametrize(
    "newer",
    [
        NEW,
        report("R1", 2500, employee=ADA),
        report("R1", 1000, employee=BOB),
        replace(OLD, day=OLD.day.replace(day=8)),
    ],
    ids=["another amount of another employee", "another amount", "another employee", "another day"],
)
def test_what_was_filed_anew_is_neither_claimed_nor_held_as_it_was_read(room: Room, newer: Report) -> None:
    read = _filed(room, "run A", OLD)
    filed = _filed(room, "run B", newer)
    ledger = room.ledger("run A")
    with pytest.raises(ClaimLost):
        ledger.claim(read, "A", 60_000, {"vendor_id": read.vendor_id})
    with pytest.raises(ClaimLost):
        ledger.hold(read, "A", 60_000)
    assert ledger.get(read.id) == filed


def test_a_run_that_is_overtaken_reads_again_and_sends_what_was_filed_last(room: Room) -> None:
    read = _filed(room, "run A", OLD)
    ledger = Overtaken(room, lambda: _filed(room, "run B", NEW))
    with room.client() as zoho:
        Poster(ledger, zoho).post([read])
    room.assert_exactly_once(NEW)
    (bill,) = room.bills()
    assert bill["vendor_name"] == BOB


def test_a_run_that_is_overtaken_by_a_question_sends_nothing(room: Room) -> None:
    read = _filed(room, "run A", OLD)

    def asked() -> None:
        record(room.ledger("run B"), PERIOD, (), "review")  # the report has vanished

    with room.client() as zoho:
        Poster(Overtaken(room, asked), zoho).post([read])
    assert (room.bills(), room.posting("R1").state) == ([], "review")


def test_a_journal_that_another_run_has_sent_and_taken_back_meanwhile_is_looked_for_first(room: Room) -> None:
    """Zoho takes any number of journals: what was tried since it was read may be there."""
    paid = report("R1", 1000, part="company_paid")
    read = _filed(room, "run A", paid)

    def tried() -> None:
        room.order(FaultKind.TOO_MANY_PER_DAY, path="/journals$")
        room.run(paid)
        room.books.request_log.clear()

    with room.client() as zoho:
        Poster(Overtaken(room, tried), zoho).post([read])
    asked = [one.method for one in room.books.request_log if one.path.endswith("/journals")]
    assert asked == ["GET", "POST"]
    room.assert_exactly_once(paid)
