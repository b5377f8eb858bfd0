"""The rules of reading and selecting, report by report: what the columns must agree with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, tzinfo

import pandas as pd

from mlc_pipeline.expensify import ReportRecord, approval_instant
from mlc_pipeline.expensify.export_file import ExportFile
from mlc_pipeline.expensify.reading import read_report
from mlc_pipeline.expensify.record_rows import ROWS, record_table
from mlc_pipeline.expensify.selection import latest, without_copies
from mlc_pipeline.frames import frame_from


def frame_of_files(
    files: Sequence[ExportFile],
    zone: tzinfo,
    start: datetime,
    end: datetime,
    states: Collection[str],
    policy_ids: Collection[str],
) -> pd.DataFrame:
    """The frame of the reports approved in `[start, end)`."""
    reports = latest(
        without_copies(read_report(file.report(position), zone) for position in range(len(file))) for file in files
    )
    return frame_from(record_table(approved_within(reports, start, end, states, policy_ids)).cast(ROWS))


def approved_within(
    reports: Iterable[ReportRecord],
    start: datetime,
    end: datetime,
    states: Collection[str],
    policy_ids: Collection[str],
) -> list[ReportRecord]:
    """The reports approved in `[start, end)`, in the given states and workspaces, by approval and id."""
    chosen = []
    for report in reports:
        instant = approval_instant(report)
        of_state = report.state is None or report.state in states
        of_workspace = not policy_ids or not report.policy_id or report.policy_id in policy_ids
        if of_state and of_workspace and (instant is None or start <= instant < end):
            chosen.append(report)
    return sorted(chosen, key=lambda report: (approval_instant(report) or start, report.report_id))
