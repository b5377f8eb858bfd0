"""What Zoho Books refuses waits under the fitting reason, with Zoho's own words and how to mend it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from mlc_pipeline.posting.patience import MOST_ATTEMPTS
from mlc_pipeline.posting.refusals import problem_of
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.sandbox.zoho.records import add_reporting_tag
from mlc_pipeline.zoho.errors import Refused
from mlc_pipeline_tests.posting.reports import BOB, report
from mlc_pipeline_tests.posting.room import Room

ONE = report("R1", 100)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ("Transactions dated on or before 2026-01-31 are locked.", 1, "locked_period"),
        ("You cannot add a bill before the lock date.", None, "locked_period"),
        ("The account Travel is inactive.", 1, "inactive_account"),
        ("Select an option for the reporting tag Cost Center.", 1, "missing_dimension"),
        ("The reporting tag Cost Center is mandatory.", 1, "missing_dimension"),
        ("The currency of the transaction differs from USD, the currency of Ada.", 1, "currency_mismatch"),
        ("Apply reverse charge.", 71512, "tax_not_supported"),
        ("A line item cannot have both.", 71510, "tax_not_supported"),
        ("IGST has to be applied as this is an interstate transaction", 3032, "tax_not_supported"),
        ("Tax not supported.", 110942, "tax_not_supported"),
        ("The rate of a line item cannot be negative.", 8, "refused_by_zoho"),
        ("The block of text is too long.", 15, "refused_by_zoho"),
    ],
)
def test_each_refusal_has_its_reason_and_zohos_words(message: str, code: int | None, reason: str) -> None:
    problem = problem_of(Refused(message, code=code, http_status=400))
    assert problem.code == reason
    assert message.rstrip(".") in problem.message


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (71512, "reverse charge .* with a tax or without, .* journal"),
        (71510, "takes no tax beside the reverse charge: .* journal"),
        (3032, "map the tax to the other one"),
    ],
)
def test_what_india_refuses_has_its_own_way_out(code: int, mend: str) -> None:
    message = problem_of(Refused("No.", code=code, http_status=400)).message
    assert re.search(mend, message)
    assert "none" not in message.replace("none is posted", "")


def test_a_locked_period_that_was_opened_goes_through_with_the_next_run(room: Room) -> None:
    room.organization.locks.append({"modules": ["bills"], "transaction_lock_date": "2026-01-31"})
    refused = room.run(ONE)["R1"]
    assert (refused.state, refused.reason_code) == ("review", "locked_period")
    assert "2026-01-31 are locked" in (refused.reason or "")
    room.organization.locks.clear()
    room.run(ONE)
    room.assert_exactly_once(ONE)


def test_a_mandatory_tag_that_is_missing_names_the_tag(room: Room) -> None:
    add_reporting_tag(room.books, room.organization, "Cost Center", ["North"], is_mandatory=True)
    refused = room.run(ONE)["R1"]
    assert refused.reason_code == "missing_dimension"
    assert "Cost Center" in (refused.reason or "")


def test_a_vendor_in_another_currency_is_told(room: Room) -> None:
    (plan,) = room.plans(ONE)
    yen = room.organization.currency("JPY")
    assert plan.document is not None
    lines = tuple(replace(line, amount_cents=12800) for line in plan.document.lines)
    document = replace(plan.document, currency="JPY", currency_id=yen["currency_id"], precision=0, lines=lines)
    run = replace(room.run_of(), plans=(replace(plan, document=document, currency="JPY", total_cents=12800),))
    assert room.perform(run)["R1"].reason_code == "currency_mismatch"


def test_a_vendor_of_whom_nobody_knows_whether_it_was_made_waits_for_a_person_in_the_end(room: Room) -> None:
    bob = report("R1", 100, employee=BOB)
    room.order(FaultKind.CUT_BEFORE_COMMIT, path=r"/contacts$", times=99)
    states = [room.run(bob)["R1"].state for _ in range(MOST_ATTEMPTS)]
    assert states[0] == "planned"
    assert states[-1] == "review"
    assert room.posting("R1").reason_code == "vendor_missing"
    room.books.faults.clear()
    room.run(bob)
    room.assert_exactly_once(bob)
    assert room.held() == {"R1": [Decimal("1.00")]}
