"""Approval periods against Dagster's own partitions, across clock changes and at their edges."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.config import PeriodSettings
from mlc_pipeline.periods import ApprovalPeriod, ApprovalPeriods, UnknownPeriod, approval_periods

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Africa/Cairo",  # midnight does not exist on a Friday in April
    "Africa/Casablanca",
    "America/Havana",  # midnight is missing in spring and comes twice in autumn
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",  # changed its clocks at 00:01 until 2011
    "Asia/Beirut",
    "Asia/Tehran",
    "Pacific/Apia",  # left out the whole of 2011-12-30
)

starts = st.dates(date(2003, 1, 1), date(2030, 12, 31))
weekly = st.builds(ApprovalPeriods, st.just("weekly"), starts, st.sampled_from(ZONES))
monthly = st.builds(
    ApprovalPeriods, st.just("monthly"), starts.filter(lambda day: day.day <= 28), st.sampled_from(ZONES)
)
any_periods = weekly | monthly


def first_periods(periods: ApprovalPeriods, number: int) -> list[ApprovalPeriod]:
    """The first periods, found one from the other."""
    found = [periods.period(periods.start.isoformat())]
    while len(found) < number:
        found.append(periods.period(found[-1].end.date().isoformat()))
    return found


class Window(Protocol):
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


def instants(window: Window) -> tuple[float, float]:
    return window.start.timestamp(), window.end.timestamp()


@given(any_periods)
@settings(deadline=None, max_examples=60)
def test_every_period_is_dagsters_own_partition_window(periods: ApprovalPeriods) -> None:
    partitions = periods.partitions_def
    for period in first_periods(periods, 60):
        window = partitions.time_window_for_partition_key(period.key)
        assert instants(period) == instants(window)
        assert (period.start, period.end) == (window.start, window.end)


@given(any_periods, st.integers(0, 900))
@settings(deadline=None, max_examples=60)
def test_the_closed_periods_are_the_partitions_that_dagster_lists(periods: ApprovalPeriods, days: int) -> None:
    now = datetime.combine(periods.start, datetime.min.time(), tzinfo=UTC) + timedelta(days=days, hours=5)
    assert [period.key for period in periods.closed_by(now)] == list(
        periods.partitions_def.get_partition_keys(now)
    )


@given(any_periods)
@settings(deadline=None, max_examples=60)
def test_periods_tile_time_without_gap_or_overlap(periods: ApprovalPeriods) -> None:
    found = first_periods(periods, 60)
    assert found[0].key == periods.start.isoformat()
    for earlier, later in pairwise(found):
        assert earlier.end == later.start
        assert earlier.start.timestamp() < earlier.end.timestamp()
        assert later.key == earlier.end.date().isoformat()


@pytest.mark.parametrize("weekday", range(7))
def test_a_week_may_begin_on_any_weekday_and_the_start_date_is_the_first_key(weekday: int) -> None:
    start = date(2026, 1, 5) + timedelta(days=weekday)
    periods = ApprovalPeriods("weekly", start, "America/New_York")
    now = datetime(2026, 2, 1, tzinfo=UTC)
    assert periods.partitions_def.get_partition_keys(now)[0] == start.isoformat()
    assert periods.closed_by(now)[0].key == start.isoformat()


@pytest.mark.parametrize("day", [1, 2, 15, 28])
def test_a_month_may_begin_on_any_day_that_every_month_has(day: int) -> None:
    periods = ApprovalPeriods("monthly", date(2026, 1, day), "Europe/Berlin")
    now = datetime(2026, 5, day, tzinfo=ZoneInfo("Europe/Berlin"))
    keys = [period.key for period in periods.closed_by(now)]
    assert keys == [date(2026, month, day).isoformat() for month in (1, 2, 3, 4)]
    assert keys == list(periods.partitions_def.get_partition_keys(now))


def test_monthly_periods_cannot_begin_on_a_day_that_some_months_lack() -> None:
    with pytest.raises(ValueError, match="from 1 to 28"):
        ApprovalPeriods("monthly", date(2026, 1, 29), "UTC")


@pytest.mark.parametrize(
    ("key", "hours"), [("2026-03-02", 167), ("2026-03-09", 168), ("2026-10-26", 169), ("2026-11-02", 168)]
)
def test_a_week_with_a_clock_change_is_an_hour_shorter_or_longer(key: str, hours: int) -> None:
    period = ApprovalPeriods("weekly", date(2026, 1, 5), "America/New_York").period(key)
    assert (period.start.hour, period.end.hour) == (0, 0)
    assert (period.end.astimezone(UTC) - period.start.astimezone(UTC)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "start", "end_in_utc"),
    [
        ("America/New_York", date(2026, 3, 2), datetime(2026, 3, 9, 4, tzinfo=UTC)),  # summer time since Sunday
        ("America/New_York", date(2026, 10, 26), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("Africa/Cairo", date(2024, 4, 19), datetime(2024, 4, 25, 22, tzinfo=UTC)),  # ends at the missing midnight
        ("America/Havana", date(2024, 10, 27), datetime(2024, 11, 3, 4, tzinfo=UTC)),  # at the first of two
    ],
)
def test_a_period_closes_at_the_instant_of_its_end_also_where_the_clock_changes(
    zone: str, start: date, end_in_utc: datetime
) -> None:
    periods = ApprovalPeriods("weekly", start, zone)
    a_moment_before = end_in_utc - timedelta(microseconds=1)
    first = periods.period(start.isoformat())
    assert periods.closed_by(a_moment_before) == []
    assert periods.closed_by(end_in_utc) == [first]
    assert not first.is_closed(a_moment_before)
    assert first.is_closed(end_in_utc.astimezone(ZoneInfo("Asia/Tokyo")))


def test_the_hour_that_comes_twice_belongs_to_the_period_that_has_begun() -> None:
    """St. John's set its clock back from 00:01 to 23:01: yesterday's date shows again, in the new period."""
    periods = ApprovalPeriods("weekly", date(2008, 10, 26), "America/St_Johns")
    before = periods.period("2008-10-26")
    midnight = periods.period("2008-11-02").start.astimezone(UTC)
    half_past_eleven_again = midnight + timedelta(minutes=30)
    assert half_past_eleven_again.astimezone(ZoneInfo("America/St_Johns")).date() == date(2008, 11, 1)
    assert before.is_closed(half_past_eleven_again)
    assert not before.is_closed(midnight - timedelta(minutes=1))


def test_the_half_hour_before_a_skipped_midnight_belongs_to_the_period_that_has_not_ended() -> None:
    """Toronto went from 23:30 to 00:30 in 1919: today's date shows before the period begins."""
    periods = ApprovalPeriods("weekly", date(1919, 3, 24), "America/Toronto")
    begin = periods.period("1919-03-31").start.astimezone(UTC)
    ten_minutes_before = begin - timedelta(minutes=10)
    assert ten_minutes_before.astimezone(ZoneInfo("America/Toronto")).date() == date(1919, 3, 31)
    assert not periods.period("1919-03-24").is_closed(ten_minutes_before)
    window = periods.partitions_def.time_window_for_partition_key("1919-03-31")
    assert instants(window) == instants(periods.period("1919-03-31"))


