"""Which reports an export takes: the filters of the manual's report exporter, section "filters"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount, JsonObject
from mlc_pipeline.sandbox.expensify.answers import JobError

STATE_OF_STATUS: Final = {
    "Open": "OPEN",
    "Processing": "SUBMITTED",
    "Approved": "APPROVED",
    "Reimbursed": "REIMBURSED",
    "Closed": "ARCHIVED",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of one export, checked."""

    report_ids: frozenset[str]
    policy_ids: frozenset[str]
    states: frozenset[str]
    start: date | None
    end: date | None
    approved_after: date | None
    exported_label: str | None
    limit: int | None

    def reports(self, account: ExpensifyAccount) -> list[JsonObject]:
        """The reports of the account that pass, in the account's order."""
        local_date = _local_dates(account.filter_time_zone)
        passing = [report for report in account.reports if self._passes(report, account, local_date)]
        return passing if self.limit is None else passing[: self.limit]

    def _passes(
        self, report: JsonObject, account: ExpensifyAccount, local_date: Callable[[str], date | None]
    ) -> bool:
        last_moved = max(filter(None, map(local_date, _texts(report, "created", "submitted"))), default=None)
        approved = local_date(report.get("approved") or "")
        labels = account.exported_labels.get(report["reportID"], [])
        return (
            (not self.report_ids or bool(self.report_ids & set(_texts(report, "reportID", "oldReportID"))))
            and (not self.policy_ids or report.get("policyID") in self.policy_ids)
            and STATE_OF_STATUS.get(report.get("status", "")) in self.states
            and (self.start is None or last_moved is None or last_moved >= self.start)
            and (self.end is None or last_moved is None or last_moved <= self.end)
            and (self.approved_after is None or approved is None or approved > self.approved_after)
            and (self.exported_label is None or self.exported_label not in labels)
        )


def read_selection(settings: JsonObject, today: date) -> Selection:
    """The filters of a job's `inputSettings`; raises `JobError` 410 for what the manual forbids."""
    filters = settings.get("filters")
    if not isinstance(filters, dict):
        raise JobError(410, "Required parameter 'filters' is missing")
    selection = Selection(
        report_ids=_ids(filters, "reportIDList"),
        policy_ids=_ids(filters, "policyIDList"),
        states=_states(settings),
        start=_date(filters, "startDate"),
        end=_date(filters, "endDate"),
        approved_after=_date(filters, "approvedAfter"),
        exported_label=_text(filters, "markedAsExported"),
        limit=_limit(settings),
    )
    _check_range(selection, today)
    return selection


def _check_range(selection: Selection, today: date) -> None:
    starts = [start for start in (selection.start, selection.approved_after) if start is not None]
    if not starts and not selection.report_ids:
        raise JobError(410, "One of 'reportIDList', 'startDate' and 'approvedAfter' is required")
    if any(_year_after(start) < (selection.end or today) for start in starts):
        if selection.end is None:
            raise JobError(410, "'endDate' is required when the range starts more than a year ago")
        raise JobError(410, "The total date range cannot exceed one year")


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _local_dates(zone: str) -> Callable[[str], date | None]:
    time_zone = ZoneInfo(zone)

    def local_date(text: str) -> date | None:
        if len(text) <= len("yyyy-MM-dd"):
            return date.fromisoformat(text) if text else None
        return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(time_zone).date()

    return local_date


def _texts(report: JsonObject, *names: str) -> list[str]:
    return [report.get(name) or "" for name in names]


def _text(filters: JsonObject, name: str) -> str | None:
    value: Any = filters.get(name)
    if value is not None and not isinstance(value, str):
        raise JobError(410, f"Argument '{name}' is missing or malformed")
    return value or None


def _ids(filters: JsonObject, name: str) -> frozenset[str]:
    return frozenset(part.strip() for part in (_text(filters, name) or "").split(",") if part.strip())


def _states(settings: JsonObject) -> frozenset[str]:
    known = frozenset(STATE_OF_STATUS.values())
    asked = _ids(settings, "reportState")
    if unknown := sorted(asked - known):
        raise JobError(410, f"Status '{unknown[0]}' is not supported")
    return asked or known


def _date(filters: JsonObject, name: str) -> date | None:
    text = _text(filters, name)
    if text is None:
        return None
    malformed = JobError(410, f"Malformed date '{text}'. Expected format is yyyy-MM-dd")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise malformed
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise malformed from problem


def _limit(settings: JsonObject) -> int | None:
    text = _text(settings, "limit")
    if text is not None and not text.isdecimal():
        raise JobError(410, "Argument 'limit' is missing or malformed")
    return None if text is None else int(text)
