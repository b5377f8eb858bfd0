"""mlc.yaml as validated, immutable values: one `Connection` with its sections, named as in the file."""

from collections.abc import Mapping
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

from mlc_pipeline.config.addresses import (
    EXPENSIFY_URL,
    ZOHO_ACCOUNTS_URL,
    Address,
    ServerAddress,
    address_findings,
)
from mlc_pipeline.config.values import (
    ConnectionName,
    Day,
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
    """Where is posted: the organization (id or name, None when the login has one) and how fast."""

    organization: Words | None = None
    accounts_url: ServerAddress = ZOHO_ACCOUNTS_URL
    requests_per_minute: Annotated[int, whole_number(1, 100)] = 100
    concurrency: Annotated[int, whole_number(1, 10)] = 5


class PostingSettings(Section):
    """Which documents are made of a report, and what happens in the special cases; accounts by their code."""

    reimbursable: Literal["bill", "journal", "skip"] = "bill"
    company_paid: Literal["journal", "bill", "skip"] = "journal"
    lines: Literal["category", "expense"] = "category"
    date: Literal["approved", "last_expense", "period_end"] = "approved"
    company_card_accounts: Mapping[Words, Words] = Field(default_factory=dict)
    employee_payable_account: Words | None = Field(default=None, validate_default=True)
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
    """What a level of Expensify's tags becomes in Zoho Books: exactly one of the four."""

    reporting_tag: Words | None = None
    project: YesOrNo = False
    customer: YesOrNo = False
    location: YesOrNo = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._targets()) != 1:
            raise ValueError(
                "must say exactly one of {reporting_tag: NAME}, {project: true}, {customer: true}, "
                "{location: true}."
            )
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


class MappingSettings(Section):
    """Overrides of what a category, a tag level or a tax becomes; the rest is found by code, then by name."""

    categories: Mapping[Words, Words] = Field(default_factory=dict)
    tags: Mapping[TagLevel, TagTarget] = Field(default_factory=dict)
    taxes: Mapping[Words, Words] = Field(default_factory=dict)
    unmapped_category: UnmappedCategory = "review"

    @field_validator("tags")
    @classmethod
    def _one_level_each(cls, tags: Mapping[int, TagTarget]) -> Mapping[int, TagTarget]:
        level_of: dict[tuple[str, str | None], int] = {}
        for level, target in tags.items():
            earlier = level_of.setdefault((target.dimension, target.reporting_tag), level)
            if earlier != level:
                name = target.reporting_tag or target.dimension
                raise ValueError(f"level {earlier} and level {level} both become {name}; one level each.")
        return tags


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
