"""Vendor credits: what an employee owes back is posted once, found again and compared like a bill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.database import open_database
from mlc_pipeline.posting.holdings import Holding, Posted, held_now
from mlc_pipeline.posting.outcomes import document_rows
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Expense, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import Outcome

REFUND = report("R1", 500, Expense(4500, "Travel"))


def run(room: Room) -> Outcome:
    """A run of a report whose refunds outweigh its expenses by 50.00 USD."""
    return room.perform(replace(room.run_of(), plans=(_refund(room),)))


def _refund(room: Room) -> ReportPlan:
    (plan,) = room.plans(REFUND)
    assert plan.document is not None
    document = replace(plan.document, kind="vendor_credit")
    return replace(plan, total_cents=-5000, document=document)


def test_it_is_posted_once_under_our_number(room: Room) -> None:
    outcome = run(room)
    assert (outcome["R1"].state, outcome.progress.writes) == ("posted", 1)
    (credit,) = room.organization.vendor_credits.values()
    assert (credit["vendor_credit_number"], credit["total"]) == ("EXP-R1", Decimal("50.00"))
    assert outcome["R1"].zoho_id == credit["vendor_credit_id"]
    assert run(room).progress.writes == 0
    assert room.bills() == []


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT, FaultKind.SLOW_COMMIT])
def test_a_lost_answer_is_looked_for(room: Room, kind: FaultKind) -> None:
    room.order(kind, path=r"/vendorcredits$", delay=0.05)
    run(room)
    assert run(room)["R1"].state == "posted"
    assert len(room.organization.vendor_credits) == 1


def test_a_lost_ledger_adopts_it_and_what_is_not_the_same_is_a_question(
    room: Room, other_database_url: str
) -> None:
    run(room)
    (credit,) = room.organization.vendor_credits.values()
    day, credit["date"] = credit["date"], "2025-01-01"  # out of sight of the listing
    room.engine.dispose()
    room.engine, room.database_url = open_database(other_database_url), other_database_url
    asked = run(room)
    assert (asked["R1"].state, asked.progress.writes) == ("review", 0)
    assert "its date is 2025-01-01" in (asked["R1"].reason or "")
    credit["date"] = day
    assert (run(room)["R1"].state, run(room).progress.writes) == ("posted", 0)
    credit |= {"status": "void", "balance": Decimal(0)}
    asked = run(room)
    assert (asked["R1"].state, asked["R1"].reason_code) == ("review", "foreign_document")
    assert "it is void" in (asked["R1"].reason or "")


def test_a_number_that_zoho_refuses_as_taken_is_found_and_compared(room: Room) -> None:
    """Two runs may have looked before either has sent it."""
    run(room)
    (credit,) = room.organization.vendor_credits.values()
    with room.client() as zoho, pytest.raises(Exception, match="already exists"):
        zoho.create_vendor_credit(
            {
                "vendor_id": credit["vendor_id"],
                "vendor_credit_number": "exp-r1",
                "line_items": [{"account_id": credit["line_items"][0]["account_id"], "rate": Decimal(1)}],
            }
        )


def test_the_reconciliation_is_told_what_zoho_holds_of_it(room: Room) -> None:
    outcome = run(room)
    (row,) = document_rows(outcome.postings, ())
    assert (row["kind"], row["total_cents"], row["shown_total_cents"]) == ("vendor_credit", -5000, 5000)
    document, zoho_id = outcome["R1"].document, str(outcome["R1"].zoho_id)
    assert document is not None
    posted = [Posted(zoho_id, document.number, "R1", document.date)]
    with room.client() as zoho:
        assert held_now(zoho, room.ledger(), "vendor_credit", posted) == {zoho_id: Holding(Decimal("50.00"))}
        room.organization.vendor_credits["1"] = {
            **room.organization.vendor_credits[zoho_id],
            "vendor_credit_id": "1",
            "vendor_credit_number": "EXP-R1-copy",
        }
        twice = Holding(Decimal("100.00"), ("EXP-R1-copy (1)",))
        assert held_now(zoho, room.ledger(), "vendor_credit", posted) == {zoho_id: twice}
        for one in (zoho_id, "1"):
            zoho.void_vendor_credit(one)
        assert held_now(zoho, room.ledger(), "vendor_credit", posted) == {zoho_id: Holding(Decimal(0))}
