"""Processes that cost next to nothing to start: children of one interpreter that has imported everything once."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

_ROOT = str(Path(__file__).parents[1])
if _ROOT not in sys.path:
    sys.path.append(_ROOT)  # the test runner does not need it, but children find these modules by name

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "__main__",
        "psycopg",
        "mlc_pipeline.steps.checks",
        "mlc_pipeline.steps.expensify_reports",
        "mlc_pipeline.steps.zoho_bills",
        "mlc_pipeline_tests.posting.runs",
        "mlc_pipeline_tests.faults.whole_runs",
    ]
)