def test_a_period_that_is_still_open_or_in_the_future_can_be_looked_at() -> None:
    now = datetime.now(UTC)
    monday = now.date() - timedelta(days=now.weekday())
    periods = ApprovalPeriods("weekly", monday, "UTC")
    later = periods.period((monday + timedelta(weeks=30)).isoformat())
    assert not later.is_closed(now)
    assert periods.closed_by(now) == []


@pytest.mark.parametrize("key", ["", "next week", "2026-13-01", "2026-01-05T00:00", "05.01.2026"])
def test_a_key_that_is_no_date_is_answered_with_how_keys_look(key: str) -> None:
    with pytest.raises(UnknownPeriod) as refusal:
        ApprovalPeriods("weekly", date(2026, 1, 5), "America/New_York").period(key)
    sentence = str(refusal.value)
    assert repr(key) in sentence
    assert "YYYY-MM-DD; periods begin every Monday from 2026-01-05 on (America/New_York)" in sentence
    assert "the last one that has ended is 20" in sentence


@pytest.mark.parametrize("key", ["2026-01-07", "20260107", "2026-W02-3"])
def test_a_day_within_a_period_is_answered_with_the_keys_around_it(key: str) -> None:
    with pytest.raises(UnknownPeriod, match="in period 2026-01-05, and the next one is 2026-01-12"):
        ApprovalPeriods("weekly", date(2026, 1, 5), "America/New_York").period(key)


def test_a_key_before_the_first_period_or_beyond_the_calendar_is_unknown() -> None:
    periods = ApprovalPeriods("monthly", date(2090, 1, 15), "Europe/Berlin")
    for key in ("2089-12-15", "9999-12-15"):
        with pytest.raises(UnknownPeriod, match=r"on day 15 of every month from 2090-01-15.*none has ended yet"):
            periods.period(key)


def test_an_instant_without_time_zone_is_refused() -> None:
    period = ApprovalPeriods("weekly", date(2026, 1, 5), "UTC").period("2026-01-05")
    naive = datetime(2026, 1, 6)  # noqa: DTZ001
    with pytest.raises(TypeError):
        period.is_closed(naive)


def test_periods_are_built_from_the_period_section_of_the_configuration() -> None:
    section = PeriodSettings(cadence="monthly", start=date(2026, 1, 15), timezone="Asia/Kolkata")
    assert approval_periods(section) == ApprovalPeriods("monthly", date(2026, 1, 15), "Asia/Kolkata")
