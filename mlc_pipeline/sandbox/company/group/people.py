"""The employees of an entity in Expensify, and what Zoho Books already knows of them."""

from dataclasses import dataclass
from typing import Any, Final

from mlc_pipeline.sandbox.company.group.entity import Entity
from mlc_pipeline.sandbox.company.words import EMPLOYEE_NAMES, escaped

JsonObject = dict[str, Any]

_PER_ENTITY: Final = 4
_ORDER: Final = ("us", "germany", "india")


@dataclass(frozen=True, slots=True)
class Person:
    """An employee; `number` is the employee number, empty for some."""

    name: str
    email: str
    number: str


def people_of(entity: Entity) -> list[Person]:
    """The employees of an entity; the last has no number."""
    first = _ORDER.index(entity.name) * _PER_ENTITY
    return [
        Person(
            name=" ".join(EMPLOYEE_NAMES[first + at]),
            email=f"employee{at + 1}@{entity.name}.group.example",
            number=f"E-{1001 + first + at}" if at < _PER_ENTITY - 1 else "",
        )
        for at in range(_PER_ENTITY)
    ]


def vendors_of(entity: Entity, people: list[Person]) -> list[JsonObject]:
    """One vendor is found by e-mail, one by its number, one by its name; the last employee is none yet."""
    by_email, by_number, by_name, _ = people
    return [
        {"contact_name": f"{by_email.name} (employee)", "email": by_email.email, "currency_code": entity.currency},
        {
            "contact_name": f"Staff {by_number.number}",
            "contact_number": by_number.number,
            "currency_code": entity.currency,
        },
        {"contact_name": by_name.name, "currency_code": entity.currency},
    ]


def policy_employee(entity: Entity, person: Person, manager_email: str) -> JsonObject:
    """The employee as the policy getter answers it."""
    number = {"employeeID": person.number} if person.number else {}
    role = "admin" if person.email == manager_email else "user"
    return {
        "policyID": entity.policy_id,
        "email": person.email,
        "role": role,
        "submitsTo": manager_email,
        **number,
    }


def policy_details(entity: Entity, owner: str) -> JsonObject:
    """The workspace as `policyList` and the policy getter answer it."""
    return {
        "id": entity.policy_id,
        "name": escaped(entity.organization_name),
        "owner": owner,
        "role": "admin",
        "outputCurrency": entity.currency,
        "type": "corporate",
        "categories": [_category(category.name, category.gl_code) for category in entity.categories],
        "tags": [
            {"name": name, "tags": [_category(value.name, value.gl_code) for value in values]}
            for name, values in zip(entity.tag_level_names, entity.tag_levels, strict=True)
        ],
        "reportFields": _report_fields(entity),
        "tax": _tax(entity),
    }


def _report_fields(entity: Entity) -> list[JsonObject]:
    if entity.report_field is None:
        return []
    name, values = entity.report_field
    return [{"name": name, "type": "dropdown", "values": [value.name for value in values]}]


def _category(name: str, gl_code: str) -> JsonObject:
    return {"name": escaped(name), "enabled": True, "glCode": gl_code}


def _tax(entity: Entity) -> JsonObject:
    if not entity.tax_rates:
        return {}
    rates = [{"rateID": rate.code, "name": escaped(rate.name), "rate": rate.percent} for rate in entity.tax_rates]
    return {"name": "Tax", "default": rates[0]["rateID"], "rates": rates}
