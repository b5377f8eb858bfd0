"""Taxes in the plain loop: what is booked, and whether it is what Zoho Books computes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from math import isqrt

from benchmarks.plain_reading import Fields

CENT = Decimal(1)


def wrong_tax(report: Fields, row: Fields) -> Iterator[str]:
    """The tax that is booked; it may be off by a cent. That of a foreign expense may be stated in its currency."""
    rate, stated = row["tax_in_books"]["rate"], row["tax"] or Decimal(0)
    expected = tax_within(row["effective"], rate)
    foreign = row["currency"] not in ("", report["currency"]) and stated and abs(stated - expected) > CENT
    if foreign and abs(stated - tax_within(row["amount"] or Decimal(0), rate)) <= CENT:
        stated = expected
    row["booked_tax"] = stated
    if abs(stated - expected) > CENT:
        yield f"Expense {row['transactionID']} has {stated} tax, but {rate} % make it {expected}."


def tax_within(gross: Decimal, rate: int) -> Decimal:
    """The tax that an amount contains."""
    return (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)


def wrong_taxes(rows: list[Fields], lines: list[Fields]) -> Iterator[str]:
    """The taxes of a bill sum to what Zoho computes, for each line or for each tax; some cents are rounding."""
    taxed = [row for row in rows if row["tax_in_books"]]
    booked = sum(row["booked_tax"] for row in taxed)
    by_tax: dict[int, Decimal] = {}
    for row in taxed:
        rate = row["tax_in_books"]["rate"]
        by_tax[rate] = by_tax.get(rate, Decimal(0)) + row["effective"]
    of_lines = sum(tax_within(line["amount"], line["rate"]) for line in lines if line["tax_id"])
    of_taxes = sum(tax_within(amount, rate) for rate, amount in by_tax.items())
    leeway = isqrt(len(taxed) - 1) + 1 if taxed else 0
    if abs(booked - of_lines) > leeway or abs(booked - of_taxes) > leeway:
        yield f"Its taxes sum to {booked}, but Zoho computes {of_lines} or {of_taxes}."
