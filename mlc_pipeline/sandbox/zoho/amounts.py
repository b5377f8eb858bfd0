"""Amounts as Zoho computes them, in Decimal: numbers exactly, rounding to the decimals of a currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.organization import Record


def decimal(value: Any) -> Decimal:
    """Return a JSON number exactly."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(amount: Decimal, price_precision: int) -> Decimal:
    """Round half up to the currency's decimals."""
    return amount.quantize(Decimal(1).scaleb(-price_precision), ROUND_HALF_UP)


def line_amount(line: Record, price_precision: int) -> Decimal:
    """Return rate times quantity (1 without one), rounded."""
    return rounded(decimal(line.get("rate", 0)) * decimal(line.get("quantity", 1)), price_precision)


def refuse_excess_decimals(amount: Any, currency: Record) -> None:
    """Refuse an amount that its currency cannot express."""
    precision = currency["price_precision"]
    if rounded(decimal(amount), precision) != decimal(amount):
        raise errors.too_many_decimals(currency["currency_code"], precision)
