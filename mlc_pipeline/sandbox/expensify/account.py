"""The state of one Expensify account: what its credentials see, and what was exported from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mlc_pipeline.sandbox.expensify.faults import Faults
from mlc_pipeline.sandbox.expensify.limits import RequestLimit
from mlc_pipeline.sandbox.expensify.receipts import ReceiptLinks

JsonObject = dict[str, Any]

_SAVED = (
    "partner_user_id",
    "partner_user_secret",
    "policies",
    "employees",
    "reports",
    "exported_labels",
    "files",
    "filter_time_zone",
    "shows_category_gl_codes",
    "receipts",
    "receipt_links",
    "report_pdf_size",
    "rate_limits_by_status",
    "test_spares_the_actions",
)


def utc_now() -> datetime:
    """The time now, aware."""
    return datetime.now(UTC)


@dataclass
class ExpensifyAccount:
    """One account.

    `policies` have the summary that `policyList` answers (`id`, `name`, `owner`, `role`, `outputCurrency`, `type`)
    and what the policy getter answers (`categories`, `tags`, `reportFields`, `tax`).
    `employees` have `policyID` and what the getter answers: `email`, `role`, `submitsTo`, `employeeID`.
    `reports` are the data model that export templates see (`reportID`, `transactionList` ...): strings
    HTML-escaped, amounts in cents, timestamps `yyyy-MM-dd HH:mm:ss` in UTC or `yyyy-MM-dd`. A `receiptObject.url`
    that starts with `/receipts/` is completed with the server's address when it is exported.
    """

    partner_user_id: str
    partner_user_secret: str
    policies: list[JsonObject] = field(default_factory=list)
    employees: list[JsonObject] = field(default_factory=list)
    reports: list[JsonObject] = field(default_factory=list)
    exported_labels: dict[str, list[str]] = field(default_factory=dict)  # by reportID
    files: dict[str, str] = field(default_factory=dict)  # by name
    filter_time_zone: str = "UTC"  # of the date filters; the manual does not say which it is
    shows_category_gl_codes: bool = True  # whether the policy getter does; the manual's samples do not
    receipts: dict[str, int] = field(default_factory=dict)  # size in bytes by name; the name's end is its kind
    receipt_links: ReceiptLinks = "open"  # whether receipts want a browser session; sources disagree
    report_pdf_size: int = 0  # in bytes, at least
    rate_limits_by_status: bool = False  # whether the limit answers HTTP 429, not 200 with the code in the body
    test_spares_the_actions: bool = True  # whether `test` as a string is obeyed; nobody has confirmed it
    clock: Callable[[], datetime] = utc_now
    limit: RequestLimit | None = field(default_factory=RequestLimit)
    faults: Faults = field(default_factory=Faults)
    received: list[JsonObject] = field(default_factory=list)  # job descriptions so far, without credentials

    def to_dict(self) -> JsonObject:
        """What a state file holds: all but the clock, the limit, the faults and the requests received."""
        return {name: getattr(self, name) for name in _SAVED}

    @classmethod
    def from_dict(cls, saved: JsonObject) -> "ExpensifyAccount":
        """The account that `to_dict` wrote."""
        return cls(**saved)
