"""The shipped dagster.yaml, as Dagster understands it: what each setting is for, and what that asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mlc_pipeline.build import build_defs
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline_tests.front_door import ACME, House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, new_dagster_home: Path) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("yaml"), dagster_home=new_dagster_home) as opened:
        yield opened


@pytest.fixture
def shipped(house: House) -> Iterator[dg.DagsterInstance]:
    with house.dagster_instance() as instance:
        yield instance


def job_tags(house: House) -> dict[str, Any]:
    return dict(build_defs(settings=house.settings).resolve_job_def(period_job_name(ACME)).tags)


def test_one_run_posts_to_an_organization_while_others_go_side_by_side(
    house: House, shipped: dg.DagsterInstance
) -> None:
    pools = shipped.get_concurrency_config().pool_config
    assert pools.default_pool_limit == 1, "the pool of an organization has one place"
    assert pools.pool_granularity is not None
    assert pools.pool_granularity.value == "run", "counted by step, a killed run would leave its place taken"
    queue = shipped.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs >= 2, "organizations go side by side"
    (limited,) = queue.tag_concurrency_limits
    assert limited["limit"] == 1, "a pool counts only once Dagster has met it; the tag, from the first run on"
    assert limited["value"] == {"applyLimitPerUniqueValue": True}, "of each organization by itself"
    assert limited["key"] in job_tags(house)


def test_what_died_with_its_machine_is_ended_within_minutes_and_begun_once_more(
    house: House, shipped: dg.DagsterInstance
) -> None:
    assert shipped.run_monitoring_enabled
    assert shipped.run_monitoring_poll_interval_seconds <= 60, "within a minute somebody looks"
    assert 120 <= shipped.run_monitoring_start_timeout_seconds <= 300, (
        "a busy machine starts slowly, a dead one never"
    )
    freed = shipped.get_settings("run_monitoring")["free_slots_after_run_end_seconds"]
    assert 0 < freed <= 60, "a place that leaked is free within a minute"
    longest = shipped.run_monitoring_max_runtime_seconds
    assert 3600 < longest <= 86_400, "longer than a large period takes at the limit, not for ever"
    assert job_tags(house)["dagster/max_runtime"] == str(longest)
    assert shipped.run_retries_enabled
    assert shipped.run_retries_max_retries >= 1
    assert not shipped.run_retries_retry_on_asset_or_op_failure, "a step that failed has said why: a person looks"


def test_nothing_is_told_to_others_and_what_schedules_did_is_not_kept_for_ever(
    shipped: dg.DagsterInstance,
) -> None:
    assert not shipped.telemetry_enabled
    assert not shipped.nux_enabled
    assert shipped.get_settings("retention")["schedule"]["purge_after_days"] <= 365
