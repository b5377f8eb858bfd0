"""The filters of an export: wide enough for every unknown, never longer than Expensify's year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.expensify.models import ReportState
from mlc_pipeline.expensify.windows import export_windows
from mlc_pipeline_tests.expensify.conftest import BERLIN

WEEK = (datetime(2026, 9, 21, tzinfo=BERLIN), datetime(2026, 9, 28, tzinfo=BERLIN))
PAID = ("APPROVED", "REIMBURSED")


def test_a_week_is_one_export_that_looks_back_a_month() -> None:
    (window,) = export_windows(*WEEK, PAID, ["0810E551A5F2A9C2", "BA5EBA1187654321"])
    assert window.states == PAID
    assert window.filters == {
        "approvedAfter": "2026-08-20",
        "endDate": "2026-09-28",
        "policyIDList": "0810E551A5F2A9C2,BA5EBA1187654321",
    }


def test_all_workspaces_are_asked_for_by_naming_none() -> None:
    (window,) = export_windows(*WEEK, PAID, [])
    assert "policyIDList" not in window.filters


def test_closed_reports_are_asked_for_by_their_submission_too() -> None:
    both, closed = export_windows(*WEEK, ("ARCHIVED", "APPROVED"), ())
    assert both.states == (ReportState.APPROVED, ReportState.ARCHIVED)
    assert "approvedAfter" in both.filters
    assert closed.states == (ReportState.ARCHIVED,)
    assert closed.filters == {"startDate": "2026-09-19", "endDate": "2026-09-28"}


def test_an_empty_range_or_no_state_asks_for_nothing_useless() -> None:
    assert export_windows(WEEK[0], WEEK[0], PAID, ()) == []
    assert export_windows(*WEEK, (), ()) == []


INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(start=INSTANTS, length=st.timedeltas(timedelta(hours=1), timedelta(days=1500)))
def test_no_export_asks_for_more_than_a_year_and_together_they_leave_no_gap(
    start: datetime, length: timedelta
) -> None:
    windows = export_windows(start, start + length, [*PAID, "ARCHIVED"], ())
    for window in windows:
        first = window.filters.get("approvedAfter") or window.filters["startDate"]
        assert date.fromisoformat(window.filters["endDate"]) - date.fromisoformat(first) <= timedelta(days=365)
    for key in ("approvedAfter", "startDate"):
        chosen = [window.filters for window in windows if key in window.filters]
        for earlier, later in pairwise(chosen):
            assert later[key] < earlier["endDate"]


@given(
    start=INSTANTS,
    length=st.timedeltas(timedelta(hours=1), timedelta(days=1500)),
    share=st.floats(0, 1, exclude_max=True),
    offset=st.integers(-12, 14),
)
def test_whatever_zone_the_filters_mean_an_approval_in_the_range_is_in_some_export(
    start: datetime, length: timedelta, share: float, offset: int
) -> None:
    instant = start + length * share
    day = instant.astimezone(timezone(timedelta(hours=offset))).date().isoformat()
    windows = [window.filters for window in export_windows(start, start + length, [*PAID, "ARCHIVED"], ())]
    assert any(
        filters["approvedAfter"] < day <= filters["endDate"] for filters in windows if "approvedAfter" in filters
    )
    assert any(filters["startDate"] <= day <= filters["endDate"] for filters in windows if "startDate" in filters)
