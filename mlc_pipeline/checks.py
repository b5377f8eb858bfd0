"""Asset checks: what a person should look at before believing a period. They inform; the poster itself refuses."""

from collections.abc import Callable, Iterable, Iterator

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.drift import drift, inactive
from mlc_pipeline.assets.checking import REPORTS_ADD_UP, none_of, reports_add_up
from mlc_pipeline.assets.naming import asset_key, money_table
from mlc_pipeline.assets.reconciliation import read_totals
from mlc_pipeline.config import Connection
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.periods import approval_periods

_WARN, _ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


def connection_checks(connection: Connection) -> list[dg.AssetChecksDefinition]:
    """The checks on the assets of a connection."""
    checks = [
        _reports_add_up(connection),
        _everything_is_mapped(connection),
        _no_drift(connection),
        _targets_are_active(connection),
        _nothing_waits(connection),
        _balanced(connection),
    ]
    return [*checks, _every_receipt_is_attached(connection)] if connection.posting.attach_receipts else checks


def _check(
    connection: Connection, asset: str, name: str, *, before_posting: bool = False
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """The decorator of a check that looks at one period of an asset.

    Dagster has what comes after the asset wait for a check that is blocking, and stops it only for an error: a
    warning is said before anything is posted, and what is fine is posted then.
    """
    periods = approval_periods(connection.period).partitions_def
    key = asset_key(connection, asset)
    return dg.asset_check(asset=key, name=name, partitions_def=periods, blocking=before_posting)


def _reports_add_up(connection: Connection) -> dg.AssetChecksDefinition:
    # Where several periods are read at once, the asset itself evaluates it for each of them.
    @_check(connection, "expensify_reports", REPORTS_ADD_UP)
    def check(expensify_reports: pd.DataFrame) -> dg.AssetCheckResult:
        """Every report's expenses sum to Expensify's own total and can be read."""
        return reports_add_up(expensify_reports)

    return check


def _everything_is_mapped(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "category_mappings", "everything_is_mapped", before_posting=True)
    def check(category_mappings: pd.DataFrame) -> dg.AssetCheckResult:
        """Every category, tag, tax, employee, card and currency of the period has an answer in Zoho Books."""
        bad = category_mappings[category_mappings["reason_code"].notna()]
        columns = ("kind", "name", "code", "reason")
        return none_of(bad, "Everything is mapped.", "Without an answer in Zoho Books", *columns)

    return check


def _no_drift(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "category_mappings")

    @_check(connection, "category_mappings", "no_drift", before_posting=True)
    def check(
        context: dg.AssetCheckExecutionContext,
        category_mappings: pd.DataFrame,
        io_manager: dg.ResourceParam[ParquetIOManager],
    ) -> dg.AssetCheckResult:
        """What earlier periods resolved is resolved now too, and to the same record in Zoho Books."""
        earlier = [one for one in io_manager.kept_partitions(key) if one < context.partition_key]
        if not earlier:
            return dg.AssetCheckResult(
                passed=True, severity=_WARN, description="No earlier period to compare with."
            )
        drifted = drift(_kept(context, io_manager, key, reversed(earlier)), category_mappings)
        well, ill = f"The same as in {earlier[-1]} and before.", "Resolved differently than before"
        columns = ("kind", "level", "name", "code", "since", "before", "now")
        return none_of(drifted, well, ill, *columns, mend="See whether each is meant to be so.")

    return check


def _kept(
    context: dg.AssetCheckExecutionContext, frames: ParquetIOManager, key: dg.AssetKey, periods: Iterable[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    for period in periods:
        try:
            frame = frames.kept(key, period)
        except (OSError, ValueError) as error:  # a damaged file of long ago must not keep this period from posting
            context.log.warning(f"The mappings of {period} cannot be read and are not compared with: {error}")
            continue
        if frame is not None:
            yield period, frame


def _targets_are_active(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "category_mappings", "targets_are_active", before_posting=True)
    def check(category_mappings: pd.DataFrame) -> dg.AssetCheckResult:
        """No account, option, project, tax or vendor that the period needs is inactive in Zoho Books."""
        columns = ("kind", "name", "code", "reason")
        return none_of(inactive(category_mappings), "All targets are active.", "Inactive in Zoho Books", *columns)

    return check


def _nothing_waits(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "zoho_bills", "nothing_waits_for_review")
    def check(zoho_bills: pd.DataFrame) -> dg.AssetCheckResult:
        """No document of the period waits for a person."""
        waiting = zoho_bills[zoho_bills["state"].isin(["review", "unknown", "failed"])]
        columns = ("report_id", "state", "currency", "total_cents", "reason")
        return none_of(waiting, "Nothing waits.", "Waiting for a person", *columns, severity=_ERROR)

    return check


def _balanced(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "reconciliation", "balanced")
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


def _every_receipt_is_attached(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "receipts", "every_receipt_is_attached")
    def check(receipts: pd.DataFrame) -> dg.AssetCheckResult:
        """Every posted expense that has a receipt has it on its document in Zoho Books."""
        missing = receipts[receipts["state"] != "attached"]
        well, ill = "Every receipt is attached.", "Receipts that are not attached"
        columns = ("number", "transaction_id", "state", "reason")
        return none_of(missing, well, ill, *columns, mend="Attach each by hand, as its reason says.")

    return check
