"""What a group of companies consists of: its entities with their reports, and what is expected of each report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlc_pipeline.sandbox.company.group.entity import Entity
from mlc_pipeline.sandbox.expensify import ExpensifyAccount

JsonObject = dict[str, Any]
Kind = Literal["bill", "vendor_credit", "journal"]


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """One document as it should stand in Zoho Books, in cents (hundredths) of the report's currency.

    `cents` is what it stands for: the sum of the effective amounts, negative for a vendor credit. `accounts` has
    the change of each account by its name, debits positive, the other side of a journal included; a tax that a
    bill carries is part of its account's amount, a tax that a journal books is on its own account. `dimensions`
    has the part of the costs that carries (reporting tag, option), ("project", name) or ("customer", name).
    `taxes` has the tax by the name of Zoho's tax, as Expensify counted it: Zoho's rounding may differ by a cent
    for each line.
    """

    kind: Kind
    cents: int
    accounts: Mapping[str, int]
    dimensions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    taxes: Mapping[str, int] = field(default_factory=dict)
    billable_cents: int = 0


@dataclass(frozen=True, slots=True)
class ReportExpectation:
    """What should become of one report: its documents, or the reason why it waits in review (then it has none).

    `review` is a code of the review queue, such as `unmapped_category`. `period` is the key of the approval
    period.
    """

    report_id: str
    scenario: str
    period: str
    employee_email: str
    currency: str
    total_cents: int
    documents: tuple[PostedDocument, ...]
    review: str | None = None


@dataclass(frozen=True, slots=True)
class GroupEntity:
    """One company of the group: its facts, its Expensify workspace, its reports and what is expected of them."""

    facts: Entity
    policy: JsonObject
    employees: list[JsonObject]
    vendors: list[JsonObject]
    reports: list[JsonObject]
    receipts: dict[str, int]
    expected: dict[str, ReportExpectation]

    @property
    def periods(self) -> list[str]:
        """The keys of the periods of the quarter, in order."""
        return [str(day) for day in self.facts.period_starts]

    def connection(self, *, expensify_url: str, accounts_url: str) -> JsonObject:
        """This entity's entry in `connections` of mlc.yaml, as plain data, for a sandbox at these addresses."""
        return self.facts.connection(expensify_url=expensify_url, accounts_url=accounts_url)


@dataclass(frozen=True, slots=True)
class Group:
    """Three entities behind one Expensify account and one Zoho login."""

    us: GroupEntity
    germany: GroupEntity
    india: GroupEntity

    @property
    def entities(self) -> tuple[GroupEntity, GroupEntity, GroupEntity]:
        """All of them."""
        return (self.us, self.germany, self.india)

    def to_expensify_account(
        self,
        partner_user_id: str = "aa_sandbox_example",
        partner_user_secret: str = "sandbox-secret",  # noqa: S107 - opens nothing but the sandbox
    ) -> ExpensifyAccount:
        """The Expensify side, behind these credentials."""
        return ExpensifyAccount(
            partner_user_id=partner_user_id,
            partner_user_secret=partner_user_secret,
            policies=[entity.policy for entity in self.entities],
            employees=[employee for entity in self.entities for employee in entity.employees],
            reports=[report for entity in self.entities for report in entity.reports],
            receipts={name: size for entity in self.entities for name, size in entity.receipts.items()},
        )
