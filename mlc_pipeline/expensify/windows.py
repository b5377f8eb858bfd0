"""Which filters to ask the exporter for, so that nothing approved in a range of instants can be missing.

Expensify has no filter "approved between". What comes back is wider than the range and is cut afterwards by the
approval instant of each report (`selection`). Facts: Expensify manual, report exporter, filters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mlc_pipeline.expensify.models import ReportState

# The filters take days in a time zone that is nowhere documented; zones reach from UTC-12 to UTC+14.
ZONE_MARGIN = timedelta(days=1)

# `approvedAfter` excludes its own day. Which approval it looks at on a report that was approved, reopened and
# approved again is unknown: if it is the first, the report is found only by looking back that far.
APPROVAL_LOOKBACK = timedelta(days=31)

# Asked at most a year at once; the longest slice, both margins and the cut to whole days stay under 365 days.
LONGEST_SLICE = timedelta(days=330)


@dataclass(frozen=True, slots=True)
class ExportWindow:
    """One export: the states and the filters, spelled as the exporter takes them."""

    states: tuple[ReportState, ...]
    filters: Mapping[str, str]


def export_windows(
    start: datetime, end: datetime, states: Collection[str], policy_ids: Collection[str]
) -> list[ExportWindow]:
    """The exports that together hold every report approved in `[start, end)`, in the given states.

    `start` and `end` are aware. No `policy_ids` means all workspaces that the credentials see.
    """
    workspaces = {"policyIDList": ",".join(policy_ids)} if policy_ids else {}
    ordered = tuple(state for state in ReportState if state in states)
    if not ordered:
        return []  # an export that names no state would return every state
    slices = list(_slices(start.astimezone(UTC), end.astimezone(UTC)))
    windows = [ExportWindow(ordered, _approved_in(*part) | workspaces) for part in slices]
    if ReportState.ARCHIVED in ordered:
        closed = (ReportState.ARCHIVED,)
        windows += [ExportWindow(closed, _submitted_in(*part) | workspaces) for part in slices]
    return windows


def _approved_in(start: datetime, end: datetime) -> dict[str, str]:
    """A report approved in the slice was created and submitted before the slice ended, so `endDate` bounds it."""
    return {
        "approvedAfter": (start.date() - APPROVAL_LOOKBACK).isoformat(),
        "endDate": (end.date() + ZONE_MARGIN).isoformat(),
    }


def _submitted_in(start: datetime, end: datetime) -> dict[str, str]:
    """Closed reports of a workspace without approval: `approvedAfter` cannot find what was never approved.

    `startDate` and `endDate` compare the later of submitted and created, both inclusive.
    """
    return {
        "startDate": (start.date() - ZONE_MARGIN).isoformat(),
        "endDate": (end.date() + ZONE_MARGIN).isoformat(),
    }


def _slices(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        cut = min(start + LONGEST_SLICE, end)
        yield start, cut
        start = cut
