"""What the asset checks look at: passed if there is nothing bad, else a sentence and the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.drift import drift, inactive
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.steps.metadata import money_table, preview
from mlc_pipeline.steps.reconciliation import read_totals

_MEND = "Mend each as its reason says, then run the period again."
_WARN, _ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


def reports_add_up(expenses: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether every report's expenses sum to Expensify's own total and can be read."""
    reports = expenses.drop_duplicates("report_id")
    bad = reports[reports["problems"] != "[]"]
    columns = ("report_id", "report_name", "problems")
    return _none_of(bad, "All reports add up.", "Reports that cannot be posted", *columns)


def everything_is_mapped(mappings: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether every value of the period has an answer in Zoho Books."""
    bad = mappings[mappings["reason_code"].notna()]
    columns = ("kind", "name", "code", "reason")
    return _none_of(bad, "Everything is mapped.", "Without an answer in Zoho Books", *columns)


def no_drift(
    context: dg.AssetCheckExecutionContext, files: ParquetIOManager, key: dg.AssetKey, mappings: pd.DataFrame
) -> dg.AssetCheckResult:
    """Whether what earlier partitions of the asset `key` resolved is the same now."""
    earlier = [one for one in files.kept_partitions(key) if one < context.partition_key]
    if not earlier:
        return dg.AssetCheckResult(passed=True, severity=_WARN, description="No earlier period to compare with.")
    drifted = drift(_kept(context, files, key, reversed(earlier)), mappings)
    well, ill = f"The same as in {earlier[-1]} and before.", "Resolved differently than before"
    columns = ("kind", "level", "name", "code", "since", "before", "now")
    return _none_of(drifted, well, ill, *columns, mend="See whether each is meant to be so.")


def _kept(
    context: dg.AssetCheckExecutionContext, files: ParquetIOManager, key: dg.AssetKey, periods: Iterable[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    for period in periods:
        try:
            frame = files.kept(key, period)
        except (OSError, ValueError) as error:  # a damaged file of long ago must not keep this period from posting
            context.log.warning(f"The mappings of {period} cannot be read and are not compared with: {error}")
            continue
        if frame is not None:
            yield period, frame


def targets_are_active(mappings: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether all that the period needs in Zoho Books is active."""
    columns = ("kind", "name", "code", "reason")
    return _none_of(inactive(mappings), "All targets are active.", "Inactive in Zoho Books", *columns)


def nothing_waits_for_review(documents: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether no document of the period waits for a person."""
    waiting = documents[documents["state"].isin(["review", "unknown", "failed"])]
    columns = ("report_id", "state", "currency", "total_cents", "reason")
    return _none_of(waiting, "Nothing waits.", "Waiting for a person", *columns, severity=_ERROR)


def balanced(reconciliation: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether the period is accounted for to the cent."""
    passed = read_totals(reconciliation).balanced
    totals = money_table(reconciliation, "expensify_cents", "posted_cents", "difference_cents")
    return dg.AssetCheckResult(
        passed=passed,
        description="Balanced to the cent." if passed else "Does not balance: see the rows with a remark.",
        metadata={"totals": totals},
    )


def every_receipt_is_attached(receipts: pd.DataFrame) -> dg.AssetCheckResult:
    """Whether every receipt of a posted expense is on its document."""
    missing = receipts[receipts["state"] != "attached"]
    well, ill = "Every receipt is attached.", "Receipts that are not attached"
    columns = ("number", "transaction_id", "state", "reason")
    return _none_of(missing, well, ill, *columns, mend="Attach each by hand, as its reason says.")


def _none_of(
    bad: pd.DataFrame,
    well: str,
    ill: str,
    *columns: str,
    mend: str = _MEND,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
) -> dg.AssetCheckResult:
    """Passed if there is nothing bad; else the check says so in a sentence, and shows columns of what is."""
    return dg.AssetCheckResult(
        passed=bad.empty,
        severity=severity,
        description=well if bad.empty else f"{ill}: {len(bad)}. {mend}",
        metadata={"rows": preview(bad, *columns)},
    )


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
