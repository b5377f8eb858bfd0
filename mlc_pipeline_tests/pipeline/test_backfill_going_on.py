"""A backfill that was stopped in the middle, with a real daemon: it goes on by itself with what is left of it."""

from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import PartitionBackfill

from mlc_pipeline import resuming
from mlc_pipeline.build import build_defs
from mlc_pipeline_tests.dagster_daemon import daemon, graphql, runs, wait_until
from mlc_pipeline_tests.front_door import ACME, House, open_house, small_company, week

WEEKS = 3
LAUNCH = """mutation($asked: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $asked) { ... on LaunchBackfillSuccess { backfillId } }
}"""


def launch(house: House) -> None:
    """Backfill all assets over all weeks."""
    assets = build_defs(settings=house.settings).resolve_asset_graph().get_all_asset_keys()
    asked = {
        "assetSelection": [{"path": list(key.path)} for key in assets],
        "partitionNames": [week(number) for number in range(WEEKS)],
    }
    graphql(house, LAUNCH, asked=asked)


def asked_at(
    house: House, instance: dg.DagsterInstance, moment: float, monkeypatch: pytest.MonkeyPatch
) -> list[dg.RunRequest]:
    """What the sensor asks for at a moment."""
    repository = build_defs(settings=house.settings).get_repository_def()
    with monkeypatch.context() as patch:
        patch.setattr(resuming.time, "time", lambda: moment)
        with dg.build_sensor_context(instance=instance, repository_def=repository) as context:
            told = resuming.backfills_going_on([house.connection]).evaluate_tick(context)
    return list(told.run_requests or [])


def submit(instance: dg.DagsterInstance, asked: dg.RunRequest) -> None:
    """As Dagster's daemon submits what a sensor asks for: nobody wants to wait for the end of the limit."""
    assert asked.asset_graph_subset is not None
    instance.add_backfill(
        PartitionBackfill.from_asset_graph_subset(
            backfill_id="continued",
            backfill_timestamp=time.time(),
            tags=asked.tags,
            dynamic_partitions_store=instance,
            asset_graph_subset=asked.asset_graph_subset,
            title=None,
            description=None,
            run_config=None,
        )
    )


def assert_one_posts_at_a_time(records: list[dg.RunRecord]) -> None:
    """The runs of a backfill have no tag of the job that limits them: the pool of the organization does."""
    bills = dg.AssetKey([ACME, "zoho_bills"])
    posting = [one for one in records if bills in (one.dagster_run.asset_selection or ())]
    begun = sorted((one.start_time, one.end_time or math.inf) for one in posting if one.start_time)
    assert len(begun) > WEEKS
    for (_, end), (start, _) in pairwise(begun):
        assert end <= start


def statuses(instance: dg.DagsterInstance) -> list[str]:
    """Oldest first."""
    return [backfill.status.value for backfill in reversed(instance.get_backfills())]


# Dagster's own, where it checks what a sensor asks for.
@pytest.mark.filterwarnings("ignore:Function `AssetSelection.keys` is deprecated")
@pytest.mark.timeout(900)
def test_what_a_limit_left_of_a_backfill_is_posted_when_the_limit_is_over(
    tmp_path: Path, new_dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = small_company(weeks=WEEKS, reports_per_week=3)
    with (
        open_house(tmp_path, company, dagster_home=new_dagster_home) as house,
        house.dagster_instance() as instance,
    ):
        limits = house.sandbox.zoho_books.limits
        limits.enforced, limits.requests_per_minute, limits.calls_per_day = True, 10_000, 14
        launch(house)
        with daemon(house):
            wait_until(lambda: bool(house.organization.bills), "the first document")
            wait_until(lambda: "FAILURE" in {one.dagster_run.status.value for one in runs(instance)}, "the limit")
            some = len(house.organization.bills)
            wait_until(lambda: statuses(instance) == ["COMPLETED_FAILED"], "the end of the backfill")
            limits.enforced = False
            assert asked_at(house, instance, time.time(), monkeypatch) == []
            (asked,) = asked_at(house, instance, time.time() + 7200, monkeypatch)
            submit(instance, asked)
            assert asked_at(house, instance, time.time() + 7200, monkeypatch) == []
            wait_until(
                lambda: statuses(instance)[1].startswith("COMPLETED"), "the end of the one that continues it"
            )
        assert statuses(instance) == ["COMPLETED_FAILED", "COMPLETED_SUCCESS"]
        reads = [one for one in runs(instance) if "dagster/asset_partition_range_start" in one.dagster_run.tags]
        assert len(reads) == 1  # what was read stays read
        assert_one_posts_at_a_time(runs(instance))
        numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
        assert len(numbers) == len(set(numbers)) > some
        for number in range(WEEKS):
            assert house.run(week(number)).reconciliation.balanced
