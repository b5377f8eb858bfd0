"""Drift: what became different since the period before, and inactive targets, are shown as asset checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest

from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline_tests.front_door import ACME, House, week

ASSETS = (
    "expensify_categories", "zoho_accounts", "zoho_vendors", "zoho_currencies", "zoho_taxes", "zoho_dimensions",
    "zoho_organization", "expensify_reports", "category_mappings",
)  # fmt: skip


def _checks(house: House, period: str) -> Mapping[str, dg.AssetCheckEvaluation]:
    result = house.materialise(period, *ASSETS)
    assert result.success
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def _rows(check: dg.AssetCheckEvaluation) -> list[dict[str, Any]]:
    (metadata,) = check.metadata.values()
    assert isinstance(metadata, dg.TableMetadataValue)
    return [dict(record.data) for record in metadata.records]


def _account(house: House, code: str) -> Record:
    return next(one for one in house.organization.accounts.values() if one["account_code"] == code)


def _spent_in_both(house: House) -> str:
    """The code of an account that expenses of both weeks reach by their GL code."""
    reached = []
    for period in (week(0), week(1)):
        house.materialise(period, *ASSETS)
        answers = house.mlc_here("mapping", "show", "--connection", "acme", "--period", period, "--json").json
        reached.append({one["target_code"] for one in answers["answers"] if one["how"] == "gl_code"})
    return str(min(reached[0] & reached[1]))


def test_without_an_earlier_period_there_is_no_drift(house: House) -> None:
    check = _checks(house, week(0))["no_drift"]
    assert (check.passed, check.severity) == (True, dg.AssetCheckSeverity.WARN)
    assert "earlier period" in (check.description or "")


def test_the_same_answers_as_before_are_no_drift(house: House) -> None:
    _checks(house, week(0))
    checks = _checks(house, week(1))
    assert checks["no_drift"].passed, checks["no_drift"].metadata
    assert week(0) in (checks["no_drift"].description or "")


@pytest.mark.parametrize("state", ["inactive", "replaced"])
def test_an_account_that_is_inactive_or_another_one_now_is_drift_and_stops_nothing(
    house: House, state: str
) -> None:
    code = _spent_in_both(house)
    old = _account(house, code)
    old["is_active"] = False
    if state == "replaced":
        old["account_code"] = ""
        house.sandbox.zoho_books.add_account(
            house.organization, "Newly made", account_code=code, account_type="expense"
        )
    checks = _checks(house, week(1))
    drifted = [row for row in _rows(checks["no_drift"]) if old["account_id"] in row["before"]]
    assert drifted
    assert all(row["kind"] == "category" and row["before"] != row["now"] for row in drifted)
    assert (checks["no_drift"].passed, checks["no_drift"].severity) == (False, dg.AssetCheckSeverity.WARN)
    if state == "replaced":
        assert all("Newly made" in row["now"] for row in drifted)
        return
    assert not checks["targets_are_active"].passed
    assert {row["name"] for row in drifted} <= {row["name"] for row in _rows(checks["targets_are_active"])}


def test_a_vendor_that_was_made_since_is_no_drift_and_an_inactive_one_is_named(house: House) -> None:
    assert house.run(week(0)).documents
    check = _checks(house, week(1))["no_drift"]
    assert check.passed, check.metadata
    vendors = [one for one in house.organization.contacts.values() if one["contact_type"] == "vendor"]
    for vendor in vendors:
        vendor["status"] = "inactive"
    active = _checks(house, week(1))["targets_are_active"]
    assert (active.passed, active.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "employee" in {row["kind"] for row in _rows(active)}


def test_the_checks_of_the_mappings_are_done_before_anything_is_posted(house: House) -> None:
    old = _account(house, _spent_in_both(house))
    old["is_active"] = False
    result = house.materialise(week(1))
    happened = [(event.event_type_value, event.step_key or "") for event in result.all_events]
    posting = next(n for n, (kind, step) in enumerate(happened) if kind == "STEP_START" and "zoho_bills" in step)
    checked = {one.check_name for one in result.get_asset_check_evaluations()}
    before = {
        event.event_specific_data.check_name  # type: ignore[union-attr]
        for event in result.all_events[:posting]
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    }
    assert before >= {"everything_is_mapped", "no_drift", "targets_are_active"}
    assert before < checked
    # What they warn of waits, and what is fine is posted all the same.
    bills = result.asset_value(dg.AssetKey([ACME, "zoho_bills"]))
    assert {"posted", "review"} <= set(bills["state"])
