"""Reports that came more than once: in one file, or in several."""

from __future__ import annotations

from collections.abc import Iterable

from mlc_pipeline.expensify.models import ProblemCode, ReportProblem, ReportRecord


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
