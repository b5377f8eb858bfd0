"""Asset checks: what a person should look at before believing a period. They inform; the poster itself refuses."""

import dagster as dg
import pandas as pd

from mlc_pipeline.assets.naming import asset_key, money_table, preview
from mlc_pipeline.assets.reconciliation import read_totals
from mlc_pipeline.config import Connection
from mlc_pipeline.periods import approval_periods

_WARN = dg.AssetCheckSeverity.WARN


def connection_checks(connection: Connection) -> list[dg.AssetChecksDefinition]:
    """The checks on the assets of a connection."""
    return [_reports_add_up(connection), _mapped(connection), _nothing_waits(connection), _balanced(connection)]


def _told(bad: pd.DataFrame, well: str, ill: str) -> str:
    return well if bad.empty else f"{ill}: {len(bad)}. Mend each as its reason says, then run the period again."


def _reports_add_up(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "expensify_reports")

    @dg.asset_check(
        asset=key, name="reports_add_up", partitions_def=approval_periods(connection.period).partitions_def
    )
    def check(expensify_reports: pd.DataFrame) -> dg.AssetCheckResult:
        """Every report's expenses sum to Expensify's own total and can be read."""
        reports = expensify_reports.drop_duplicates("report_id")
        bad = reports[reports["problems"] != "[]"]
        return dg.AssetCheckResult(
            passed=bad.empty,
            severity=_WARN,
            description=_told(bad, "All reports add up.", "Reports that cannot be posted"),
            metadata={"reports": preview(bad, "report_id", "report_name", "problems")},
        )

    return check


def _mapped(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "category_mappings")

    @dg.asset_check(
        asset=key, name="everything_is_mapped", partitions_def=approval_periods(connection.period).partitions_def
    )
    def check(category_mappings: pd.DataFrame) -> dg.AssetCheckResult:
        """Every category, employee and currency of the period has an answer in Zoho Books."""
        bad = category_mappings[category_mappings["reason_code"].notna()]
        return dg.AssetCheckResult(
            passed=bad.empty,
            severity=_WARN,
            description=_told(bad, "Everything is mapped.", "Without an answer in Zoho Books"),
            metadata={"unmapped": preview(bad, "kind", "name", "code", "reason")},
        )

    return check


def _nothing_waits(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "zoho_bills")

    @dg.asset_check(
        asset=key,
        name="nothing_waits_for_review",
        partitions_def=approval_periods(connection.period).partitions_def,
    )
    def check(zoho_bills: pd.DataFrame) -> dg.AssetCheckResult:
        """No document of the period waits for a person."""
        waiting = zoho_bills[zoho_bills["state"].isin(["review", "unknown", "failed"])]
        return dg.AssetCheckResult(
            passed=waiting.empty,
            description=_told(waiting, "Nothing waits.", "Waiting for a person"),
            metadata={"waiting": preview(waiting, "report_id", "state", "currency", "total_cents", "reason")},
        )

    return check


def _balanced(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "reconciliation")

    @dg.asset_check(asset=key, name="balanced", partitions_def=approval_periods(connection.period).partitions_def)
    def check(reconciliation: pd.DataFrame) -> dg.AssetCheckResult:
        """Expensify's approved totals are accounted for to the cent, and Zoho Books holds what was posted."""
        balanced = read_totals(reconciliation).balanced
        return dg.AssetCheckResult(
            passed=balanced,
            description="Balanced to the cent." if balanced else "Does not balance: see the rows with a remark.",
            metadata={
                "totals": money_table(reconciliation, "expensify_cents", "posted_cents", "difference_cents")
            },
        )

    return check
