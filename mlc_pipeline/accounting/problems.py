"""Why a document waits for a person: typed reasons, each with a sentence that says how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The codes of the review queue."""

    UNREADABLE = "unreadable"
    TOTAL_MISMATCH = "total_mismatch"
    UNCONVERTED_CURRENCY = "unconverted_currency"
    NO_APPROVAL_DATE = "no_approval_date"
    UNKNOWN_STATE = "unknown_state"
    REPEATED_EXPENSE = "repeated_expense"
    CONFLICTING_COPIES = "conflicting_copies"
    UNMAPPED_CATEGORY = "unmapped_category"
    UNMAPPED_CARD = "unmapped_card"
    AMBIGUOUS_ACCOUNT = "ambiguous_account"
    INACTIVE_ACCOUNT = "inactive_account"
    ACCOUNT_TYPE = "account_type"
    UNMAPPED_TAG = "unmapped_tag"
    AMBIGUOUS_TAG = "ambiguous_tag"
    INACTIVE_TAG = "inactive_tag"
    MISSING_DIMENSION = "missing_dimension"
    CONFLICTING_DIMENSIONS = "conflicting_dimensions"
    BILLABLE_WITHOUT_CUSTOMER = "billable_without_customer"
    UNMAPPED_TAX = "unmapped_tax"
    INACTIVE_TAX = "inactive_tax"
    TAX_MISMATCH = "tax_mismatch"
    TAX_NOT_SUPPORTED = "tax_not_supported"
    UNMAPPED_PAYABLE = "unmapped_payable"
    EXPENSE_AFTER_APPROVAL = "expense_after_approval"
    LOCKED_PERIOD = "locked_period"
    MISSING_RATE = "missing_exchange_rate"
    INVERTED_RATE = "inverted_exchange_rate"
    ZERO_TOTAL = "zero_total"
    VENDOR_AMBIGUOUS = "vendor_ambiguous"
    INACTIVE_VENDOR = "inactive_vendor"
    VENDOR_MISSING = "vendor_missing"
    UNKNOWN_CURRENCY = "unknown_currency"
    CURRENCY_MISMATCH = "currency_mismatch"
    CURRENCY_PRECISION = "currency_precision"
    DUPLICATE_TRANSACTION = "duplicate_transaction"
    AMENDED_AFTER_POSTING = "amended_after_posting"
    CHANGED_AFTER_DISMISSAL = "changed_after_dismissal"
    VANISHED = "vanished_from_period"
    FOREIGN_DOCUMENT = "foreign_document"
    REFUSED_BY_ZOHO = "refused_by_zoho"
    OUTCOME_UNKNOWN = "outcome_unknown_for_too_long"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One reason why a report is not posted; `message` says what, where and how to mend it."""

    code: str
    message: str


_OF_DAYS = {Reason.EXPENSE_AFTER_APPROVAL, Reason.LOCKED_PERIOD, Reason.MISSING_RATE}
_MEANINGLESS: Mapping[str, Iterable[str]] = {
    # What cannot be read may be just the tax, or the currency.
    Reason.UNREADABLE: {Reason.TAX_MISMATCH, Reason.CURRENCY_MISMATCH},
    Reason.UNCONVERTED_CURRENCY: {Reason.TAX_MISMATCH, Reason.CURRENCY_PRECISION},
    Reason.NO_APPROVAL_DATE: {Reason.NO_APPROVAL_DATE, *_OF_DAYS},
}


def meaningless_beside(found: Iterable[Problem]) -> frozenset[str]:
    """The codes of what need not be said of a report of which the reader found this: it may follow from it."""
    return frozenset(code for problem in found for code in _MEANINGLESS.get(problem.code, ()))


def first_code(problems: tuple[Problem, ...]) -> str | None:
    """The code that a review entry is filed under: the first problem's."""
    return problems[0].code if problems else None


def sentence(problems: tuple[Problem, ...]) -> str:
    """All problems of one report in one text."""
    return " ".join(problem.message for problem in problems)
