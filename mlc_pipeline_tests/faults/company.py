"""A company that never rests: reports are approved, and some of them changed and approved again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from mlc_pipeline_tests.posting.reports import ACCOUNTS, Expense, Report

FIRST_PERIOD = date(2026, 1, 5)
REPORTS_IN_A_PERIOD = 40


@dataclass(slots=True)
class RestlessCompany:
    """What is approved at present, by period; the newest period is the one that is worked on."""

    rng: random.Random
    amends: bool
    periods: dict[str, dict[tuple[str, str], Report]] = field(default_factory=dict)
    restored: int = 0
    """How often a report was approved again as it had been before."""
    _earlier: dict[tuple[str, str], Report] = field(default_factory=dict)
    _reports: int = 0

    @property
    def period(self) -> str:
        """The key of the newest period."""
        return max(self.periods)

    @property
    def approved(self) -> list[Report]:
        """Everything that is approved, in all periods."""
        return [report for reports in self.periods.values() for report in reports.values()]

    def goes_on(self) -> None:
        """Some reports are approved, a few are changed or changed back; now and then a new period begins."""
        if not self.periods or len(self.periods[self.period]) >= REPORTS_IN_A_PERIOD:
            start = FIRST_PERIOD + timedelta(weeks=len(self.periods))
            self.periods[start.isoformat()] = {}
        reports = self.periods[self.period]
        amendable = [key for key, report in reports.items() if report.part == "reimbursable"]
        if self.amends:
            self._restore_some(reports)
            for key in self.rng.sample(amendable, min(4, len(amendable))):
                reports[key] = self._changed(reports[key])
        for _ in range(self.rng.randint(5, 9)):
            report = self._new()
            reports[(report.report_id, report.part)] = report

    def of_period(self, period: str) -> tuple[Report, ...]:
        """What is approved in one period."""
        return tuple(self.periods[period].values())

    def _new(self) -> Report:
        self._reports += 1
        report_id = f"R{self._reports:05}"
        expenses = {f"{report_id}-T{at}": self._expense() for at in range(self.rng.randint(1, 4))}
        part = "company_paid" if self.rng.random() < 0.4 else "reimbursable"
        # One employee in a period is new, so that a vendor has to be made while things go wrong.
        names = ("Ada Example", "Bob Example", f"{_letters(len(self.periods))} Newcomer")
        day = date.fromisoformat(self.period) + timedelta(days=2)
        return Report(report_id, expenses, part, self.rng.choice(names), day=day)

    def _restore_some(self, reports: dict[tuple[str, str], Report]) -> None:
        """What was changed last, and may be half done, is now and then approved again as it was before."""
        for key in list(self._earlier):
            if key in reports and self.rng.random() < 0.5:
                reports[key], self._earlier[key] = self._earlier[key], reports[key]
                self.restored += 1
            else:
                del self._earlier[key]

    def _changed(self, report: Report) -> Report:
        self._earlier[(report.report_id, report.part)] = report
        name = self.rng.choice(sorted(report.expenses))
        expense = report.expenses[name]
        changed = replace(expense, cents=expense.cents + self.rng.randint(1, 9999))
        return replace(report, expenses={**report.expenses, name: changed})

    def _expense(self) -> Expense:
        return Expense(self.rng.randint(1, 50_000), self.rng.choice(list(ACCOUNTS)))


def _letters(number: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))
