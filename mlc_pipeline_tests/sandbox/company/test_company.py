import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.sandbox.company import Company, generate_company
from mlc_pipeline.sandbox.company.scenarios import SCENARIOS
from mlc_pipeline.sandbox.expensify import ExpensifyAccount

ZONE = "America/New_York"
START = date(2026, 3, 2)  # daylight saving begins at the end of this week


@pytest.fixture(scope="module")
def company() -> Company:
    return generate_company(7, zone=ZONE, first_period_start=START, broken_reports=1)


def effective(expense: dict[str, Any]) -> int:
    """Converted, else modified, else original amount, where an empty string counts as unset."""
    present = (expense.get(name) for name in ("convertedAmount", "modifiedAmount", "amount"))
    amount = next(value for value in present if value not in (None, ""))
    assert type(amount) is int
    return amount


def by_scenario(company: Company, name: str) -> list[dict[str, Any]]:
    return [report for report in company.reports if company.expected[report["reportID"]].scenario == name]


def test_the_same_seed_gives_the_same_company() -> None:
    first, again, other = (generate_company(seed, zone=ZONE, first_period_start=START) for seed in (1, 1, 2))
    assert first == again
    assert first.reports != other.reports


def test_four_weeks_of_eight_reports_show_every_scenario(company: Company) -> None:
    shown = {expectation.scenario for expectation in company.expected.values()}
    assert shown == {scenario.name for scenario in SCENARIOS} | {"held back"}


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_expected_amounts_are_those_of_the_raw_expenses(seed: int) -> None:
    company = generate_company(seed, zone=ZONE, first_period_start=START, broken_reports=1)
    for report in company.reports:
        expectation = company.expected[report["reportID"]]
        paid = {True: 0, False: 0}
        for expense in report["transactionList"]:
            paid[expense["reimbursable"]] += effective(expense)
        assert paid == {True: expectation.reimbursable_cents, False: expectation.company_paid_cents}
        adds_up = sum(paid.values()) == report["total"]
        assert adds_up == (expectation.review != "total_mismatch")


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
def test_every_approval_lies_in_the_expected_period(zone: str) -> None:
    company = generate_company(3, zone=zone, first_period_start=START)
    for expectation in company.expected.values():
        if expectation.period is None or expectation.approved_at is None:
            assert expectation.approved_at is None
            continue
        first = date.fromisoformat(expectation.period)
        bounds = [
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) for day in (first, first + timedelta(7))
        ]
        assert bounds[0] <= expectation.approved_at < bounds[1]


def test_approval_timestamps_are_utc_or_a_bare_day(company: Company) -> None:
    for report in company.reports:
        approved_at = company.expected[report["reportID"]].approved_at
        printed = report.get("approved") or None
        assert (printed is None) == (approved_at is None)
        if printed and approved_at:
            assert printed in (approved_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), str(approved_at.date()))


def test_a_period_begins_and_ends_on_the_second(company: Company) -> None:
    approvals = [
        company.expected[by_scenario(company, name)[0]["reportID"]] for name in ("first second", "last second")
    ]
    first, last = (expectation.approved_at for expectation in approvals)
    assert first
    assert last
    assert first.astimezone(ZoneInfo(ZONE)).time().isoformat() == "00:00:00"
    assert last.astimezone(ZoneInfo(ZONE)).time().isoformat() == "23:59:59"


def test_unset_attributes_occur_missing_and_empty(company: Company) -> None:
    expenses = [expense for report in company.reports for expense in report["transactionList"]]
    for name in ("modifiedAmount", "convertedAmount", "categoryGlCode", "tag", "bank", "taxAmount"):
        spellings = Counter("missing" if name not in expense else expense[name] == "" for expense in expenses)
        assert spellings["missing"] > 0, name
        assert spellings[True] > 0, name


def test_strings_are_stored_html_escaped(company: Company) -> None:
    stored = json.dumps(company.reports, ensure_ascii=False)
    assert "&amp;" in stored
    assert "&#39;" in stored
    assert "<b>" not in stored


def test_each_quirk_of_expensify_has_its_report(company: Company) -> None:
    def only(name: str) -> list[dict[str, Any]]:
        expenses: list[dict[str, Any]] = by_scenario(company, name)[0]["transactionList"]
        return expenses

    assert all(expense["currency"] == "JPY" and expense["amount"] % 100 == 0 for expense in only("yen"))
    assert sum(expense.get("nameValuePairs") == {"source": "split"} for expense in only("split")) == 2
    assert all(expense["isDistance"] and expense["units"]["unit"] == "km" for expense in only("distance"))
    assert not any(expense["reimbursable"] for expense in only("company paid only"))
    assert any(expense["amount"] < 0 and expense["bank"] for expense in only("card refund"))
    assert by_scenario(company, "zero total")[0]["total"] == 0
    assert by_scenario(company, "net refund")[0]["total"] < 0
    assert any(r"\:" in expense["tag"] or ":" in expense["tag"] for expense in only("tagged"))
    actions = [entry["action"] for entry in by_scenario(company, "reopened")[0]["actionList"]]
    assert actions == ["SUBMITTED", "APPROVED", "UNAPPROVED", "SUBMITTED", "APPROVED"]


def test_transactions_and_reports_have_ids_of_their_own() -> None:
    company = generate_company(5, zone=ZONE, first_period_start=START, weeks=10, reports_per_week=50)
    assert len(company.expected) == len(company.reports)
    expenses = [expense for report in company.reports for expense in report["transactionList"]]
    assert len({expense["transactionID"] for expense in expenses}) == len(expenses)
    assert all(isinstance(expense["transactionID"], str) for expense in expenses)


def test_only_categories_without_an_active_account_are_expected_in_review(company: Company) -> None:
    accounts = {account["account_name"]: account for account in company.chart_of_accounts}
    for account_name in filter(None, company.accounts_by_category.values()):
        assert accounts[account_name]["is_active"]
    codes = [account["account_code"] for account in company.chart_of_accounts if account["account_code"]]
    assert len(codes) == len(set(codes))
    assert {expectation.review for expectation in company.expected.values()} == {
        None,
        "unmapped_category",
        "inactive_account",
        "total_mismatch",
    }


def test_some_employees_are_vendors_already_and_one_is_known_by_name_only(company: Company) -> None:
    emails = {employee["email"] for employee in company.policy_employees}
    known = {vendor["email"] for vendor in company.vendors}
    assert "" in known
    assert 0 < len(known & emails) < len(emails)


def test_the_expensify_side_can_be_saved_as_json(company: Company) -> None:
    saved = company.to_expensify_account().to_dict()
    assert ExpensifyAccount.from_dict(json.loads(json.dumps(saved))).reports == company.reports
