"""A backfill that is cancelled half-way, with a real daemon: it ends cleanly, and another one goes on."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from mlc_pipeline.build import build_defs
from mlc_pipeline_tests.dagster_daemon import daemon, graphql, runs, wait_until
from mlc_pipeline_tests.front_door import House, open_house, small_company, week

WEEKS = 4
PARTITION = "dagster/partition"
LAUNCH = """mutation($asked: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $asked) { ... on LaunchBackfillSuccess { backfillId } }
}"""
CANCEL = "mutation($id: String!) { cancelPartitionBackfill(backfillId: $id) { __typename } }"


def launch(house: House) -> str:
    """Backfill all assets over all weeks; returns the id of the backfill."""
    assets = build_defs(settings=house.settings).resolve_asset_graph().get_all_asset_keys()
    asked = {
        "assetSelection": [{"path": list(key.path)} for key in assets],
        "partitionNames": [week(number) for number in range(WEEKS)],
    }
    return str(graphql(house, LAUNCH, asked=asked)["backfillId"])


def status(instance: dg.DagsterInstance, backfill_id: str) -> str:
    backfill = instance.get_backfill(backfill_id)
    assert backfill is not None
    return backfill.status.value


def posted_weeks(instance: dg.DagsterInstance) -> list[str]:
    """The periods in the order in which their runs began."""
    begun = [record for record in runs(instance) if record.start_time and record.dagster_run.tags.get(PARTITION)]
    return [record.dagster_run.tags[PARTITION] for record in sorted(begun, key=lambda one: one.start_time or 0)]


def test_what_was_posted_stays_nothing_hangs_and_another_backfill_posts_the_rest_oldest_first(
    tmp_path: Path, new_dagster_home: Path
) -> None:
    company = small_company(weeks=WEEKS, reports_per_week=6)
    with (
        open_house(tmp_path, company, dagster_home=new_dagster_home) as house,
        house.dagster_instance() as instance,
    ):
        books = house.sandbox.zoho_books
        first = launch(house)
        with daemon(house):
            wait_until(lambda: bool(house.organization.bills), "the first document")
            books.limits.latency = 5.0  # the daemon looks for cancelled backfills twice a minute
            assert graphql(house, CANCEL, id=first)["__typename"] == "CancelBackfillSuccess"
            wait_until(lambda: status(instance, first) == "CANCELED", "the end of the backfill")
            assert all(record.dagster_run.is_finished for record in runs(instance))
            some = len(house.organization.bills)
            expected = {one.report_id for one in company.expected.values() if one.posted_cents}
            assert 0 < some < len(expected)
            before = len(runs(instance))
            books.limits.latency = 0.0
            second = launch(house)
            wait_until(lambda: status(instance, second).startswith("COMPLETED"), "the second backfill")
        assert status(instance, second) == "COMPLETED_SUCCESS"
        assert posted_weeks(instance)[-WEEKS:] == [week(number) for number in range(WEEKS)]
        assert len(runs(instance)) == before + 2 + WEEKS
        numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
        assert len(numbers) == len(set(numbers)) > some
        for number in range(WEEKS):
            assert house.run(week(number)).reconciliation.balanced
