"""Checks of the day on which a document is dated: a mistyped one, a closed one, one without an exchange rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from mlc_pipeline.accounting.check import Check, answers_of
from mlc_pipeline.accounting.columns import Flags
from mlc_pipeline.accounting.days import UNKNOWN_DAY, document_days, is_locked, lock_date
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.sheets import Sheet


def mistyped(sheet: Sheet) -> Check:
    """A document is dated by an expense of a day that had not come when the report was approved.

    Where the employee was it may have been the next day already.
    """
    if sheet.rules.date != "last_expense":
        return Check(np.zeros(sheet.part.report_count, dtype=np.bool_), lambda _: [])
    approved = document_days(sheet.part, replace(sheet.rules, date="approved"))

    def problems(report: int) -> Iterator[Problem]:
        day, approval = (date.fromordinal(int(days[report])) for days in (sheet.original_days, approved))
        yield Problem(
            Reason.EXPENSE_AFTER_APPROVAL,
            f"Its last expense is of {day}, and the report was approved on {approval}: correct the date of the "
            "expense in Expensify and approve the report again, or set posting.date: approved in mlc.yaml.",
        )

    wrong = (approved > UNKNOWN_DAY) & (sheet.original_days > approved + 1)
    return Check(np.asarray(wrong, dtype=np.bool_), problems)


def locked(sheet: Sheet) -> Check:
    """Zoho Books takes no documents of a closed day."""
    rules, organization = sheet.rules, sheet.organization
    locked_until = lock_date(rules, organization)

    def problems(report: int) -> Iterator[Problem]:
        yield Problem(
            Reason.LOCKED_PERIOD,
            f"Its day, {date.fromordinal(int(sheet.days[report]))}, lies before {locked_until}, up to which Zoho "
            "Books is locked: unlock it there and run the period again, or set posting.on_locked_period: "
            "next_open_date in mlc.yaml.",
        )

    return Check(is_locked(sheet.days, rules, organization) & _is_known(sheet), problems)


def rates(sheet: Sheet) -> Check:
    """A document in a foreign currency says its exchange rate."""
    organization = sheet.organization
    names = [answer.target_code for answer in sheet.currencies]
    base = organization.currency if organization else ""
    own = np.array([not name or base in ("", name) for name in names], np.bool_)
    wrong = ~own[sheet.currency] & _is_known(sheet) if len(own) else np.zeros(0, dtype=np.bool_)
    for report in np.flatnonzero(wrong):
        wrong[report] = exchange_rate(sheet, int(report), organization) is None

    def problems(report: int) -> Iterator[Problem]:
        name, day = names[sheet.currency[report]], date.fromordinal(int(sheet.days[report]))
        own_name = organization.currency if organization else ""
        yield Problem(
            Reason.MISSING_RATE,
            f"Zoho Books has no exchange rate from {name} to {own_name} for {day}: add one there under Settings, "
            "Currencies, or name it under posting.exchange_rates in mlc.yaml, and run the period again.",
        )

    return Check(wrong, problems)


def inverted(sheet: Sheet) -> Check:
    """A rate that seems to be the wrong way round is not booked with."""
    doubtful = sheet.organization.doubtful_rates if sheet.organization else ()
    problems = {rate.currency: Problem(Reason.INVERTED_RATE, f"{rate}") for rate in doubtful if rate.is_inverted}
    return answers_of(sheet.currency, [problems.get(answer.target_code) for answer in sheet.currencies])


def exchange_rate(sheet: Sheet, report: int, organization: Organization | None) -> Any:
    """The rate of a report's document, or None where Zoho Books has none."""
    name = sheet.currencies[sheet.currency[report]].target_code
    day = date.fromordinal(int(sheet.days[report]))
    return organization.rates.get((name, day)) if organization else None


def _is_known(sheet: Sheet) -> Flags:
    """By report, whether its document has a day: without an approval it may have none, which is said by itself."""
    return np.asarray(sheet.original_days > UNKNOWN_DAY, dtype=np.bool_)
