"""The totals of a bill or vendor credit: lines, taxes on top or contained, rounded per line or in the total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.amounts import decimal, line_amount, rounded
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record
from mlc_pipeline.sandbox.zoho.taxes import shares

#: A single tax (a member, where the line names a group) with its amount.
TaxPart = tuple[Record, Decimal]


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a document, in units of its currency."""

    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    taxes: tuple[Record, ...]


def line_tax(organization: Organization, line: Record) -> Record:
    """Return the tax record of a line, empty without one."""
    if not line.get("tax_id"):
        return {}
    if line["tax_id"] not in organization.taxes:
        raise errors.invalid_value("tax_id")
    return organization.taxes[line["tax_id"]]


def contains_tax(call: Call) -> bool:
    """Say whether the rates of the document contain their taxes."""
    return bool(call.body.get("is_inclusive_tax")) and call.books.settings.inclusive_rates_contain_tax


def tax_parts(call: Call, line: Record, price_precision: int) -> list[TaxPart]:
    """Return the taxes of a line, rounded if the document rounds per line."""
    tax = line_tax(call.organization, line)
    if not tax:
        return []
    parts = shares(call.organization, tax)
    net = line_amount(line, price_precision)
    if contains_tax(call):
        net /= 1 + sum((rate for _, rate in parts), Decimal(0))
    precision = price_precision if _rounds_per_line(call) else 20
    return [(member, rounded(net * rate, precision)) for member, rate in parts]


def document_totals(call: Call, price_precision: int) -> Totals:
    """Compute the totals from the lines, their taxes and the adjustment."""
    lines = call.body["line_items"]
    amounts = sum((line_amount(line, price_precision) for line in lines), Decimal(0))
    parts = [part for line in lines for part in tax_parts(call, line, price_precision)]
    taxes = tuple(_summed_by_tax(parts, price_precision))
    tax_total = sum((decimal(tax["tax_amount"]) for tax in taxes), Decimal(0))
    sub_total = amounts - tax_total if contains_tax(call) else amounts
    adjustment = rounded(decimal(call.body.get("adjustment", 0)), price_precision)
    total = rounded(sub_total + tax_total + adjustment, price_precision)
    return Totals(rounded(sub_total, price_precision), rounded(tax_total, price_precision), total, taxes)


def _rounds_per_line(call: Call) -> bool:
    return bool(call.body.get("is_item_level_tax_calc", call.books.settings.tax_rounded_per_line))


def _summed_by_tax(parts: Iterable[TaxPart], price_precision: int) -> list[Record]:
    sums: dict[str, TaxPart] = {}
    for tax, amount in parts:
        _, so_far = sums.get(tax["tax_id"], (tax, Decimal(0)))
        sums[tax["tax_id"]] = (tax, so_far + amount)
    return [
        {"tax_id": tax_id, "tax_name": tax["tax_name"], "tax_amount": str(rounded(amount, price_precision))}
        for tax_id, (tax, amount) in sums.items()
    ]
