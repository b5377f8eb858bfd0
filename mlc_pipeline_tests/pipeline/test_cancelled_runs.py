"""A run whose backfill is cancelled ends by itself: before it posts, or with its next heartbeat, for good."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from mlc_pipeline import heartbeats
from mlc_pipeline.build import build_defs
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.resuming import going_on
from mlc_pipeline_tests.front_door import ACME, House, week

BACKFILL_ID = "abcdefgh"


def file_backfill(instance: dg.DagsterInstance, status: str) -> PartitionBackfill:
    backfill = PartitionBackfill(
        BACKFILL_ID, BulkActionStatus(status), from_failure=False, tags={}, backfill_timestamp=time.time()
    )
    instance.add_backfill(backfill)
    return backfill


def run_of_backfill(house: House, instance: dg.DagsterInstance) -> dg.DagsterRun:
    """The run of one period, as Dagster's daemon starts it for a backfill; tells how it ended."""
    job = build_defs(settings=house.settings).resolve_job_def(period_job_name(ACME))
    result = job.execute_in_process(
        instance=instance,
        partition_key=week(0),
        tags={"dagster/backfill": BACKFILL_ID},
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    return run


def asked_to_go_on(house: House, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    defs = build_defs(settings=house.settings)
    with dg.build_sensor_context(instance=instance, definitions=defs) as context:
        return list(going_on(house.connection).evaluate_tick(context).run_requests or [])


@contextmanager
def as_soon_as_something_is_posted(house: House, instance: dg.DagsterInstance, status: str) -> Iterator[None]:
    """Give the backfill a status while its run is posting."""
    backfill = file_backfill(instance, "REQUESTED")

    def turn() -> None:
        while not house.writes():
            time.sleep(0.02)
        instance.update_backfill(backfill.with_status(BulkActionStatus(status)))

    turning = threading.Thread(target=turn)
    turning.start()
    yield
    turning.join()


@pytest.mark.parametrize("status", ["CANCELING", "CANCELED"])
def test_a_run_that_starts_after_its_backfill_was_cancelled_posts_nothing(house: House, status: str) -> None:
    with house.dagster_instance() as instance:
        file_backfill(instance, status)
        assert run_of_backfill(house, instance).status == dg.DagsterRunStatus.CANCELED
        assert asked_to_go_on(house, instance) == []
    assert house.writes() == []
    assert house.run(week(0)).reconciliation.balanced


def test_a_run_that_is_posting_ends_with_its_next_heartbeat(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "_BEATS", 600)
    house.configure(zoho={"concurrency": 1})
    house.sandbox.zoho_books.limits.latency = 1.0
    with house.dagster_instance() as instance, as_soon_as_something_is_posted(house, instance, "CANCELING"):
        assert run_of_backfill(house, instance).status == dg.DagsterRunStatus.CANCELED
    assert len(house.writes()) <= 2
    house.sandbox.zoho_books.limits.latency = 0.0
    assert house.run(week(0)).reconciliation.balanced
    numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(numbers) == len(set(numbers)) > 0


def test_a_run_of_a_backfill_that_goes_on_is_left_alone(house: House) -> None:
    with house.dagster_instance() as instance:
        file_backfill(instance, "REQUESTED")
        assert run_of_backfill(house, instance).status == dg.DagsterRunStatus.SUCCESS
