"""Many periods at once: one export of Expensify for most of a year, and a partition for each period."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from mlc_pipeline import resuming
from mlc_pipeline.build import build_defs
from mlc_pipeline.going_on import GOES_ON_AT
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline_tests.front_door import ACME, House, open_house, small_company, week

WEEKS = 52
REPORTS = dg.AssetKey([ACME, "expensify_reports"])


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, new_dagster_home: Path) -> Iterator[House]:
    company = small_company(weeks=WEEKS, reports_per_week=1)
    with open_house(tmp_path_factory.mktemp("year"), company, dagster_home=new_dagster_home) as house:
        yield house


def read(house: House, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Materialise `expensify_reports` of a range of periods, as a backfill does."""
    with house.dagster_instance() as instance:
        job = build_defs(settings=house.settings).resolve_job_def(period_job_name(ACME))
        return job.execute_in_process(
            instance=instance,
            asset_selection=[REPORTS],
            tags={"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last},
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def kept(house: House, period: str) -> pd.DataFrame:
    return pd.read_parquet(house.home / "assets" / ACME / "expensify_reports" / f"{period}.parquet")


def requests(house: House) -> int:
    return len(house.sandbox.expensify_account.received)


def test_a_year_of_weeks_costs_four_requests_and_gives_each_week_what_it_would_get_alone(year: House) -> None:
    before = requests(year)
    result = read(year, week(0), week(WEEKS - 1))
    assert result.success
    assert requests(year) - before <= 4
    made = [event.materialization for event in result.get_asset_materialization_events()]
    told = {one.partition: one for one in made}
    assert sorted(map(str, told)) == [week(number) for number in range(WEEKS)]
    for number in (0, 20, WEEKS - 1):
        at_once = kept(year, week(number))
        assert told[week(number)].metadata["dagster/row_count"].value == len(at_once)
        assert told[week(number)].metadata["expensify_requests"].value in (2, 4)
        alone = year.materialise(week(number), "expensify_reports")
        assert alone.success
        pd.testing.assert_frame_equal(kept(year, week(number)), at_once)
        (made_alone,) = [event.materialization for event in alone.get_asset_materialization_events()]
        assert made_alone.tags is not None
        assert (told[week(number)].tags or {}).items() <= made_alone.tags.items()
    checked = result.get_asset_check_evaluations()
    assert sorted(str(one.partition) for one in checked) == [week(number) for number in range(WEEKS)]
    assert {one.check_name for one in checked} == {"reports_add_up"}


def test_each_period_is_told_as_soon_as_its_export_is_read(year: House) -> None:
    faults = year.sandbox.expensify_account.faults
    faults.add("slow", job="file", seconds=0)
    faults.add("slow", job="file", seconds=2)
    result = read(year, week(0), week(WEEKS - 1))
    assert result.success
    with year.dagster_instance() as instance:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(REPORTS, asset_partitions=[week(0)]), limit=1
        ).records
        run = instance.get_run_record_by_id(result.run_id)
    assert run is not None
    assert run.end_time is not None
    assert run.end_time - records[0].timestamp >= 2


def test_what_could_be_read_is_kept_when_a_later_export_fails_and_the_rest_goes_on(
    year: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with year.dagster_instance() as instance:
        instance.wipe_assets([REPORTS])
    faults = year.sandbox.expensify_account.faults
    faults.add("slow", job="file", seconds=0)
    faults.add("http_502_html", job="file")
    result = read(year, week(0), week(WEEKS - 1))
    assert not result.success
    with year.dagster_instance() as instance:
        done = instance.get_materialized_partitions(REPORTS)
    missing = [week(number) for number in range(WEEKS) if week(number) not in done]
    assert week(0) in done
    assert 0 < len(missing) < WEEKS
    failure = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert failure is not None
    assert str(failure.description).startswith(f"Not read: {', '.join(missing)}. ")
    assert failure.metadata["not_read"].value == ", ".join(missing)
    moment = float(str(failure.metadata[GOES_ON_AT].value))
    with year.dagster_instance() as instance:
        defs = build_defs(settings=year.settings)
        with dg.build_sensor_context(instance=instance, definitions=defs) as context:
            monkeypatch.setattr(resuming.time, "time", lambda: moment + 1)
            (asked,) = resuming.going_on(year.connection).evaluate_tick(context).run_requests or []
    monkeypatch.undo()
    assert asked.run_key == result.run_id
    assert asked.asset_selection == [REPORTS]
    first, last = (asked.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end"))
    assert (first, last) == (missing[0], missing[-1])
    assert read(year, first, last).success
    with year.dagster_instance() as instance:
        assert len(instance.get_materialized_partitions(REPORTS)) == WEEKS
