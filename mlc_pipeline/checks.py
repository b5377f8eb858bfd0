"""Asset checks: what a person should look at before believing a period. They inform; the poster itself refuses."""

from collections.abc import Callable

import dagster as dg

from mlc_pipeline.assets.given import Frame, Frames
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import REPORTS_ADD_UP, asset_key
from mlc_pipeline.periods import approval_periods


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
    def check(expensify_reports: Frame) -> dg.AssetCheckResult:
        """Every report's expenses sum to Expensify's own total and can be read."""
        from mlc_pipeline.steps import checks

        return checks.reports_add_up(expensify_reports)

    return check


def _everything_is_mapped(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "category_mappings", "everything_is_mapped", before_posting=True)
    def check(category_mappings: Frame) -> dg.AssetCheckResult:
        """Every category, tag, tax, employee, card and currency of the period has an answer in Zoho Books."""
        from mlc_pipeline.steps import checks

        return checks.everything_is_mapped(category_mappings)

    return check


def _no_drift(connection: Connection) -> dg.AssetChecksDefinition:
    key = asset_key(connection, "category_mappings")

    @_check(connection, "category_mappings", "no_drift", before_posting=True)
    def check(
        context: dg.AssetCheckExecutionContext, category_mappings: Frame, io_manager: Frames
    ) -> dg.AssetCheckResult:
        """What earlier periods resolved is resolved now too, and to the same record in Zoho Books."""
        from mlc_pipeline.steps import checks

        return checks.no_drift(context, io_manager, key, category_mappings)

    return check


def _targets_are_active(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "category_mappings", "targets_are_active", before_posting=True)
    def check(category_mappings: Frame) -> dg.AssetCheckResult:
        """No account, option, project, tax or vendor that the period needs is inactive in Zoho Books."""
        from mlc_pipeline.steps import checks

        return checks.targets_are_active(category_mappings)

    return check


def _nothing_waits(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "zoho_bills", "nothing_waits_for_review")
    def check(zoho_bills: Frame) -> dg.AssetCheckResult:
        """No document of the period waits for a person."""
        from mlc_pipeline.steps import checks

        return checks.nothing_waits_for_review(zoho_bills)

    return check


def _balanced(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "reconciliation", "balanced")
    def check(reconciliation: Frame) -> dg.AssetCheckResult:
        """Expensify's approved totals are accounted for to the cent, and Zoho Books holds what was posted."""
        from mlc_pipeline.steps import checks

        return checks.balanced(reconciliation)

    return check


def _every_receipt_is_attached(connection: Connection) -> dg.AssetChecksDefinition:
    @_check(connection, "receipts", "every_receipt_is_attached")
    def check(receipts: Frame) -> dg.AssetCheckResult:
        """Every posted expense that has a receipt has it on its document in Zoho Books."""
        from mlc_pipeline.steps import checks

        return checks.every_receipt_is_attached(receipts)

    return check
