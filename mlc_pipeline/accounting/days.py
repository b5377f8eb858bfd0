"""Days: on which day a document is dated, what a locked period does to that, and which exchange rates it takes."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from mlc_pipeline.accounting.by_report import PartRows, Period
from mlc_pipeline.accounting.columns import Flags, Integers
from mlc_pipeline.accounting.expenses import Rows
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.rules import DocumentRules

UNKNOWN_DAY = 1
"""The day, as a proleptic ordinal, of the document of a report without an approval."""


def document_days(part: PartRows, rules: DocumentRules) -> Integers:
    """The day of each report's document as a proleptic ordinal, before any lock."""
    approved = part.period.heads.approved
    days = np.where(approved.missing, UNKNOWN_DAY, approved.days(ZoneInfo(rules.timezone)))
    if rules.date == "period_end":
        days[:] = rules.period_last_day.toordinal()
    if rules.date == "last_expense":
        last = _last_days(part)
        days = np.where(last > 0, last, days)
    return days


def dated_by_expense(part: PartRows, rules: DocumentRules) -> Flags:
    """By report, whether its document has the day of an expense."""
    if rules.date != "last_expense":
        return np.zeros(part.report_count, dtype=np.bool_)
    return np.asarray(_last_days(part) > 0, dtype=np.bool_)


def lock_date(rules: DocumentRules, organization: Organization | None) -> date | None:
    """Days before this one are closed for the documents that the rules make."""
    if organization is None:
        return None
    return organization.journals_locked_until if rules.kind == "journal" else organization.bills_locked_until


def is_locked(days: Integers, rules: DocumentRules, organization: Organization | None) -> Flags:
    """Which days are closed. The lock date itself is sent as it is: sources differ on whether it is open."""
    locked_until = lock_date(rules, organization)
    return days < (locked_until.toordinal() if locked_until else 0)


def open_days(days: Integers, rules: DocumentRules, organization: Organization | None) -> Integers:
    """The days on which documents are posted: those of a closed period may move to the first open day.

    So does the lock date itself: the day after it is open in any case.
    """
    locked_until = lock_date(rules, organization)
    if locked_until is None or rules.on_locked_period != "next_open_date":
        return days
    return np.maximum(days, locked_until.toordinal() + 1)


def needed_rates(expenses: Rows, rules: DocumentRules, organization: Organization) -> set[tuple[str, date]]:
    """The exchange rates that documents of these expenses may need: ISO currency and day of the document.

    To be asked before the plans are made; both parts are looked at under the same rules.
    """
    period = Period.of(expenses)
    currencies = period.heads.shared("currency")
    needed: set[tuple[str, date]] = set()
    for part in (period.part("reimbursable"), period.part("company_paid")):
        spent = np.unique(part.reports[part.spent])
        original = document_days(part, rules)
        spent = spent[original[spent] > UNKNOWN_DAY]
        days = open_days(original, rules, organization)[spent]
        pairs = set(zip(currencies.numbers[spent].tolist(), days.tolist(), strict=True))
        needed |= {(currencies.texts[number], date.fromordinal(day)) for number, day in pairs}
    return {(code, day) for code, day in needed if code and organization.currency not in ("", code)}


def _last_days(part: PartRows) -> Integers:
    """The day of the last expense of each report; 0 where none has one."""
    found = part.texts("expense_date")
    of_text = np.array([date.fromisoformat(text).toordinal() if text else 0 for text in found.texts] + [0])
    last = np.zeros(part.report_count, dtype=np.int64)
    np.maximum.at(last, part.reports[part.spent], of_text[found.numbers][part.spent])
    return last
