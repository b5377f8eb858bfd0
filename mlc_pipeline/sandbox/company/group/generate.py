"""Puts the group together from a seed; the same seed always gives the same group."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from mlc_pipeline.sandbox.company.group.entity import Entity, TagValue
from mlc_pipeline.sandbox.company.group.germany import GERMANY
from mlc_pipeline.sandbox.company.group.india import INDIA
from mlc_pipeline.sandbox.company.group.model import Group, GroupEntity, ReportExpectation
from mlc_pipeline.sandbox.company.group.outcome import expected_documents
from mlc_pipeline.sandbox.company.group.people import (
    Person,
    people_of,
    policy_details,
    policy_employee,
    vendors_of,
)
from mlc_pipeline.sandbox.company.group.purchases import Purchase, Shopper, raw_expense
from mlc_pipeline.sandbox.company.group.scenarios import SCENARIOS, Scenario
from mlc_pipeline.sandbox.company.group.us import US
from mlc_pipeline.sandbox.company.words import REPORT_TITLES, escaped

JsonObject = dict[str, Any]

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def generate_group(seed: int = 1) -> Group:
    """Invent the group and its reports of the first quarter of 2026.

    Every scenario of an entity occurs at least once; after that most reports are without problems.
    """
    return Group(*(_EntityWriter(seed, entity).write() for entity in (US, GERMANY, INDIA)))


class _EntityWriter:
    """Writes the reports of one entity, each with what is expected of it."""

    def __init__(self, seed: int, entity: Entity) -> None:
        self._rng = random.Random(f"{seed} {entity.name}")  # noqa: S311 - invented data, not secrets
        self._entity = entity
        self._people = people_of(entity)
        self._zone = ZoneInfo(entity.zone)

    def write(self) -> GroupEntity:
        """The whole entity."""
        written = list(self._reports())
        receipts = [purchase.receipt for _, _, purchases in written for purchase in purchases if purchase.receipt]
        return GroupEntity(
            facts=self._entity,
            policy=policy_details(self._entity, self._people[0].email),
            employees=[policy_employee(self._entity, person, self._people[0].email) for person in self._people],
            vendors=vendors_of(self._entity, self._people),
            reports=[report for report, _, _ in written],
            receipts=dict(receipts),
            expected={expectation.report_id: expectation for _, expectation, _ in written},
        )

    def _reports(self) -> Iterator[tuple[JsonObject, ReportExpectation, list[Purchase]]]:
        scenarios = self._scenarios()
        for start, end in pairwise((*self._entity.period_starts, self._entity.end)):
            for _ in range(self._entity.reports_per_period):
                yield self._report(next(scenarios), start, end)

    def _scenarios(self) -> Iterator[Scenario]:
        known = SCENARIOS[self._entity.name]
        yield from self._rng.sample(known, len(known))
        good = [scenario for scenario in known if scenario.review is None]
        while True:
            yield self._rng.choice(good)

    def _report(
        self, scenario: Scenario, start: date, end: date
    ) -> tuple[JsonObject, ReportExpectation, list[Purchase]]:
        person = self._rng.choice(self._people)
        approved = self._instant(start, end)
        purchases = scenario.fill(Shopper(self._rng, self._entity))
        field_value = self._field_value()
        report = self._raw(person, purchases, approved, field_value)
        report["total"] += scenario.cents_off
        documents = () if scenario.review else expected_documents(self._entity, purchases, field_value)
        expectation = ReportExpectation(
            report_id=report["reportID"],
            scenario=scenario.name,
            period=str(start),
            employee_email=person.email,
            currency=self._entity.currency,
            total_cents=sum(purchase.cents for purchase in purchases),
            documents=documents,
            review=scenario.review,
        )
        return report, expectation, purchases

    def _instant(self, start: date, end: date) -> datetime:
        first = datetime.combine(start, time(), self._zone).astimezone(UTC)
        last = datetime.combine(end, time(), self._zone).astimezone(UTC) - timedelta(seconds=1)
        return first + timedelta(seconds=self._rng.randrange(int((last - first).total_seconds()) + 1))

    def _field_value(self) -> TagValue | None:
        field = self._entity.report_field
        return self._rng.choice(field[1]) if field else None

    def _raw(
        self, person: Person, purchases: list[Purchase], approved: datetime, field_value: TagValue | None
    ) -> JsonObject:
        submitted = approved - timedelta(hours=self._rng.randrange(1, 24 * 20))
        manager = self._people[0].email
        report: JsonObject = {
            "reportID": "R00" + "".join(self._rng.choices(_BASE_62, k=9)),
            "oldReportID": str(self._rng.randrange(10**15, 10**16)),
            "reportName": escaped(self._rng.choice(REPORT_TITLES)),
            "status": "Approved",
            "displayStatus": "Approved",
            "policyID": self._entity.policy_id,
            "policyName": escaped(self._entity.organization_name),
            "currency": self._entity.currency,
            "total": sum(purchase.cents for purchase in purchases),
            "accountEmail": person.email,
            "accountID": self._rng.randrange(10**6, 10**8),
            "managerEmail": manager,
            "submitter": {"fullName": escaped(person.name)},
            "created": _timestamp(submitted - timedelta(minutes=self._rng.randrange(1, 3000))),
            "submitted": _timestamp(submitted),
            "approved": _timestamp(approved),
            "reimbursed": "",
            "approvers": [{"email": manager, "date": _timestamp(approved)}],
            "actionList": [
                {"action": "APPROVED", "accountEmail": manager, "created": _timestamp(approved), "details": {}}
            ],
            "isACHReimbursed": False,
            "transactionList": [
                raw_expense(self._rng, self._entity, purchase, submitted.date()) for purchase in purchases
            ],
        }
        if person.number:
            report["employeeCustomField1"] = person.number
        if self._entity.report_field and field_value:
            report["customField"] = {_attribute(self._entity.report_field[0]): escaped(field_value.name)}
        for expense in report["transactionList"]:
            expense["reportID"] = report["reportID"]
        return report


def _attribute(field_name: str) -> str:
    """The name of a report field in the template's model: all but letters and digits is an underscore."""
    return "".join(letter if letter.isalnum() else "_" for letter in field_name)


def _timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
