"""Totals as Zoho computes them: rate times quantity, tax, rounding to the currency's precision, in Decimal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.organization import Organization, Record


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a document, in units of its currency."""

    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    taxes: tuple[Record, ...]


def decimal(value: Any) -> Decimal:
    """Return a JSON number exactly."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(amount: Decimal, price_precision: int) -> Decimal:
    """Round half up to the currency's decimals."""
    return amount.quantize(Decimal(1).scaleb(-price_precision), ROUND_HALF_UP)


def line_amount(line: Record, price_precision: int) -> Decimal:
    """Return rate times quantity (1 without one), rounded."""
    return rounded(decimal(line.get("rate", 0)) * decimal(line.get("quantity", 1)), price_precision)


def line_tax(organization: Organization, line: Record) -> Record:
    """Return the tax record of a line, empty without one."""
    if not line.get("tax_id"):
        return {}
    if line["tax_id"] not in organization.taxes:
        raise errors.invalid_value("tax_id")
    return organization.taxes[line["tax_id"]]


def document_totals(organization: Organization, body: Record, price_precision: int) -> Totals:
    """Compute a bill's or vendor credit's totals from its lines, taxes and adjustment."""
    inclusive = body.get("is_inclusive_tax", False)
    nets, taxed = [], []
    for line in body["line_items"]:
        amount = line_amount(line, price_precision)
        tax = line_tax(organization, line)
        tax_amount = _tax_amount(amount, tax, inclusive=inclusive)
        if tax and (inclusive or body.get("is_item_level_tax_calc")):
            tax_amount = rounded(tax_amount, price_precision)
        nets.append(amount - tax_amount if inclusive else amount)
        taxed.append((tax, tax_amount))
    taxes = tuple(_summed_by_tax(taxed, price_precision))
    sub_total = sum(nets, Decimal(0))
    tax_total = sum((decimal(tax["tax_amount"]) for tax in taxes), Decimal(0))
    adjustment = rounded(decimal(body.get("adjustment", 0)), price_precision)
    total = rounded(sub_total + tax_total + adjustment, price_precision)
    return Totals(rounded(sub_total, price_precision), rounded(tax_total, price_precision), total, taxes)


def _tax_amount(amount: Decimal, tax: Record, *, inclusive: bool) -> Decimal:
    percentage = decimal(tax.get("tax_percentage", 0))
    return amount * percentage / ((100 + percentage) if inclusive else 100)


def _summed_by_tax(taxed: Iterable[tuple[Record, Decimal]], price_precision: int) -> list[Record]:
    sums: dict[str, tuple[Record, Decimal]] = {}
    for tax, amount in taxed:
        if tax:
            _, so_far = sums.get(tax["tax_id"], (tax, Decimal(0)))
            sums[tax["tax_id"]] = (tax, so_far + amount)
    return [
        {
            "tax_id": tax_id,
            "tax_name": tax["tax_name"],
            "tax_amount": str(rounded(amount, price_precision)),
        }
        for tax_id, (tax, amount) in sums.items()
    ]
