"""How an asset check says what it found: passed if there is nothing bad, else a sentence and the rows."""

from __future__ import annotations

import dagster as dg
import pandas as pd

from mlc_pipeline.assets.naming import preview

MEND = "Mend each as its reason says, then run the period again."

REPORTS_ADD_UP = "reports_add_up"
"""The name of the check on the reports that were read."""


def none_of(
    bad: pd.DataFrame,
    well: str,
    ill: str,
    *columns: str,
    mend: str = MEND,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
) -> dg.AssetCheckResult:
    """Passed if there is nothing bad; else the check says so in a sentence, and shows columns of what is."""
    return dg.AssetCheckResult(
        passed=bad.empty,
        severity=severity,
        description=well if bad.empty else f"{ill}: {len(bad)}. {mend}",
        metadata={"rows": preview(bad, *columns)},
    )


def reports_add_up(expenses: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether every report's expenses sum to Expensify's own total and can be read."""
    reports = expenses.drop_duplicates("report_id")
    bad = reports[reports["problems"] != "[]"]
    columns = ("report_id", "report_name", "problems")
    return none_of(bad, "All reports add up.", "Reports that cannot be posted", *columns)


def evaluated(key: dg.AssetKey, name: str, partition: str, result: dg.AssetCheckResult) -> dg.AssetCheckEvaluation:
    """The result of a check on one partition of an asset, for a step that makes several."""
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=name,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
        partition=partition,
    )
