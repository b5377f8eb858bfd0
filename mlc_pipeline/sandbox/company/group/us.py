"""The US entity: weekly periods, no tax, a reporting tag, projects of customers, two company cards."""

from datetime import date, timedelta
from typing import Final

from mlc_pipeline.sandbox.company.group.entity import Card, Category, Entity, Project, ReportingTag, TagValue

_PROJECTS: Final = (Project("Bridge", "Northwind Example"), Project("Tunnel: East", "Harbor Example"))
_DEPARTMENTS: Final = ("Sales", "Research: Apps", "Operations")
_START: Final = date(2026, 1, 5)

US: Final = Entity(
    name="us",
    organization_name="Example Group Inc.",
    organization_id="10234695",
    edition="us",
    policy_id="0810E551A5F2A9C2",
    zone="America/New_York",
    currency="USD",
    period_starts=tuple(_START + timedelta(weeks=week) for week in range(13)),
    end=_START + timedelta(weeks=13),
    reports_per_period=2,
    reimbursable="bill",
    payable_account="",
    accounts=(
        ("Operating Bank", "1000", "bank", True),
        ("Accounts Payable", "2000", "accounts_payable", True),
        ("Corporate Visa", "2110", "credit_card", True),
        ("Corporate Amex", "2111", "credit_card", True),
        ("Employee Reimbursements Payable", "2120", "other_current_liability", True),
        ("Meals and Entertainment", "6640", "expense", True),
        ("Lodging", "6660", "expense", True),
        ("Airfare", "6670", "expense", True),
        ("Software Subscriptions", "6510", "expense", True),
        ("Office Supplies", "", "expense", True),
        ("Conference Costs (closed)", "6690", "expense", False),
    ),
    categories=(
        Category("Meals & Entertainment", "6640", "Meals and Entertainment"),
        Category("Hotel", "6660", "Lodging"),
        Category("Flights", "6670", "Airfare"),
        Category("Software", "6510", "Software Subscriptions"),
        Category("Office Supplies", "", "Office Supplies"),
        Category("Client gifts (old)", "9999", "", "unmapped_category"),
        Category("Conferences", "6690", "", "inactive_account"),
    ),
    cards=(
        Card("vcf", "Visa 1111", "Corporate Visa"),
        Card("amex", "Amex 2222", "Corporate Amex"),
    ),
    foreign_rates_ppm={"EUR": 1_080_000, "JPY": 6_700, "KWD": 3_250_000},
    tag_level_names=("Department", "Project"),
    tag_levels=(
        (*(TagValue(name, "", ("Department", name)) for name in _DEPARTMENTS),
         TagValue("Closed Department", "", None, "unmapped_tag")),
        tuple(TagValue(project.name, "", ("project", project.name)) for project in _PROJECTS),
    ),
    reporting_tags=(ReportingTag("Department", {name: {} for name in _DEPARTMENTS}),),
    projects=_PROJECTS,
    configuration={
        "period": {"cadence": "weekly", "start": "2026-01-05", "timezone": "America/New_York"},
        "posting": {"company_card_accounts": {"default": "2110", "Amex 2222": "2111"}},
        "mapping": {
            "tags": {1: {"reporting_tag": "Department", "place": "line_item"}, 2: {"project": True}},
            "employee_number_field": "contact_number",
        },
    },
)  # fmt: skip
