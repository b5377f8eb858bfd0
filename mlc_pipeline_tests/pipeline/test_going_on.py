"""A day's limit that ends in the middle of a period: the run stops cleanly, says when it goes on, and goes on."""

from __future__ import annotations

import dagster as dg
import pytest

from mlc_pipeline import sensors
from mlc_pipeline.build import build_defs
from mlc_pipeline.failures import GOES_ON_AT
from mlc_pipeline_tests.front_door import ACME, House, week


def requested(house: House, instance: dg.DagsterInstance) -> list[tuple[str | None, str | None]]:
    """The runs that the sensor asks for now: (partition, run key)."""
    defs = build_defs(settings=house.settings)
    with dg.build_sensor_context(instance=instance, definitions=defs) as context:
        asked = sensors.going_on(house.connection).evaluate_tick(context).run_requests or []
    return [(one.partition_key, one.run_key) for one in asked]


def test_a_period_that_the_limit_of_the_day_stopped_goes_on_by_itself_when_the_limit_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = house.sandbox.zoho_books.limits
    limits.enforced, limits.requests_per_minute, limits.calls_per_day = True, 10_000, 9
    stopped = house.materialise(week(0))
    assert not stopped.success
    failure = stopped.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert failure is not None
    assert "Run again" in str(failure.description)
    moment = float(str(failure.metadata[GOES_ON_AT].value))
    limits.enforced = False
    with house.dagster_instance() as instance:
        assert requested(house, instance) == []
        monkeypatch.setattr(sensors.time, "time", lambda: moment + 1)
        assert requested(house, instance) == [(week(0), stopped.run_id)]
    monkeypatch.undo()
    posted = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(posted) == len(set(posted))


def test_a_period_that_failed_for_another_reason_waits_for_a_person(house: House) -> None:
    house.sandbox.expensify_account.faults.add("http_502_html", times=20, job="file")
    assert not house.materialise(week(0)).success
    with house.dagster_instance() as instance:
        assert requested(house, instance) == []
        assert ACME in sensors.going_on(house.connection).name
