"""When a period is due: so many days after its end, at an hour of the connection's own day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from mlc_pipeline.build import build_defs
from mlc_pipeline.periods import ApprovalPeriods
from mlc_pipeline.schedules import latest_due
from mlc_pipeline.settings import Settings
from mlc_pipeline_tests.front_door import clean_environment

NEW_YORK = ZoneInfo("America/New_York")
WEEKS = ApprovalPeriods("weekly", date(2026, 1, 5), "America/New_York")
MONTHS = ApprovalPeriods("monthly", date(2026, 1, 15), "Europe/Berlin")


def due(periods: ApprovalPeriods, delay_days: int, now: datetime) -> str | None:
    """The key of the latest period that is due."""
    period = latest_due(periods, delay_days, now)
    return period.key if period else None


@pytest.mark.parametrize(
    ("delay_days", "now", "key"),
    [
        (0, datetime(2026, 1, 11, 23, 59, 59, tzinfo=NEW_YORK), None),
        (0, datetime(2026, 1, 12, 0, 0, tzinfo=NEW_YORK), "2026-01-05"),
        (1, datetime(2026, 1, 12, 23, 59, tzinfo=NEW_YORK), None),
        (1, datetime(2026, 1, 13, 0, 0, tzinfo=NEW_YORK), "2026-01-05"),
        (1, datetime(2026, 1, 19, 6, 0, tzinfo=NEW_YORK), "2026-01-05"),
        (1, datetime(2026, 1, 20, 6, 0, tzinfo=NEW_YORK), "2026-01-12"),
        (28, datetime(2026, 2, 8, 23, 0, tzinfo=NEW_YORK), None),
        (28, datetime(2026, 2, 9, 0, 0, tzinfo=NEW_YORK), "2026-01-05"),
    ],
)
def test_a_week_is_due_so_many_days_after_its_end(delay_days: int, now: datetime, key: str | None) -> None:
    assert due(WEEKS, delay_days, now) == key


@pytest.mark.parametrize(
    ("now", "key"),
    [
        (datetime(2026, 2, 14, 23, tzinfo=ZoneInfo("Europe/Berlin")), None),
        (datetime(2026, 2, 16, 6, tzinfo=ZoneInfo("Europe/Berlin")), None),
        (datetime(2026, 2, 17, 0, tzinfo=ZoneInfo("Europe/Berlin")), "2026-01-15"),
        (datetime(2026, 3, 17, 6, tzinfo=ZoneInfo("Europe/Berlin")), "2026-02-15"),
        (datetime(2027, 1, 16, 6, tzinfo=ZoneInfo("Europe/Berlin")), "2026-11-15"),
        (datetime(2027, 1, 17, 6, tzinfo=ZoneInfo("Europe/Berlin")), "2026-12-15"),
    ],
)
def test_a_month_is_due_so_many_days_after_its_end(now: datetime, key: str | None) -> None:
    assert due(MONTHS, 2, now) == key


@pytest.mark.parametrize("monday", [date(2026, 3, 9), date(2026, 11, 2)], ids=["spring", "autumn"])
def test_a_change_of_the_clock_moves_no_due_date(monday: date) -> None:
    """The clocks change on the Sunday before; the day after a period's end begins at local midnight."""
    tuesday = datetime.combine(monday + timedelta(days=1), datetime.min.time(), NEW_YORK)
    ended, before = monday - timedelta(weeks=1), monday - timedelta(weeks=2)
    just_before = tuesday.astimezone(UTC) - timedelta(seconds=1)
    assert due(WEEKS, 1, just_before) == before.isoformat()
    assert due(WEEKS, 1, tuesday.astimezone(UTC)) == ended.isoformat()


def test_the_zone_of_the_clock_that_asks_does_not_matter() -> None:
    instant = datetime(2026, 1, 13, 5, 0, tzinfo=UTC)  # midnight in New York
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        assert due(WEEKS, 1, instant.astimezone(ZoneInfo(zone))) == "2026-01-05"
        assert due(WEEKS, 1, (instant - timedelta(seconds=1)).astimezone(ZoneInfo(zone))) is None


@pytest.fixture
def definitions(tmp_path: Path) -> dg.Definitions:
    (tmp_path / "mlc.yaml").write_text(
        "connections:\n"
        "  - name: us\n"
        "    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}\n"
        "    schedule: {hour: 6, delay_days: 1}\n"
    )
    return build_defs(settings=Settings.from_environment(clean_environment(tmp_path)))


def tick(definitions: dg.Definitions, now: datetime) -> dg.RunRequest | str:
    """What the schedule asks for at a moment: a run, or why there is none."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=now,
            repository_def=definitions.get_repository_def(),
        )
        asked = definitions.resolve_schedule_def("us_schedule").evaluate_tick(context)
    if asked.run_requests:
        (request,) = asked.run_requests
        return request
    return str(asked.skip_message)


def test_the_schedule_asks_for_the_partition_that_is_due_once(definitions: dg.Definitions) -> None:
    for day in range(13, 20):  # every day of the week asks for the same period under the same key
        request = tick(definitions, datetime(2026, 1, day, 6, tzinfo=NEW_YORK))
        assert isinstance(request, dg.RunRequest)
        assert (request.partition_key, request.run_key) == ("2026-01-05", "2026-01-05")
        assert request.tags["dagster/partition"] == "2026-01-05"
    request = tick(definitions, datetime(2026, 1, 20, 6, tzinfo=NEW_YORK))
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-01-12"


def test_the_schedule_says_why_it_asks_for_nothing(definitions: dg.Definitions) -> None:
    assert tick(definitions, datetime(2026, 1, 12, 6, tzinfo=NEW_YORK)) == "No approval period is due yet."


def test_what_the_schedule_asks_for_is_a_partition_that_dagster_knows(definitions: dg.Definitions) -> None:
    request = tick(definitions, datetime(2026, 11, 3, 6, tzinfo=NEW_YORK))
    assert isinstance(request, dg.RunRequest)
    spec = next(one for one in definitions.resolve_all_asset_specs() if one.key.path == ["us", "zoho_bills"])
    assert spec.partitions_def is not None
    assert request.partition_key in spec.partitions_def.get_partition_keys(datetime(2026, 11, 3, 6, tzinfo=UTC))
