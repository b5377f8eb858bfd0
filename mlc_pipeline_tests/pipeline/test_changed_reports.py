"""Reports that were changed after they were posted: what the reconciliation and their entries tell of both."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.commands.run import PeriodRun
from mlc_pipeline.frames import records
from mlc_pipeline_tests.front_door import ACME, House, week

PERIOD = week(1)


@pytest.fixture
def dollars(house: House) -> House:
    """One report in dollars is approved, 1,140.37 USD that the employee paid, and posted."""
    house.keep_reports(lambda one: one.scenario == "ordinary")
    assert totals(house.run(PERIOD), "posted", "zoho") == {"posted": {"USD": 114037}, "zoho": {"USD": 114037}}
    return house


def totals(run: PeriodRun, *names: str) -> dict[str, dict[str, int]]:
    return {name: dict(getattr(run.reconciliation, f"{name}_total_cents")) for name in names}


def report_of(house: House) -> dict[str, Any]:
    (report,) = house.sandbox.expensify_account.reports
    return report


def change(house: House) -> None:
    """Ten dollars more, on the first of the report's expenses."""
    report_of(house)["transactionList"][0]["amount"] += 1000
    report_of(house)["total"] += 1000


def approve_in_euros(house: House) -> None:
    """The same numbers, but of euros."""
    report = report_of(house)
    for one in (report, *report["transactionList"]):
        one["currency"] = "EUR"


def remarks(house: House) -> dict[str, str]:
    """The remarks of the reconciliation by currency, as a run through Dagster leaves them."""
    rows = records(house.materialise(PERIOD).asset_value([ACME, "reconciliation"]))
    return {row["currency"]: row["remark"] for row in rows}


def test_a_void_bill_that_is_opened_again_counts_beside_the_one_that_took_its_place(dollars: House) -> None:
    house, bills = dollars, dollars.organization.bills
    house.configure(posting={"on_amendment": "reverse_and_repost"})
    change(house)
    assert house.run(PERIOD).reconciliation.balanced
    (void,) = [bill for bill in bills.values() if bill["status"] == "void"]
    void["status"] = "open"

    run = house.run(PERIOD)
    assert (run.exit_code, run.writes, run.reconciliation.balanced) == (2, 0, False)
    assert totals(run, "posted", "zoho") == {"posted": {"USD": 115037}, "zoho": {"USD": 229074}}
    assert remarks(house)["USD"] == (
        "Zoho Books holds 1,140.37 USD more than was posted. "
        f"There beside what was posted: {void['bill_number']} ({void['bill_id']})."
    )

    void["status"] = "void"
    assert house.run(PERIOD).reconciliation.balanced


def test_a_void_bill_of_another_currency_counts_in_its_own(dollars: House) -> None:
    house, bills = dollars, dollars.organization.bills
    house.configure(posting={"on_amendment": "reverse_and_repost"})
    approve_in_euros(house)
    assert totals(house.run(PERIOD), "expensify", "zoho") == {
        "expensify": {"EUR": 114037},
        "zoho": {"EUR": 114037},
    }
    next(bill for bill in bills.values() if bill["status"] == "void")["status"] = "open"
    run = house.run(PERIOD)
    assert not run.reconciliation.balanced
    assert totals(run, "posted", "zoho") == {
        "posted": {"EUR": 114037, "USD": 0},
        "zoho": {"EUR": 114037, "USD": 114037},
    }


def test_a_report_that_is_approved_in_another_currency_waits_in_both(dollars: House) -> None:
    house = dollars
    approve_in_euros(house)
    run = house.run(PERIOD)
    assert totals(run, "expensify", "posted", "in_review", "zoho") == {
        "expensify": {"EUR": 114037, "USD": 0},
        "posted": {"EUR": 0, "USD": 114037},
        "in_review": {"EUR": 114037, "USD": -114037},
        "zoho": {"EUR": 0, "USD": 114037},
    }
    assert (run.exit_code, run.reconciliation.balanced) == (1, True), "all of it waits"
    (waiting,) = [one for one in run.documents if one["state"] == "review"]
    (before,) = house.organization.bills.values()
    assert "1,140.37 USD then, 1,140.37 EUR now (" in waiting["reason"]
    for line in before["line_items"]:
        assert f"{line['account_name']}: {line['item_total']:,.2f} USD -> " in waiting["reason"]

    house.mlc_here("review", "dismiss", waiting["number"], "--why", "booked by hand")
    dismissed = house.run(PERIOD)
    assert (dismissed.exit_code, dismissed.reconciliation.balanced) == (0, True)
    assert totals(dismissed, "dismissed")["dismissed"] == {"EUR": 114037, "USD": -114037}


@pytest.mark.parametrize("in_the_way", ["skip", "lock"])
def test_an_entry_compares_no_lines_with_a_document_that_would_not_be_posted(
    dollars: House, in_the_way: str
) -> None:
    house = dollars
    change(house)
    if in_the_way == "skip":
        house.configure(posting={"reimbursable": "skip"})
    else:
        house.organization.locks.append({"modules": ["bills"], "transaction_lock_date": "2025-01-31"})
    (waiting,) = [one for one in house.run(PERIOD).documents if one["reason_code"] == "amended_after_posting"]
    assert "1,140.37 USD then, 1,150.37 USD now. Correct " in waiting["reason"]
