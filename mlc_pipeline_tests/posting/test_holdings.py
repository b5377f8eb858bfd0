"""What Zoho Books holds under what was posted, as the reconciliation counts it."""

from __future__ import annotations

from decimal import Decimal

from mlc_pipeline.posting.holdings import totals_held
from mlc_pipeline_tests.posting.reports import report
from mlc_pipeline_tests.posting.room import Room


def test_a_journal_that_is_there_twice_counts_twice(room: Room) -> None:
    """One that was committed so late that it had been sent again."""
    posted = room.run(report("R1", 1234, part="company_paid"))["R1"]
    ((journal_id, journal),) = room.organization.journals.items()
    document = posted.document
    assert document is not None
    numbers = {journal_id: document.number}
    with room.client() as zoho:
        assert totals_held(zoho, "journal", [document.date], numbers) == {journal_id: Decimal("12.34")}
        room.organization.journals["1"] = {**journal, "journal_id": "1"}
        room.organization.journals["2"] = {**journal, "journal_id": "2", "reference_number": "EXP-by-hand"}
        assert totals_held(zoho, "journal", [document.date], numbers) == {journal_id: Decimal("24.68")}
