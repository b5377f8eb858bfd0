"""Puts a company together from a seed; the same arguments always give the same company."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from mlc_pipeline.sandbox.company import ledger
from mlc_pipeline.sandbox.company.model import Company
from mlc_pipeline.sandbox.company.people import (
    Employee,
    invent_employees,
    invent_policies,
    known_vendors,
    policy_details,
    policy_employee,
)
from mlc_pipeline.sandbox.company.reports import ReportWriter, Written
from mlc_pipeline.sandbox.company.scenarios import ORDINARY, SCENARIOS, Scenario

_PRICE_PRECISION = {"JPY": 0, "KWD": 3}


def generate_company(
    seed: int,
    *,
    zone: str,
    first_period_start: date,
    weeks: int = 4,
    employees: int = 6,
    reports_per_week: int = 8,
    organization_name: str = "Example Trading",
    base_currency: str = "EUR",
    policy_currencies: tuple[str, ...] = ("EUR", "USD"),
    broken_reports: int = 0,
) -> Company:
    """Invent a company whose reports were approved in `weeks` weekly periods from `first_period_start` on.

    The first 32 reports go once through every scenario, so 4 weeks of 8 show them all; after that three in four
    are ordinary. There is one policy per currency in `policy_currencies`; `broken_reports` come on top, in the
    first week, with a total that is one cent off.
    """
    rng = random.Random(seed)  # noqa: S311 - invented data, not secrets
    policies = invent_policies(rng, organization_name, policy_currencies)
    people = invent_employees(rng, policies, employees, "trading.example")
    manager = people[0].email
    writer = ReportWriter(rng, zone, manager)
    written = list(_written(rng, writer, people, first_period_start, weeks, reports_per_week))
    for _ in range(broken_reports):
        written += writer.write(ORDINARY, rng.choice(people), first_period_start, cents_off=1)
    codes = dict.fromkeys((base_currency, *policy_currencies, "JPY"))
    return Company(
        organization_name=organization_name,
        base_currency=base_currency,
        zone=zone,
        policies=[policy_details(policy, manager, at) for at, policy in enumerate(policies)],
        policy_employees=[policy_employee(employee, manager) for employee in people],
        reports=[report for report, _ in written],
        expected={expectation.report_id: expectation for _, expectation in written},
        chart_of_accounts=ledger.chart_of_accounts(),
        vendors=known_vendors(people),
        currencies=[
            {
                "currency_code": code,
                "price_precision": _PRICE_PRECISION.get(code, 2),
                "is_base": code == base_currency,
            }
            for code in codes
        ],
        accounts_by_category=ledger.accounts_by_category(),
    )


def _written(
    rng: random.Random,
    writer: ReportWriter,
    people: list[Employee],
    first_week: date,
    weeks: int,
    reports_per_week: int,
) -> Iterator[Written]:
    scenarios = _scenarios(rng)
    for week in range(weeks):
        for _ in range(reports_per_week):
            yield from writer.write(next(scenarios), rng.choice(people), first_week + timedelta(weeks=week))


def _scenarios(rng: random.Random) -> Iterator[Scenario]:
    """Every scenario once, in an order that spreads them over the weeks; then mostly ordinary reports."""
    yield from rng.sample(SCENARIOS, len(SCENARIOS))
    while True:
        yield ORDINARY if rng.random() < 0.75 else rng.choice(SCENARIOS)
