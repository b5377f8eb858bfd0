"""What an invented company consists of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlc_pipeline.sandbox.expensify import ExpensifyAccount

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should become of one report, worked out while it was invented and not from its raw form.

    Amounts are cents of `currency`, the policy's. `period` is the start date of the weekly approval period, None
    for a report without an approval. `review` is None or one of `unmapped_category`, `inactive_account`,
    `total_mismatch`.
    """

    report_id: str
    scenario: str
    state: str  # OPEN, SUBMITTED, APPROVED, REIMBURSED or ARCHIVED
    period: str | None
    approved_at: datetime | None
    employee_email: str
    currency: str
    reimbursable_cents: int
    company_paid_cents: int
    review: str | None

    @property
    def posted_cents(self) -> int:
        """What a bill to the employee should amount to, or less than 0 a vendor credit; 0 when there is none."""
        return 0 if self.period is None or self.review else self.reimbursable_cents


@dataclass(frozen=True, slots=True)
class Company:
    """Both sides of a company, as plain data.

    `policies`, `policy_employees` and `reports` are shaped as `ExpensifyAccount` wants them; `chart_of_accounts`
    (account_name, account_code, account_type, is_active), `vendors` (contact_name, email, currency_code) and
    `currencies` (currency_code, price_precision, is_base) are what the Zoho Books organization starts with.
    `accounts_by_category` tells the account name a category (as people see it) should be posted to, or None.
    """

    organization_name: str
    base_currency: str
    zone: str
    policies: list[JsonObject]
    policy_employees: list[JsonObject]
    reports: list[JsonObject]
    expected: dict[str, Expectation]
    chart_of_accounts: list[JsonObject]
    vendors: list[JsonObject]
    currencies: list[JsonObject]
    accounts_by_category: dict[str, str | None]

    def to_expensify_account(
        self,
        partner_user_id: str = "aa_sandbox_example",
        partner_user_secret: str = "sandbox-secret",  # noqa: S107 - opens nothing but the sandbox
    ) -> ExpensifyAccount:
        """The Expensify side, behind these credentials."""
        return ExpensifyAccount(
            partner_user_id=partner_user_id,
            partner_user_secret=partner_user_secret,
            policies=self.policies,
            employees=self.policy_employees,
            reports=self.reports,
        )
