"""Golden cases that begin where the golden set does not: at what Expensify gives to our template."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import yaml

from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.sandbox.freemarker import render
from mlc_pipeline_tests.accounting.golden.company import in_words, plans_of
from mlc_pipeline_tests.expensify import data_model

NEW_YORK = ZoneInfo("America/New_York")
PERIOD = datetime(2026, 1, 5, 5, tzinfo=UTC), datetime(2026, 1, 12, 5, tzinfo=UTC)
CASES = yaml.safe_load((Path(__file__).parent / "exported" / "quirks.yaml").read_text(encoding="utf-8"))
REPORT = {
    "accountEmail": "ann@example.com",
    "submitter": {"fullName": "Ann Example"},
    "currency": "USD",
    "approved": "2026-01-07 15:30:00",
}
EXPENSE = {
    "currency": "USD",
    "created": "2026-01-03",
    "category": "Meals &amp; Entertainment",
    "categoryGlCode": "6640",
}


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_report_of_expensify_becomes(case: dict[str, Any]) -> None:
    assert in_words(plans_of(_read(case["reports"]), case)).strip() == case["becomes"].strip()


def _read(reports: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows of the `expensify_reports` asset, by way of our template and the reader of what it writes."""
    file = whole_file(render(export_template(), {"reports": [_report(**report) for report in reports]}).encode())
    approved = ExportedReports([file], NEW_YORK).approved_within(*PERIOD, ["APPROVED"])
    return expenses_frame(approved)


def _report(transactionList: list[dict[str, Any]], **report: Any) -> dict[str, Any]:  # noqa: N803
    expenses = [data_model.expense(**{**EXPENSE, **_as_argument(one)}) for one in transactionList]
    return data_model.report(report.pop("reportID", "R1"), *expenses, **{**REPORT, **report})


def _as_argument(expense: dict[str, Any]) -> dict[str, Any]:
    return {("transaction_id" if name == "transactionID" else name): value for name, value in expense.items()}
