"""Invents policies and their employees, and the vendors that Zoho Books already knows of them."""

import random
from dataclasses import dataclass
from typing import Any

from mlc_pipeline.sandbox.company import ledger
from mlc_pipeline.sandbox.company.words import EMPLOYEE_NAMES, escaped

JsonObject = dict[str, Any]

_FIRST_POLICY_IDS = ("0810E551A5F2A9C2", "BA5EBA1187654321")


@dataclass(frozen=True, slots=True)
class Policy:
    """An Expensify workspace."""

    policy_id: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Employee:
    """A person who hands in reports, in one policy."""

    first_name: str
    last_name: str
    email: str
    number: str  # empty for some
    account_id: int
    policy: Policy

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def invent_policies(rng: random.Random, organization_name: str, currencies: tuple[str, ...]) -> list[Policy]:
    """One policy per currency."""
    more_ids = (f"{rng.getrandbits(64):016X}" for _ in currencies)
    ids = [*_FIRST_POLICY_IDS, *more_ids]
    return [
        Policy(policy_id, f"{organization_name} {currency}", currency)
        for policy_id, currency in zip(ids, currencies, strict=False)
    ]


def invent_employees(rng: random.Random, policies: list[Policy], count: int, domain: str) -> list[Employee]:
    """Employees spread over the policies; every fifth has no employee number."""
    return [_employee(rng, at, policies[at % len(policies)], domain) for at in range(count)]


def _employee(rng: random.Random, at: int, policy: Policy, domain: str) -> Employee:
    first, last = EMPLOYEE_NAMES[at % len(EMPLOYEE_NAMES)]
    round_number = at // len(EMPLOYEE_NAMES)
    return Employee(
        first_name=first,
        last_name=last if round_number == 0 else f"{last} {round_number + 1}",
        email=f"employee{at + 1}@{domain}",
        number="" if at % 5 == 4 else f"E-{1001 + at}",
        account_id=rng.randrange(10**6, 10**8),
        policy=policy,
    )


def policy_details(policy: Policy, owner: str, at: int) -> JsonObject:
    """The policy as `policyList` and the policy getter answer it; tags come in both documented shapes."""
    return {
        "id": policy.policy_id,
        "name": escaped(policy.name),
        "owner": owner,
        "role": "admin",
        "outputCurrency": policy.currency,
        "type": "corporate" if at == 0 else "team",
        "categories": ledger.policy_categories(),
        "tags": ledger.tags_by_level() if at % 2 == 0 else ledger.tags_joined(),
        "reportFields": [{"name": "Cost Center", "type": "dropdown", "values": ["4200", "4300"]}],
        "tax": ledger.tax() if policy.currency == "EUR" else {},
    }


def policy_employee(employee: Employee, manager_email: str) -> JsonObject:
    """The employee as the policy getter answers it; the number is left out where there is none."""
    number = {"employeeID": employee.number} if employee.number else {}
    role = "admin" if employee.email == manager_email else "user"
    return {
        "policyID": employee.policy.policy_id,
        "email": employee.email,
        "role": role,
        "submitsTo": manager_email,
        **number,
    }


def known_vendors(employees: list[Employee]) -> list[JsonObject]:
    """Every second employee is a vendor already; the first of them by name only, without an email."""
    return [
        {
            "contact_name": employee.full_name,
            "email": "" if at == 0 else employee.email,
            "currency_code": employee.policy.currency,
        }
        for at, employee in enumerate(employees[::2])
    ]
