"""Through Dagster itself: the frames that are kept, what the UI shows of them, and a partition done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow.parquet
import pytest

from mlc_pipeline import frames, schemas
from mlc_pipeline_tests.front_door import ACME, House, open_house, week

PERIOD = week(1)
PARTITIONED: Mapping[str, schemas.Schema] = {
    "expensify_reports": schemas.EXPENSES,
    "category_mappings": schemas.MAPPINGS,
    "zoho_bills": schemas.DOCUMENTS,
    "reconciliation": schemas.RECONCILIATION,
}
REFERENCE: Mapping[str, schemas.Schema] = {
    "expensify_categories": schemas.WORKSPACES,
    "zoho_accounts": schemas.ACCOUNTS,
    "zoho_currencies": schemas.CURRENCIES,
    "zoho_dimensions": schemas.DIMENSIONS,
    "zoho_organization": schemas.ORGANIZATION,
    "zoho_taxes": schemas.TAXES,
    "zoho_vendors": schemas.VENDORS,
}


def stored(house: House, name: str, period: str = PERIOD) -> pd.DataFrame:
    """The Parquet file of an asset, of its partition if it has any."""
    place = house.home / "assets" / ACME
    file = f"{name}/{period}.parquet" if name in PARTITIONED else f"{name}.parquet"
    return frames.frame_from(pyarrow.parquet.read_table(place / file))


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, Mapping[str, Any]]:
    """What each materialisation shows in the UI, by asset."""
    return {
        event.asset_key.path[-1]: event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """A house in which Dagster materialised two periods; of the later one the result and the requests to Zoho."""

    house: House
    result: dg.ExecuteInProcessResult
    requests: int


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, new_dagster_home: Path) -> Iterator[Kept]:
    with open_house(tmp_path_factory.mktemp("kept"), dagster_home=new_dagster_home) as house:
        assert house.materialise(week(0)).success
        house.sandbox.zoho_books.request_log.clear()
        result = house.materialise(PERIOD)
        assert result.success
        yield Kept(house, result, len(house.sandbox.zoho_books.request_log))


def test_the_frames_are_kept_as_parquet_with_their_columns_and_types(kept: Kept) -> None:
    for name, schema in {**PARTITIONED, **REFERENCE}.items():
        frame = stored(kept.house, name)
        assert list(frame.columns) == list(schema.columns)
        assert len(frame) > 0 or name in ("zoho_dimensions", "zoho_taxes")  # the company has none
        pd.testing.assert_frame_equal(frames.validated(schema, frame), frame)
    for name in PARTITIONED:
        assert {path.name for path in (kept.house.home / "assets" / ACME / name).iterdir()} == {
            f"{week(0)}.parquet", f"{PERIOD}.parquet"
        }  # fmt: skip


def test_the_kept_frames_hold_what_was_approved(kept: Kept) -> None:
    expenses = stored(kept.house, "expensify_reports")
    expected = {one.report_id: one for one in kept.house.company.expected.values() if one.period == PERIOD}
    assert set(expenses["report_id"]) == set(expected)
    for report_id, one in expected.items():
        rows = expenses[expenses["report_id"] == report_id]
        assert rows.loc[rows["reimbursable"], "effective_cents"].sum() == one.reimbursable_cents
        assert rows.loc[~rows["reimbursable"], "effective_cents"].sum() == one.company_paid_cents


def test_every_materialisation_shows_its_row_count_and_money_per_currency(kept: Kept) -> None:
    shown = metadata(kept.result)
    assert shown.keys() == {**PARTITIONED, **REFERENCE}.keys()
    for name, values in shown.items():
        assert values["dagster/row_count"].value == len(stored(kept.house, name))
    expected = [one for one in kept.house.company.expected.values() if one.period == PERIOD]
    approved = {one.currency: 0 for one in expected}
    for one in expected:
        approved[one.currency] += one.reimbursable_cents + one.company_paid_cents
    told = {record.data["currency"]: record.data for record in shown["reconciliation"]["totals"].records}
    assert {currency: amounts["expensify"] for currency, amounts in told.items()} == {
        currency: f"{Decimal(cents) / 100:,.2f}" for currency, cents in approved.items()
    }
    assert {amounts["difference"] for amounts in told.values()} == {"0.00"}
    bills = [
        bill
        for bill in kept.house.organization.bills.values()
        if kept.house.company.expected[bill["reference_number"]].period == PERIOD
    ]
    credits = [
        credit
        for credit in kept.house.organization.vendor_credits.values()
        if kept.house.company.expected[credit["reference_number"]].period == PERIOD
    ]
    totals = Counter({one["currency_code"]: Decimal(0) for one in bills})
    for sign, documents in ((1, bills), (-1, credits)):
        for one in documents:
            totals[one["currency_code"]] += sign * one["total"]
    posted = {record.data["currency"]: record.data["total"] for record in shown["zoho_bills"]["totals"].records}
    assert posted == {currency: f"{total:,.2f}" for currency, total in totals.items()}
    assert shown["reconciliation"]["balanced"].value is True


def test_posting_tells_how_far_it_is_in_the_log_and_what_it_took_in_its_metadata(kept: Kept) -> None:
    frame = stored(kept.house, "zoho_bills")
    posted = sum(frame["state"] == "posted")
    with kept.house.dagster_instance() as instance:
        messages = [entry.user_message for entry in instance.all_logs(kept.result.run_id)]
    told = [message for message in messages if " documents posted" in message]
    assert told[-1].startswith(f"{posted} of {posted} documents posted; ")
    assert told[-1].endswith(" a minute.")
    shown = {name: value.value for name, value in metadata(kept.result)["zoho_bills"].items()}
    assert shown["documents_per_minute"] > 0
    assert shown["posting_seconds"] >= 0
    assert posted <= shown["writes_to_zoho"] <= shown["zoho_requests"] <= kept.requests
    assert (shown["zoho_retried"], shown["zoho_why"]) == (0, "nothing was retried")
    assert shown["zoho_waited_seconds"] >= 0


def test_the_checks_show_what_a_person_should_look_at(kept: Kept) -> None:
    passed = {one.check_name: one.passed for one in kept.result.get_asset_check_evaluations()}
    assert passed == {
        "reports_add_up": True,
        "everything_is_mapped": True,
        "no_drift": True,
        "targets_are_active": True,
        "nothing_waits_for_review": True,
        "balanced": True,
    }


def test_materialising_only_the_bills_again_posts_nothing_twice(kept: Kept) -> None:
    bills, before = dict(kept.house.organization.bills), stored(kept.house, "zoho_bills")
    kept.house.sandbox.zoho_books.request_log.clear()
    again = kept.house.materialise(PERIOD, "zoho_bills")
    assert again.success
    assert metadata(again).keys() == {"zoho_bills"}
    assert metadata(again)["zoho_bills"]["writes_to_zoho"].value == 0
    assert kept.house.writes() == []
    assert kept.house.organization.bills == bills
    assert kept.result.run_id != again.run_id
    pd.testing.assert_frame_equal(stored(kept.house, "zoho_bills"), before)


def test_a_step_that_fails_ends_with_a_sentence_and_the_frames_before_it_stay(kept: Kept) -> None:
    before = stored(kept.house, "expensify_reports")
    kept.house.sandbox.expensify_account.faults.add("http_500", job="file")
    failed = kept.house.materialise(PERIOD)
    assert not failed.success
    (event,) = failed.get_step_failure_events()
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert str(failure.description).startswith("Expensify answered 500")
    pd.testing.assert_frame_equal(stored(kept.house, "expensify_reports"), before)
