"""Why Zoho Books refused a document, as a reason of the review queue: Zoho's own words, and how to mend it.

The codes of most refusals are not documented, so they are known by their words; what is not recognised is told as
it came.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.zoho.errors import ZohoError


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: Reason
    mend: str
    codes: frozenset[int] = frozenset()
    words: str = "(?!)"

    def fits(self, error: ZohoError) -> bool:
        return error.code in self.codes or re.search(self.words, error.message, re.IGNORECASE) is not None


_AS_JOURNAL = (
    "set posting.reimbursable, or of a card's vendor posting.company_paid, to journal in mlc.yaml, or give the "
    "vendor its GST treatment in Zoho Books."
)

UNCHANGEABLE_IN_A_LOCKED_PERIOD = (
    "Unlock the period in Zoho Books and run again, or correct it there by hand and dismiss this entry with the "
    "reason; posting.on_locked_period moves no bill that is posted already."
)
"""What helps where a posted bill was to be changed or made void."""

_REFUSALS = (
    _Refusal(
        Reason.TAX_NOT_SUPPORTED,
        "India's edition wants a reverse charge on what a vendor without a registration for GST is owed, as "
        f"employees are, with a tax or without, and none is posted: {_AS_JOURNAL}",
        codes=frozenset({71512}),
    ),
    _Refusal(
        Reason.TAX_NOT_SUPPORTED,
        "This vendor is without a registration for GST, and what it is owed takes no tax beside the reverse "
        f"charge: {_AS_JOURNAL}",
        codes=frozenset({71510}),
    ),
    _Refusal(
        Reason.TAX_NOT_SUPPORTED,
        "Whether IGST or CGST with SGST is due depends on the states of the vendor and of the organization: map "
        "the tax to the other one under mapping.taxes in mlc.yaml, or correct the vendor's state in Zoho Books.",
        codes=frozenset({3032}),
    ),
    _Refusal(
        Reason.TAX_NOT_SUPPORTED,
        "This organization takes no taxes on journals: name the account of the tax under mapping.taxes in "
        "mlc.yaml, or map the tax to none.",
        codes=frozenset({110942}),
    ),
    _Refusal(
        Reason.LOCKED_PERIOD,
        "Unlock the period in Zoho Books and run again, or set posting.on_locked_period.",
        words=r"\block(ed|ing|s)?\b|lock date",
    ),
    _Refusal(
        Reason.INACTIVE_ACCOUNT,
        "Mark the account as active in Zoho Books, or map the category to another one.",
        words=r"\baccount\b.*\b(inactive|not active)\b|\binactive account",
    ),
    _Refusal(
        Reason.MISSING_DIMENSION,
        "Map a tag of Expensify to it (mapping.tags in mlc.yaml), or make it optional in Zoho Books.",
        words=r"reporting tag.*(mandatory|required|missing)|(select|mandatory|required).*reporting tag",
    ),
    _Refusal(
        Reason.CURRENCY_MISMATCH,
        "Make a vendor in this currency, or allow several currencies for each contact in Zoho Books.",
        words=r"currency.*(differ|mismatch|does not match|not the same|cannot be)",
    ),
)

_OF_NO_CONTACT = frozenset({Reason.LOCKED_PERIOD, Reason.TAX_NOT_SUPPORTED, Reason.MISSING_DIMENSION})


def may_be_of_a_contact(codes: Collection[str]) -> bool:
    """Whether one of the reasons may be a vendor or customer that is not as it was listed, deleted or inactive."""
    return any(code not in _OF_NO_CONTACT for code in codes)


def problem_of(error: ZohoError, *, of_a_change: bool = False) -> Problem:
    """The reason under which a refused document waits, or the refused change of a posted one."""
    for refusal in _REFUSALS:
        if refusal.fits(error):
            is_locked = of_a_change and refusal.reason == Reason.LOCKED_PERIOD
            mend = UNCHANGEABLE_IN_A_LOCKED_PERIOD if is_locked else refusal.mend
            return Problem(refusal.reason, f"Zoho Books says: {error.said} {mend}")
    return Problem(Reason.REFUSED_BY_ZOHO, str(error))
