"""The facts of one entity: where it is, its accounts, categories, tags, taxes and cards, and its configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Category:
    """A category of Expensify and the name of the account it reaches, or the reason why it reaches none."""

    name: str
    gl_code: str
    account: str
    review: str | None = None


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of Expensify in percent, Zoho's tax for it, and the account where a journal books it.

    Without a `tax` the tax is part of the costs; `review` is the reason why a report with it waits.
    """

    name: str
    code: str
    percent: int
    tax: str | None
    account: str | None = None
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A company card and the name of the account that is credited, or the reason why none is."""

    bank: str
    name: str
    account: str
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a customer."""

    name: str
    customer: str


@dataclass(frozen=True, slots=True)
class TagValue:
    """A value of one tag level, with what it becomes: (reporting tag, option), ("project", name), or nothing."""

    name: str
    gl_code: str
    dimension: tuple[str, str] | None
    review: str | None = None


@dataclass(frozen=True, slots=True)
class ReportingTag:
    """A reporting tag of Zoho Books on the lines of documents, with its options as a tree of names."""

    name: str
    options: Mapping[str, Any]
    is_mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One company of the group.

    `accounts` are (name, code, type, is active). `tag_levels` are the values of each level of Expensify's tags,
    `report_field` is a custom field of reports with its values. `configuration` has the sections `period`,
    `posting` and `mapping` of its connection.
    """

    name: str
    organization_name: str
    organization_id: str
    edition: str
    policy_id: str
    zone: str
    currency: str
    period_starts: tuple[date, ...]
    end: date
    reports_per_period: int
    reimbursable: Literal["bill", "journal"]
    payable_account: str
    accounts: tuple[tuple[str, str, str, bool], ...]
    categories: tuple[Category, ...]
    cards: tuple[Card, ...]
    foreign_rates_ppm: Mapping[str, int]
    configuration: JsonObject
    tag_levels: tuple[tuple[TagValue, ...], ...] = ()
    tag_level_names: tuple[str, ...] = ()
    report_field: tuple[str, tuple[TagValue, ...]] | None = None
    reporting_tags: tuple[ReportingTag, ...] = ()
    projects: tuple[Project, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    zoho_taxes: Mapping[str, int] = field(default_factory=dict)
    state_code: str = ""

    @property
    def good_categories(self) -> tuple[Category, ...]:
        """Those that reach an account."""
        return tuple(category for category in self.categories if category.review is None)

    def customer_of(self, project: str) -> str:
        """The name of the customer of a project."""
        return next(each.customer for each in self.projects if each.name == project)

    def connection(self, *, expensify_url: str, accounts_url: str) -> JsonObject:
        """The entry in `connections` of mlc.yaml, for a sandbox at these addresses."""
        return {
            "name": self.name,
            "sandbox": True,
            **self.configuration,
            "expensify": {
                "workspaces": [self.policy_id],
                "states": ["APPROVED", "REIMBURSED"],
                "url": expensify_url,
            },
            "zoho": {"organization": self.organization_id, "accounts_url": accounts_url},
        }
