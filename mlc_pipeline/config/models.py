"""mlc.yaml as validated, immutable values: one `Connection` with its sections, named as in the file."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from mlc_pipeline.accounting.wording import exact_key, name_key
from mlc_pipeline.config.addresses import (
    EXPENSIFY_URL,
    ZOHO_ACCOUNTS_URL,
    Address,
    ServerAddress,
    address_findings,
)
from mlc_pipeline.config.values import (
    ConnectionName,
    CurrencyCode,
    Day,
    ExchangeRate,
    PolicyId,
    TagLevel,
    TimeZone,
    Words,
    YesOrNo,
    whole_number,
)

Cadence = Literal["weekly", "monthly"]

LAST_MONTHLY_DAY = 28
"""The last day of the month that every month has."""


def _approved_at_least(state: object) -> object:
    if state in ("OPEN", "SUBMITTED"):
        raise ValueError(
            f"{state} reports are not approved, and unapproved expenses are never posted; "
            "use APPROVED, REIMBURSED or ARCHIVED."
        )
    return state


def _each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} twice; name each once.")
    return items


ReportState = Annotated[Literal["APPROVED", "REIMBURSED", "ARCHIVED"], BeforeValidator(_approved_at_least)]


class Section(BaseModel):
    """A section of the file: fixed keys, immutable; a key with nothing behind it counts as left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class PeriodSettings(Section):
    """How approvals are cut into periods; the start date decides the weekday or day of the month."""

    cadence: Cadence
    start: Day
    timezone: TimeZone

    @field_validator("start")
    @classmethod
    def _in_every_month(cls, start: Day, info: ValidationInfo) -> Day:
        if info.data.get("cadence") == "monthly" and start.day > LAST_MONTHLY_DAY:
            raise ValueError(
                f"{start.isoformat()} does not fit monthly periods: not every month has a day {start.day}; "
                f"begin on a day from 1 to {LAST_MONTHLY_DAY}."
            )
        return start


class ScheduleSettings(Section):
    """When a period is posted by itself: at `hour` local time, `delay_days` days after the period's end."""

    hour: Annotated[int, whole_number(0, 23)] = 6
    delay_days: Annotated[int, whole_number(0, 28)] = 1
    enabled: YesOrNo = True


class ExpensifySettings(Section):
    """Which reports are read; no workspaces means all that the credentials see."""

    workspaces: Annotated[tuple[PolicyId, ...], AfterValidator(_each_once)] = ()
    states: Annotated[tuple[ReportState, ...], AfterValidator(_each_once)] = ("APPROVED", "REIMBURSED")
    url: Address = EXPENSIFY_URL
    mark_exported: Words | None = None

    @field_validator("states")
    @classmethod
    def _at_least_one(cls, states: tuple[str, ...]) -> tuple[str, ...]:
        if not states:
            raise ValueError("is empty; name at least one of APPROVED, REIMBURSED, ARCHIVED.")
        return states


class ZohoSettings(Section):
    """Where is posted: the organization (id or name, None when the login has one) and how fast.

    `requests_per_day` None: as Zoho's answers say, else the organization's plan.
    """

    organization: Words | None = None
    accounts_url: ServerAddress = ZOHO_ACCOUNTS_URL
    requests_per_minute: Annotated[int, whole_number(1, 100)] = 100
    concurrency: Annotated[int, whole_number(1, 10)] = 5
    requests_per_day: Annotated[int, whole_number(1, 1_000_000)] | None = None
    daily_reserve_percent: Annotated[int, whole_number(0, 90)] = 10


def _no_two_alike(key: Callable[[str], str]) -> AfterValidator:
    """Names that are looked for as one are written once: which of two would count could only be guessed."""

    def checked(entries: Mapping[str, Any]) -> Mapping[str, Any]:
        first: dict[str, str] = {}
        for name in entries:
            earlier = first.setdefault(key(name), name)
            if earlier != name:
                raise ValueError(f"{earlier!r} and {name!r} are the same name; keep one of them.")
        return entries

    return AfterValidator(checked)


class PostingSettings(Section):
    """Which documents are made of a report, and what happens in the special cases; accounts by their code."""

    reimbursable: Literal["bill", "journal", "skip"] = "bill"
    company_paid: Literal["journal", "bill", "skip"] = "journal"
    lines: Literal["category", "expense"] = "category"
    date: Literal["approved", "last_expense", "period_end"] = "approved"
    company_card_accounts: Annotated[Mapping[Words, Words], _no_two_alike(name_key)] = Field(default_factory=dict)
    company_card_vendors: Annotated[Mapping[Words, Words], _no_two_alike(name_key)] = Field(default_factory=dict)
    employee_payable_account: Words | None = Field(default=None, validate_default=True)
    exchange_rates: Mapping[CurrencyCode, ExchangeRate] = Field(default_factory=dict)
    create_vendors: YesOrNo = True
    attach_receipts: YesOrNo = False
    on_amendment: Literal["review", "update", "reverse_and_repost"] = "review"
    on_locked_period: Literal["review", "next_open_date"] = "review"

    @field_validator("employee_payable_account")
    @classmethod
    def _journals_credit_an_account(cls, account: str | None, info: ValidationInfo) -> str | None:
        if account is None and info.data.get("reimbursable") == "journal":
            raise ValueError(
                "is required with reimbursable: journal, as the account that the journal credits; "
                'write its code, for example employee_payable_account: "2120".'
            )
        return account


