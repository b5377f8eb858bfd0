"""Which of the reports that the exporter returned belong to the range that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from mlc_pipeline.expensify.models import ProblemCode, ReportProblem, ReportRecord, approval_instant


def without_copies(reports: Iterable[ReportRecord]) -> list[ReportRecord]:
    """The reports of one file, each once. Two copies that differ are one report with a problem."""
    kept: dict[str, ReportRecord] = {}
    nameless = []
    conflicting = set()
    for report in reports:
        if not report.report_id:
            nameless.append(report)
        elif kept.setdefault(report.report_id, report) != report:
            conflicting.add(report.report_id)
    for report_id in conflicting:
        kept[report_id] = kept[report_id].with_problems(
            ReportProblem(
                ProblemCode.CONFLICTING_COPIES,
                "Expensify's file holds this report more than once, with different content.",
            )
        )
    return [*kept.values(), *nameless]


def latest(files: Iterable[Iterable[ReportRecord]]) -> list[ReportRecord]:
    """The reports of several files, in the order they were exported: a later file knows a report better."""
    kept: dict[str, ReportRecord] = {}
    nameless: list[ReportRecord] = []
    for file in files:
        for report in file:
            if report.report_id:
                kept[report.report_id] = report
            elif report not in nameless:
                nameless.append(report)
    return [*kept.values(), *nameless]


def approved_within(
    reports: Iterable[ReportRecord],
    start: datetime,
    end: datetime,
    states: Collection[str],
    policy_ids: Collection[str],
) -> list[ReportRecord]:
    """The reports approved in `[start, end)`, in the given states and workspaces, by approval and id.

    What Expensify returned and whose state, workspace or date cannot be read stays in: it carries a problem and
    is reviewed, never lost.
    """
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    chosen = []
    for report in reports:
        instant = approval_instant(report)
        of_state = report.state is None or report.state in states
        of_workspace = not policy_ids or not report.policy_id or report.policy_id in policy_ids
        if of_state and of_workspace and (instant is None or first <= instant.astimezone(UTC) < last):
            chosen.append(report)
    return sorted(chosen, key=lambda report: (approval_instant(report) or first, report.report_id))
