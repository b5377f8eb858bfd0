"""Exact money: integers of cents as Expensify exports them, and Decimal at the border to Zoho Books.

Expensify keeps every currency times 100, also those without or with three decimals (Expensify's App source:
"the backend always stores amounts in cents"), so cents here are hundredths of the currency's unit, always.
"""

from __future__ import annotations

from decimal import Decimal


class NotRepresentable(ValueError):
    """The amount has more decimals than Zoho Books keeps for its currency."""


def to_decimal(cents: int) -> Decimal:
    """Hundredths of the unit as an exact Decimal: 15619 -> 156.19."""
    return Decimal(cents).scaleb(-2)


def to_rate(cents: int, precision: int) -> Decimal:
    """The amount as Zoho Books wants it, with the `price_precision` of its currency: 128000, 0 -> 1280.

    Raises:
        NotRepresentable: there would be something left over, such as half a yen.
    """
    amount = to_decimal(cents)
    rate = amount.quantize(Decimal(1).scaleb(-precision))
    if rate != amount:
        raise NotRepresentable(f"{amount} has more than the {precision} decimals that its currency has")
    return rate


def to_cents(amount: Decimal) -> int:
    """The exact inverse of `to_decimal`.

    Raises:
        NotRepresentable: the amount is no whole number of cents.
    """
    if not amount.is_finite():
        raise NotRepresentable(f"{amount} is not a number")
    numerator, denominator = amount.as_integer_ratio()  # exact, where Decimal rounds to its context
    cents, rest = divmod(numerator * 100, denominator)
    if rest:
        raise NotRepresentable(f"{amount} is not a whole number of cents")
    return cents


def smallest_unit(precision: int) -> int:
    """The cents of the smallest amount that a currency with this many decimals has: 100 for the yen, else 1 or 10.

    Three decimals are no finer than a cent here, because Expensify rounds them to two.
    """
    return int(10 ** max(2 - precision, 0))


def share(cents: int, numerator: int, denominator: int) -> int:
    """`cents` times the fraction, a half rounded away from zero; exact at any size."""
    twice = 2 * abs(cents) * numerator + denominator
    return (1 if cents > 0 else -1) * (twice // (2 * denominator))


def converted(cents: int, rate: str, precision: int) -> Decimal:
    """An amount of a currency that has this many decimals, also three; `rate` is a decimal number as text."""
    numerator, denominator = Decimal(rate).as_integer_ratio()
    return Decimal(share(cents, numerator * 10**precision, denominator * 100)).scaleb(-precision)


def format_money(cents: int, currency: str, precision: int = 2) -> str:
    """For people: -123456, "EUR" -> "-1,234.56 EUR"; of a currency with other decimals, these."""
    return f"{to_decimal(cents):,.{precision}f} {currency}"