class TagTarget(Section):
    """What a level of Expensify's tags, or a report field, becomes in Zoho Books: exactly one of the four.

    `values` are overrides, from Expensify's name to that of the option, project, customer or location. `place` is
    where the reporting tag stands on a document, for organizations whose interface does not say.
    """

    reporting_tag: Words | None = None
    project: YesOrNo = False
    customer: YesOrNo = False
    location: YesOrNo = False
    values: Annotated[Mapping[Words, Words], _no_two_alike(name_key)] = Field(default_factory=dict)
    place: Literal["line_item", "transaction"] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._targets()) != 1:
            raise ValueError(
                "must say exactly one of {reporting_tag: NAME}, {project: true}, {customer: true}, "
                "{location: true}."
            )
        if self.place is not None and self.reporting_tag is None:
            raise ValueError("place is only for a reporting tag; leave it out.")
        return self

    @property
    def dimension(self) -> Literal["reporting_tag", "project", "customer", "location"]:
        """Which of the four it is."""
        return self._targets()[0]

    def _targets(self) -> list[Literal["reporting_tag", "project", "customer", "location"]]:
        targets: list[Literal["reporting_tag", "project", "customer", "location"]] = []
        if self.reporting_tag is not None:
            targets.append("reporting_tag")
        if self.project:
            targets.append("project")
        if self.customer:
            targets.append("customer")
        if self.location:
            targets.append("location")
        return targets


class FallbackAccount(Section):
    """The account, by its code, of every category that has no account of its own."""

    account: Words


def _review_or_account(value: object) -> object:
    if value == "review" or isinstance(value, Mapping | FallbackAccount):
        return value
    raise ValueError('must be review, or an account such as {account: "6999"}.')


UnmappedCategory = Annotated[
    Annotated[Literal["review"], Tag("<review>")] | Annotated[FallbackAccount, Tag("<account>")],
    Discriminator(lambda value: "<review>" if isinstance(value, str) else "<account>"),
    BeforeValidator(_review_or_account),
]


class TaxTarget(Section):
    """What a tax becomes: Zoho's tax by name (or none), and the account, by its code, where a journal books it."""

    tax: Words | None = None
    account: Words | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.tax is None and self.account is None:
            raise ValueError('must say {tax: NAME}, {account: "1500"} or both.')
        return self


TaxChoice = Annotated[
    Annotated[Words, Tag("<name>")] | Annotated[TaxTarget, Tag("<tax>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<tax>"),
]


def _field_of_a_vendor(name: str) -> str:
    if not re.fullmatch(r"contact_number|cf_[A-Za-z0-9_]+", name):
        raise ValueError(
            f"{name!r} is no field of a vendor; write contact_number or cf_..., its API name in Zoho."
        )
    return name


class MappingSettings(Section):
    """Overrides of what a category, a tag level or a tax becomes; the rest is found by code, then by name."""

    categories: Annotated[Mapping[Words, Words], _no_two_alike(exact_key)] = Field(default_factory=dict)
    tags: Mapping[TagLevel, TagTarget] = Field(default_factory=dict)
    report_fields: Mapping[Words, TagTarget] = Field(default_factory=dict)
    taxes: Annotated[Mapping[Words, TaxChoice], _no_two_alike(name_key)] = Field(default_factory=dict)
    employee_number_field: Annotated[Words, AfterValidator(_field_of_a_vendor)] | None = None
    unmapped_category: UnmappedCategory = "review"

    @field_validator("tags")
    @classmethod
    def _one_level_each(cls, tags: Mapping[int, TagTarget]) -> Mapping[int, TagTarget]:
        _each_becomes_another(_named_levels(tags))
        return tags

    @field_validator("report_fields")
    @classmethod
    def _one_source_each(cls, fields: Mapping[str, TagTarget], info: ValidationInfo) -> Mapping[str, TagTarget]:
        named = {f"report field {name}": target for name, target in fields.items()}
        _each_becomes_another(_named_levels(info.data.get("tags", {})) | named)
        return fields


def _named_levels(tags: Mapping[int, TagTarget]) -> dict[str, TagTarget]:
    return {f"level {level}": target for level, target in tags.items()}


def _each_becomes_another(targets: Mapping[str, TagTarget]) -> None:
    source_of: dict[tuple[str, str], str] = {}
    for source, target in targets.items():
        name = target.reporting_tag or target.dimension
        earlier = source_of.setdefault((target.dimension, name_key(name)), source)
        if earlier != source:
            raise ValueError(f"{earlier} and {source} both become {name}; only one of them can.")


class Connection(Section):
    """One Expensify account (some of its workspaces) tied to one Zoho Books organization."""

    name: ConnectionName
    sandbox: YesOrNo = False
    period: PeriodSettings
    schedule: ScheduleSettings = ScheduleSettings()
    expensify: ExpensifySettings = ExpensifySettings()
    zoho: ZohoSettings = ZohoSettings()
    posting: PostingSettings = PostingSettings()
    mapping: MappingSettings = MappingSettings()

    @model_validator(mode="after")
    def _speaks_to_allowed_addresses(self) -> Self:
        findings = address_findings(self.expensify.url, self.zoho.accounts_url, sandbox=self.sandbox)
        wrong = [
            InitErrorDetails(
                type=PydanticCustomError("address", "{sentence}", {"sentence": finding.message}),
                loc=finding.path,
                input=None,
            )
            for finding in findings
        ]
        if wrong:
            raise ValidationError.from_exception_data("Connection", wrong)
        return self
