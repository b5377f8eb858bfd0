"""Documents: what is to be posted for each report, as values.

A document says everything that goes to Zoho Books, so that it can be stored before it is sent and compared with
what Zoho says afterwards. The sum of its lines is the cents it stands for, exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from mlc_pipeline.accounting.problems import Problem

Part = Literal["reimbursable", "company_paid"]
PARTS: tuple[Part, ...] = ("reimbursable", "company_paid")
Kind = Literal["bill", "journal", "vendor_credit"]

PREFIX = "EXP-"
"""What the number of every document of ours begins with."""

COMPANY_PAID_SUFFIX = "-C"
"""Follows the report in the number of the company-paid part, where both parts become the same kind of document."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line: an account, an amount in cents and the transactions that it sums.

    `tags` are pairs of (reporting tag id, option id). `customer_id` is whom a bill's line is billed to, or the
    contact of a journal's line, also when that is a vendor (as in Zoho's OpenAPI). `amount_cents` contains
    `tax_cents` where there is a `tax_id`.
    """

    account_id: str
    account_code: str
    account_name: str
    amount_cents: int
    description: str
    transaction_ids: tuple[str, ...]
    tags: tuple[tuple[str, str], ...] = ()
    project_id: str = ""
    customer_id: str = ""
    is_billable: bool = False
    location_id: str = ""
    tax_id: str = ""
    tax_cents: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be posted for one revision of one part of a report.

    `offsets` are the other side of a journal, what was paid with, and sum to the same total; a bill has none.
    `vendor_id` is empty for a journal, and while the vendor is still to be created: as `vendor_name`, with
    `employee_email` and `vendor_number`. `exchange_rate` is a decimal number as text: units of the organization's
    currency for one of the document's; empty in the organization's own currency. `tags` and `location_id` are
    those of the header. `original_date` is set where a locked period moved the date. A total that Zoho's tax
    rounding makes differ by at most `tolerance_cents` is closed with an adjustment. `vendor_name` is the vendor's
    name in Zoho Books, or what it is to be called there; documents stored before it was kept have none.
    `product_type` is said of all lines, `reimbursement_code` of those without a tax, in editions that know these.
    `is_dated_by_expense`: its day, before any lock, is that of an expense, not that of the approval or the period.

    The amounts of a vendor credit are positive for money that comes back, as Zoho Books shows them: the opposite
    of its expenses.
    """

    kind: Kind
    number: str
    reference: str
    date: date
    currency: str
    currency_id: str
    precision: int
    vendor_id: str
    employee_name: str
    employee_email: str
    notes: str
    lines: tuple[DocumentLine, ...]
    offsets: tuple[DocumentLine, ...] = ()
    exchange_rate: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    location_id: str = ""
    original_date: str = ""
    tolerance_cents: int = 0
    vendor_name: str = ""
    vendor_number: str = ""
    product_type: str = ""
    reimbursement_code: str = ""
    is_dated_by_expense: bool = False

    @property
    def total_cents(self) -> int:
        """The sum of the lines, which is what Zoho Books shows as the total of a bill or a vendor credit."""
        return sum(line.amount_cents for line in self.lines)

    def to_json(self) -> str:
        """For the posting ledger; `from_json` gives the same value back."""
        return json.dumps(asdict(self) | {"date": self.date.isoformat()})

    @classmethod
    def from_json(cls, text: str) -> Document:
        """The inverse of `to_json`."""
        data: dict[str, Any] = json.loads(text)
        lines, offsets = (tuple(map(_read_line, data.pop(name, ()))) for name in ("lines", "offsets"))
        tags = _pairs(data.pop("tags", ()))
        read = {"date": date.fromisoformat(data["date"]), "lines": lines, "offsets": offsets, "tags": tags}
        return cls(**data | read)

    def numbered(self, revision: int) -> Document:
        """The same document under the number of another revision."""
        first = document_number(self.reference, 1)
        suffix = COMPANY_PAID_SUFFIX if self.number.startswith(first + COMPANY_PAID_SUFFIX) else ""
        return replace(self, number=document_number(self.reference, revision, suffix))


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """One part of one report of the period: its document, or the problems that keep it from having one.

    With neither there is nothing to post. `content_hash` covers what Expensify approved, not what we made of it;
    `former_hashes` are those that earlier versions would have given it.
    """

    report_id: str
    part: Part
    currency: str
    total_cents: int
    content_hash: str
    transactions: Mapping[str, int]
    approved_at: str
    approver: str
    mapping_version: str
    document: Document | None = None
    problems: tuple[Problem, ...] = ()
    former_hashes: tuple[str, ...] = ()

    def is_of(self, content_hash: str) -> bool:
        """Whether this hash, which an earlier version may have made, is that of its content."""
        return bool(content_hash) and content_hash in (self.content_hash, *self.former_hashes)


def document_number(report_id: str, revision: int, suffix: str = "") -> str:
    """`EXP-<report>` for the first revision, then `EXP-<report>-2` and so on; `suffix` follows the report."""
    first = f"{PREFIX}{report_id}{suffix}"
    return first if revision == 1 else f"{first}-{revision}"


def _read_line(line: Mapping[str, Any]) -> DocumentLine:
    tags = _pairs(line.get("tags", ()))
    return DocumentLine(**{**line, "transaction_ids": tuple(line["transaction_ids"]), "tags": tags})


def _pairs(tags: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((tag_id, option_id) for tag_id, option_id in tags)
