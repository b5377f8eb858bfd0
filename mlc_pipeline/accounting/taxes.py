"""Taxes: how the tax of an expense is booked, and whether Expensify's amount is what the rate makes of it.

Amounts contain their tax. A bill's line names Zoho's tax and Zoho computes the amount. A journal's line never
does (Zoho's India edition answers “Tax not supported.”): its tax is an amount of its own on an account of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isqrt

import numpy as np

from mlc_pipeline.accounting.columns import Flags, Integers, exact
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.problems import Problem, Reason


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of an expense: Zoho's tax on a bill's line, or the account where a journal books its amount.

    `percentage` is exact, as numerator and denominator.
    """

    tax_id: str
    name: str
    percentage: tuple[int, int]
    account: Resolution | None = None


def tax_of(answer: Resolution, account: Resolution | None, kind: str, named: str) -> Tax | Problem | None:
    """How a resolved tax is booked on a bill or a journal; None when it is part of what was bought.

    Args:
        answer: Zoho's tax; `how` is `none` when none is to be sent.
        account: where a journal books it, if that is said.
        kind: `bill` or `journal`.
        named: the tax as Expensify names it.
    """
    if answer.problem is not None:
        return answer.problem
    if answer.how == "none":
        return None
    percentage = _fraction(answer.detail)
    if percentage is None:
        return _unsupported(f"The percentage of {answer.target_name} is not known (“{answer.detail}”).", named)
    if kind == "journal":
        if account is None and percentage[0] == 0:
            return Tax("", answer.target_name, percentage)  # nothing to book, but an amount would be wrong
        if account is None:
            return Problem(
                Reason.TAX_NOT_SUPPORTED,
                f"A journal carries no tax in Zoho Books, and “{answer.target_name}” has no account of its own: "
                f'write mapping.taxes: {{"{named}": {{tax: "{answer.target_name}", account: ACCOUNT CODE}}}} in '
                "mlc.yaml, or map the tax to none.",
            )
        return account.problem or Tax(answer.target_id, answer.target_name, percentage, account)
    return Tax(answer.target_id, answer.target_name, percentage)


def _unsupported(why: str, named: str) -> Problem:
    return Problem(
        Reason.TAX_NOT_SUPPORTED,
        f"{why} Post this part as a journal (under posting in mlc.yaml), or map “{named}” to none under "
        "mapping.taxes.",
    )


def _fraction(detail: str) -> tuple[int, int] | None:
    try:
        percentage = Decimal(detail)
    except InvalidOperation:
        return None
    return percentage.as_integer_ratio() if percentage.is_finite() and percentage >= 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """The percentage of each amount, as numerator and denominator."""

    numerator: Integers
    denominator: Integers


def tax_within(gross: Integers, rate: Rate, unit: Integers) -> Integers:
    """The tax that amounts contain, a half rounded away from zero to the currency's smallest amount.

    Args:
        gross: cents, the tax among them.
        rate: the percentages.
        unit: cents of the smallest amount of the currency.
    """
    whole = (100 * rate.denominator + rate.numerator) * unit
    factors = int(max(rate.numerator.max(initial=1), whole.max(initial=1)))
    cents = np.abs(exact(gross, 4 * factors))
    tax: Integers = (2 * cents * rate.numerator + whole) // (2 * whole) * unit
    return np.where(gross < 0, -tax, tax)


def signed_as(gross: Integers, tax: Integers) -> Integers:
    """Taxes with the sign of their amounts: which one Expensify states with a refund's is not documented."""
    return np.where(gross < 0, -np.abs(tax), np.abs(tax))


def booked_tax(
    stated: Integers, expected: Integers, in_original: Integers, unit: Integers, is_foreign: Flags
) -> Integers:
    """Expensify's tax; for an expense in another currency that of the report's, where Expensify's is the other.

    In which currency Expensify states the tax of a foreign expense is not documented.
    """
    is_of_original = (
        is_foreign & is_off(stated, expected, unit) & ~is_off(stated, in_original, unit) & (stated != 0)
    )
    return np.where(is_of_original, expected, stated)


def is_off(tax: Integers, expected: Integers, unit: Integers) -> Flags:
    """Where two taxes are further apart than the smallest amount of the currency."""
    return np.asarray(np.abs(tax - expected) > unit, dtype=np.bool_)


def rounding_leeway(expenses: int) -> int:
    """By how many smallest amounts the taxes of so many expenses may be off from the tax of their sum.

    Each was rounded by itself, some up and some down, which mostly cancels out: what is more than the square root
    of their number was rounded one way, so that a tax would be booked that the receipts do not show.
    """
    return isqrt(expenses - 1) + 1 if expenses else 0


def percentage_of_group(members: Iterable[tuple[Decimal, bool]]) -> Decimal:
    """What taxes that are charged together add up to: of each its percentage, and whether it taxes the others."""
    taxes = list(members)
    simple = sum((percentage for percentage, is_compound in taxes if not is_compound), Decimal(0))
    compound = sum((percentage for percentage, is_compound in taxes if is_compound), Decimal(0))
    return simple + compound + compound * simple / 100


def sum_mismatch(stated: str, computed: str, part: str) -> Problem:
    """The sentence for a report whose taxes Zoho computes otherwise from sums; amounts as people read them."""
    return Problem(
        Reason.TAX_MISMATCH,
        f"Its taxes sum to {stated}, but Zoho Books computes {computed} from the sums of its expenses, which is "
        f"more than rounding: set posting.{part}: journal in mlc.yaml, which books the taxes as they are, or "
        "correct them in Expensify.",
    )


def mismatch(stated: str, gross: str, tax: Tax, expected: str) -> Problem:
    """The sentence for an expense whose tax is off, to follow “Expense 123”; amounts as people read them."""
    numerator, denominator = tax.percentage
    percent = format((Decimal(numerator) / Decimal(denominator)).normalize(), "f")
    return Problem(
        Reason.TAX_MISMATCH,
        f"has {stated} tax in {gross}, but “{tax.name}” ({percent} %) in Zoho Books makes it {expected}. Correct "
        "the tax of the expense in Expensify, or map its tax to the right one under mapping.taxes in mlc.yaml.",
    )
