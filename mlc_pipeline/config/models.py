"""mlc.yaml as validated, immutable values: one `Connection` with its sections, named as in the file."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from mlc_pipeline.accounting.wording import name_key
from mlc_pipeline.config.addresses import (
    EXPENSIFY_URL,
    ZOHO_ACCOUNTS_URL,
    Address,
    ServerAddress,
    address_findings,
)
from mlc_pipeline.config.mapping_settings import MappingSettings
from mlc_pipeline.config.sections import Section, each_once, no_two_alike
from mlc_pipeline.config.values import (
    ConnectionName,
    CurrencyCode,
    Day,
    ExchangeRate,
    PolicyId,
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


ReportState = Annotated[Literal["APPROVED", "REIMBURSED", "ARCHIVED"], BeforeValidator(_approved_at_least)]


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

    workspaces: Annotated[tuple[PolicyId, ...], AfterValidator(each_once)] = ()
    states: Annotated[tuple[ReportState, ...], AfterValidator(each_once)] = ("APPROVED", "REIMBURSED")
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


class PostingSettings(Section):
    """Which documents are made of a report, and what happens in the special cases; accounts by their code."""

    reimbursable: Literal["bill", "journal", "skip"] = "bill"
    company_paid: Literal["journal", "bill", "skip"] = "journal"
    lines: Literal["category", "expense"] = "category"
    date: Literal["approved", "last_expense", "period_end"] = "approved"
    company_card_accounts: Annotated[Mapping[Words, Words], no_two_alike(name_key)] = Field(default_factory=dict)
    company_card_vendors: Annotated[Mapping[Words, Words], no_two_alike(name_key)] = Field(default_factory=dict)
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
