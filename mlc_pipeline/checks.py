"""Asset checks: what a person should look at before believing a period. They inform; the poster itself refuses."""

from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.drift import drift, inactive
from mlc_pipeline.assets.naming import asset_key, money_table, preview
from mlc_pipeline.assets.reconciliation import read_totals
from mlc_pipeline.config import Connection
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.periods import approval_periods

_WARN = dg.AssetCheckSeverity.WARN


def connection_checks(connection: Connection) -> list[dg.AssetChecksDefinition]:
    """The checks on the assets of a connection."""
    checks = [
        _reports_add_up(connection),
        _mapped(connection),
        _no_drift(connection),
        _targets_active(connection),
        _nothing_waits(connection),
        _balanced(connection),
    ]
    return [*checks, _all_attached(connection)] if connection.posting.attach_receipts else checks


def _told(bad: pd.DataFrame, well: str, ill: str) -> str:
    return well if bad.empty else f"{ill}: {len(bad)}. Mend each as its reason says, then run the period again."


def _reports_add_up(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "expensify_reports")

    @dg.asset_check(
        asset=key, name="reports_add_up", partitions_def=approval_periods(connection.period).partitions_def
    )
    def check(expensify_reports: Any) -> dg.AssetCheckResult:
        """Every report's expenses sum to Expensify's own total and can be read."""
        # Of several periods that were read at once, a frame each.
        read = expensify_reports if isinstance(expensify_reports, pd.DataFrame) else pd.concat(expensify_reports)
        reports = read.drop_duplicates("report_id")
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


def _no_drift(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "category_mappings")

    @dg.asset_check(asset=key, name="no_drift", partitions_def=approval_periods(connection.period).partitions_def)
    def check(
        context: dg.AssetCheckExecutionContext,
        category_mappings: pd.DataFrame,
        io_manager: dg.ResourceParam[ParquetIOManager],
    ) -> dg.AssetCheckResult:
        """What an earlier period resolved is resolved now too, and to the same record in Zoho Books."""
        earlier = [one for one in io_manager.kept_partitions(key) if one < context.partition_key]
        before = io_manager.kept(key, earlier[-1]) if earlier else None
        if before is None:
            return dg.AssetCheckResult(
                passed=True, severity=_WARN, description="No earlier period to compare with."
            )
        drifted = drift(before, category_mappings)
        well, ill = f"The same as in {earlier[-1]}.", f"Resolved differently than in {earlier[-1]}"
        return dg.AssetCheckResult(
            passed=drifted.empty,
            severity=_WARN,
            description=well if drifted.empty else f"{ill}: {len(drifted)}. See whether each is meant to be so.",
            metadata={"drifted": preview(drifted, "kind", "level", "name", "code", "before", "now")},
        )

    return check


def _targets_active(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "category_mappings")

    @dg.asset_check(
        asset=key, name="targets_are_active", partitions_def=approval_periods(connection.period).partitions_def
    )
    def check(category_mappings: pd.DataFrame) -> dg.AssetCheckResult:
        """No account, option, project, tax or vendor that the period needs is inactive in Zoho Books."""
        bad = inactive(category_mappings)
        return dg.AssetCheckResult(
            passed=bad.empty,
            severity=_WARN,
            description=_told(bad, "All targets are active.", "Inactive in Zoho Books"),
            metadata={"inactive": preview(bad, "kind", "name", "code", "reason")},
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


def _all_attached(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "receipts")

    @dg.asset_check(
        asset=key,
        name="every_receipt_is_attached",
        partitions_def=approval_periods(connection.period).partitions_def,
    )
    def check(receipts: pd.DataFrame) -> dg.AssetCheckResult:
        """Every posted expense that has a receipt has it on its document in Zoho Books."""
        missing = receipts[receipts["state"] != "attached"]
        ill = f"Receipts that are not attached: {len(missing)}. Attach each by hand, as its reason says."
        return dg.AssetCheckResult(
            passed=missing.empty,
            severity=_WARN,
            description="Every receipt is attached." if missing.empty else ill,
            metadata={"missing": preview(missing, "number", "transaction_id", "state", "reason")},
        )

    return check
