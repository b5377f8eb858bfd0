"""Reports and expenses as Expensify exported them: plain values, nothing guessed, money in cents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

_TAG_LEVEL_SEPARATOR = re.compile(r"(?<!\\):")


class ReportState(StrEnum):
    """The states of the API (Expensify manual: report exporter, `reportState`)."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REIMBURSED = "REIMBURSED"
    ARCHIVED = "ARCHIVED"


class ProblemCode(StrEnum):
    """Why a report needs a person."""

    UNREADABLE = "unreadable"
    TOTAL_MISMATCH = "total_mismatch"
    UNCONVERTED_CURRENCY = "unconverted_currency"
    UNKNOWN_STATE = "unknown_state"
    NO_APPROVAL_DATE = "no_approval_date"
    REPEATED_EXPENSE = "repeated_expense"
    CONFLICTING_COPIES = "conflicting_copies"


@dataclass(frozen=True, slots=True)
class ReportProblem:
    """One reason not to post a report, as a code and as a sentence for people."""

    code: ProblemCode
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class TagLevel:
    """One level of an expense's tag; an empty name means that the level is not set."""

    name: str
    gl_code: str


@dataclass(frozen=True, slots=True)
class Approval:
    """One entry of the report's list of approvers."""

    email: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseRecord:
    """One expense. `amount_cents` and `modified_amount_cents` are in `currency`, `converted_amount_cents` is in
    the report's currency; a refund is negative.
    """

    transaction_id: str
    amount_cents: int | None
    modified_amount_cents: int | None
    converted_amount_cents: int | None
    currency: str
    created: date | None
    modified_created: date | None
    merchant: str
    modified_merchant: str
    category: str
    category_gl_code: str
    tag: str
    tag_gl_code: str
    numbered_tags: tuple[TagLevel, ...]
    comment: str
    billable: bool | None
    reimbursable: bool | None
    bank: str
    card_name: str
    tax_amount_cents: int | None
    modified_tax_amount_cents: int | None
    tax_name: str
    tax_rate: str
    tax_rate_name: str
    tax_code: str
    receipt_id: str
    receipt_filename: str
    receipt_url: str

    @property
    def effective_amount_cents(self) -> int | None:
        """Converted, else modified, else original amount: Expensify's own recipe; 0 counts as present."""
        amounts = (self.converted_amount_cents, self.modified_amount_cents, self.amount_cents)
        return next((amount for amount in amounts if amount is not None), None)

    @property
    def effective_tax_amount_cents(self) -> int | None:
        """The tax as edited, else as read; its currency is not documented."""
        if self.modified_tax_amount_cents is not None:
            return self.modified_tax_amount_cents
        return self.tax_amount_cents

    @property
    def effective_date(self) -> date | None:
        """The expense's day as edited, else as read."""
        return self.modified_created or self.created

    @property
    def effective_merchant(self) -> str:
        """The merchant as edited, else as read."""
        return self.modified_merchant or self.merchant

    @property
    def tag_levels(self) -> tuple[TagLevel, ...]:
        """The tag level by level: `ntag1`.. where Expensify gives them, else `tag` cut at its colons."""
        if self.numbered_tags or not self.tag:
            return self.numbered_tags
        names = levels_of_tag(self.tag)
        only_level_code = self.tag_gl_code if len(names) == 1 else ""
        return tuple(TagLevel(name, only_level_code) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecord:
    """One report with its expenses, and every reason found on reading why it must not be posted unseen."""

    report_id: str
    old_report_id: str
    name: str
    state: ReportState | None
    status: str
    display_status: str
    policy_id: str
    policy_name: str
    currency: str
    total_cents: int | None
    account_email: str
    submitter_name: str
    employee_custom_field_1: str
    employee_custom_field_2: str
    created: datetime | None
    submitted: datetime | None
    approved: datetime | None
    reimbursed: datetime | None
    manager_email: str
    manager_name: str
    approvers: tuple[Approval, ...]
    custom_fields: Mapping[str, str]
    expenses: tuple[ExpenseRecord, ...]
    problems: tuple[ReportProblem, ...] = ()

    def with_problems(self, *problems: ReportProblem) -> Self:
        """The same report with these problems after those it has."""
        return replace(self, problems=(*self.problems, *problems))


def levels_of_tag(tag: str) -> list[str]:
    """The names of a tag's levels: they are joined with colons, a colon of a name stands after a backslash."""
    return [name.replace("\\:", ":") for name in _TAG_LEVEL_SEPARATOR.split(tag)]


def approval_instant(report: ReportRecord) -> datetime | None:
    """When the report counts as approved, which places it in a period; None when it is not approved.

    That is its approval date. A closed (ARCHIVED) report of a workspace without approval never gets one:
    submitting closes it, so the submission counts, else the creation. An approved report whose approval date is
    missing falls back the same way, carries the problem `no_approval_date`, and so is placed and reviewed.
    """
    if report.state in (ReportState.OPEN, ReportState.SUBMITTED):
        return None
    return report.approved or report.submitted or report.created
