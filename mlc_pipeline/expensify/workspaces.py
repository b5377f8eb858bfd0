"""Expensify's workspaces (policies) and their settings: categories, tags, taxes, report fields, employees.

Facts: Expensify manual, policy list getter and policy getter. Documented keys may be missing in an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mlc_pipeline.expensify.values import unescaped


@dataclass(frozen=True, slots=True)
class Workspace:
    """One line of the policy list."""

    id: str
    name: str
    owner: str
    role: str
    output_currency: str
    kind: str


@dataclass(frozen=True, slots=True)
class Category:
    """One category; whether Expensify sends codes here is not documented, so they may be empty."""

    name: str
    enabled: bool
    gl_code: str
    payroll_code: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a level; with dependent levels its name may be `Parent:Child`."""

    name: str
    enabled: bool
    gl_code: str


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags of one level; the name is empty when the workspace has one unnamed level."""

    name: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax rate; 20 means 20 %."""

    id: str
    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class ReportField:
    """One report field; `kind` is formula, text, dropdown or date."""

    name: str
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Employee:
    """One member of a workspace."""

    email: str
    role: str
    submits_to: str
    employee_id: str
    custom_field_2: str


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What was asked for of one workspace; what was not asked for, or is not set, is empty."""

    id: str
    categories: tuple[Category, ...]
    tag_lists: tuple[TagList, ...]
    report_fields: tuple[ReportField, ...]
    tax_name: str
    default_tax_rate_id: str
    tax_rates: tuple[TaxRate, ...]
    employees: tuple[Employee, ...]


def read_policy_list(answer: Mapping[str, Any]) -> tuple[Workspace, ...]:
    """The workspaces in the answer to a `policyList` job."""
    return tuple(_read_workspace(entry) for entry in answer["policyList"])


def read_policies(answer: Mapping[str, Any]) -> dict[str, WorkspaceSettings]:
    """The settings in the answer to a `policy` job, by workspace id."""
    return {policy_id: _read_settings(policy_id, info) for policy_id, info in answer["policyInfo"].items()}


def _read_workspace(source: Mapping[str, Any]) -> Workspace:
    return Workspace(
        id=str(source["id"]),
        name=_text(source, "name"),
        owner=_text(source, "owner"),
        role=_text(source, "role"),
        output_currency=_text(source, "outputCurrency"),
        kind=_text(source, "type"),
    )


def _read_settings(policy_id: str, source: Mapping[str, Any]) -> WorkspaceSettings:
    tax = source.get("tax") or {}
    return WorkspaceSettings(
        id=policy_id,
        categories=tuple(_read_category(category) for category in source.get("categories") or ()),
        tag_lists=_read_tag_lists(source.get("tags") or ()),
        report_fields=tuple(_read_report_field(field) for field in source.get("reportFields") or ()),
        tax_name=_text(tax, "name"),
        default_tax_rate_id=_text(tax, "default"),
        tax_rates=tuple(_read_tax_rate(rate) for rate in tax.get("rates") or ()),
        employees=tuple(_read_employee(employee) for employee in source.get("employees") or ()),
    )


def _read_category(source: Mapping[str, Any]) -> Category:
    return Category(
        name=_text(source, "name"),
        enabled=bool(source.get("enabled", True)),
        gl_code=_text(source, "glCode"),
        payroll_code=_text(source, "payrollCode"),
    )


def _read_tag_lists(source: Any) -> tuple[TagList, ...]:
    """Both documented shapes: levels `[{"name", "tags": [...]}]`, or one flat list of tags."""
    if not source:
        return ()
    if any("tags" in entry for entry in source):
        return tuple(TagList(_text(level, "name"), _read_tags(level.get("tags") or ())) for level in source)
    return (TagList("", _read_tags(source)),)


def _read_tags(source: Any) -> tuple[Tag, ...]:
    return tuple(Tag(_text(tag, "name"), bool(tag.get("enabled", True)), _text(tag, "glCode")) for tag in source)


def _read_report_field(source: Mapping[str, Any]) -> ReportField:
    choices = tuple(unescaped(str(choice)) for choice in source.get("values") or ())
    return ReportField(_text(source, "name"), _text(source, "type"), choices)


def _read_tax_rate(source: Mapping[str, Any]) -> TaxRate:
    return TaxRate(_text(source, "rateID"), _text(source, "name"), Decimal(str(source["rate"])))


def _read_employee(source: Mapping[str, Any]) -> Employee:
    return Employee(
        email=_text(source, "email"),
        role=_text(source, "role"),
        submits_to=_text(source, "submitsTo"),
        employee_id=_text(source, "employeeID"),
        custom_field_2=_text(source, "customField2"),
    )


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return "" if value is None else unescaped(str(value))
