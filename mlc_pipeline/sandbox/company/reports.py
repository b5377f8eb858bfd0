"""Writes whole reports in Expensify's raw form, with what is expected of each."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mlc_pipeline.sandbox.company.expenses import Expense, ExpenseInventor
from mlc_pipeline.sandbox.company.model import Expectation
from mlc_pipeline.sandbox.company.people import Employee
from mlc_pipeline.sandbox.company.scenarios import Fill, Scenario
from mlc_pipeline.sandbox.company.words import REPORT_TITLES, escaped

JsonObject = dict[str, Any]
Written = tuple[JsonObject, Expectation]

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STATES = {  # status: (state of the API, display status)
    "Open": ("OPEN", "Draft"),
    "Processing": ("SUBMITTED", "Outstanding"),
    "Approved": ("APPROVED", "Approved"),
    "Reimbursed": ("REIMBURSED", "Paid"),
    "Closed": ("ARCHIVED", "Done"),
}


class ReportWriter:
    """Writes the reports of one company; timestamps are UTC, weeks begin at midnight in its time zone."""

    def __init__(self, rng: random.Random, zone: str, manager_email: str) -> None:
        self._rng = rng
        self._zone = ZoneInfo(zone)
        self._manager_email = manager_email

    def write(self, scenario: Scenario, employee: Employee, week: date, cents_off: int = 0) -> Iterator[Written]:
        """The report of a scenario in the week that starts on a day; what is held back follows as its own report.

        `cents_off` makes the report's total differ from its expenses.
        """
        approved = self._approval(scenario.approval, week)
        submitted = (approved or self._at(week, 2, time(9))) - timedelta(hours=self._rng.randrange(1, 24 * 20))
        title = self._rng.choice(REPORT_TITLES)
        expenses = self._expenses(scenario.fill, employee, submitted)
        report = self._report(employee, title, scenario.status, expenses, submitted)
        report["total"] += cents_off
        report |= self._approval_attributes(scenario, approved)
        review = "total_mismatch" if cents_off else _review(expenses)
        yield report, _expectation(report, scenario.name, employee, week, approved, expenses, review)
        if scenario.holds_back and approved:
            held = self._expenses(scenario.holds_back, employee, submitted)
            other = self._report(employee, f"{title} (held)", "Processing", held, approved)
            yield other, _expectation(other, "held back", employee, week, None, held, _review(held))

    def _approval(self, when: str, week: date) -> datetime | None:
        if when == "never":
            return None
        if when == "first":
            return self._at(week, 0, time())
        if when == "last":
            return self._at(week, 7, time()) - timedelta(seconds=1)
        if when == "midnight":
            return self._at(week, 6, time(23, 30)) if self._rng.random() < 0.5 else self._at(week, 0, time(0, 30))
        day = self._rng.randrange(2, 5) if when == "day" else self._rng.randrange(7)
        return self._at(
            week, day, time(self._rng.randrange(8, 19), self._rng.randrange(60), self._rng.randrange(60))
        )

    def _at(self, week: date, day: int, clock: time) -> datetime:
        return datetime.combine(week + timedelta(days=day), clock, self._zone).astimezone(UTC)

    def _expenses(self, fill: Fill, employee: Employee, submitted: datetime) -> list[Expense]:
        return fill(ExpenseInventor(self._rng, employee.policy.currency, submitted.date()), self._rng)

    def _report(
        self, employee: Employee, title: str, status: str, expenses: list[Expense], submitted: datetime
    ) -> JsonObject:
        report_id = "R00" + "".join(self._rng.choices(_BASE_62, k=9))
        created = submitted - timedelta(minutes=self._rng.randrange(1, 3000))
        for expense in expenses:
            expense.raw["reportID"] = report_id
        return {
            "reportID": report_id,
            "oldReportID": str(self._rng.randrange(10**15, 10**16)),
            "reportName": escaped(title),
            "status": status,
            "displayStatus": _STATES[status][1],
            "policyID": employee.policy.policy_id,
            "policyName": escaped(employee.policy.name),
            "currency": employee.policy.currency,
            "total": sum(expense.cents for expense in expenses),
            "accountEmail": employee.email,
            "accountID": employee.account_id,
            "managerEmail": self._manager_email,
            "submitter": _person(employee),
            "created": _timestamp(created),
            "submitted": "" if status == "Open" else _timestamp(submitted),
            "isACHReimbursed": False,
            "transactionList": [expense.raw for expense in expenses],
            **({"employeeCustomField1": employee.number} if employee.number or self._rng.random() < 0.5 else {}),
            **({"approved": ""} if self._rng.random() < 0.5 else {}),
        }

    def _approval_attributes(self, scenario: Scenario, approved: datetime | None) -> JsonObject:
        if approved is None:
            return {}
        before = approved - timedelta(days=8)
        actions = [("SUBMITTED", before), ("APPROVED", before), ("UNAPPROVED", before)]
        actions = [
            *(actions if scenario.approval == "again" else []),
            ("SUBMITTED", approved),
            ("APPROVED", approved),
        ]
        printed = str(approved.date()) if scenario.approval == "day" else _timestamp(approved)
        return {
            "approved": printed,
            "reimbursed": str((approved + timedelta(days=2)).date()) if scenario.status == "Reimbursed" else "",
            "approvers": [{"email": self._manager_email, "date": printed}],
            "actionList": [
                {"action": action, "accountEmail": self._manager_email, "created": _timestamp(at), "details": {}}
                for action, at in actions
            ],
        }


def _expectation(
    report: JsonObject,
    scenario: str,
    employee: Employee,
    week: date,
    approved: datetime | None,
    expenses: list[Expense],
    review: str | None,
) -> Expectation:
    return Expectation(
        report_id=report["reportID"],
        scenario=scenario,
        state=_STATES[report["status"]][0],
        period=str(week) if approved else None,
        approved_at=approved,
        employee_email=employee.email,
        currency=report["currency"],
        reimbursable_cents=sum(expense.cents for expense in expenses if expense.reimbursable),
        company_paid_cents=sum(expense.cents for expense in expenses if not expense.reimbursable),
        review=review,
    )


def _review(expenses: list[Expense]) -> str | None:
    return next((expense.category.review for expense in expenses if expense.category.review), None)


def _person(employee: Employee) -> JsonObject:
    names = {"firstName": employee.first_name, "lastName": employee.last_name, "fullName": employee.full_name}
    return {key: escaped(name) for key, name in names.items()}


def _timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
