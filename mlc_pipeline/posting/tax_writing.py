"""How documents with taxes are written, and written again where Zoho Books computes them otherwise than meant.

Zoho's description of `is_inclusive_tax` contradicts itself, and how it rounds is not documented. So there is a
ladder: rates that contain their tax, the same with the flag turned, rates without it; and what rounding leaves is
closed with an adjustment. Every step down is taken once, so that it ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.posting.held import Held, meant_tax, nearest_tax, tax_differences
from mlc_pipeline.posting.payloads import has_tax, net_cents


@dataclass(frozen=True, slots=True)
class Writing:
    """What is said of a document beside its content: how its rates are meant, what is added to its total."""

    rates_contain_tax: bool = True
    rates_are_net: bool = False
    adjustment: Decimal = Decimal(0)


def writing_of(document: Document, held: Held) -> Writing:
    """How a document in Zoho Books was written, as far as it shows."""
    rates = [line.rate * line.quantity for line in held.lines or () if line.rate is not None and line.quantity]
    net = to_decimal(sum(net_cents(line, document) for line in document.lines))
    are_net = meant_tax(document) != 0 and sum(rates) == net
    return Writing(held.rates_contain_tax is not False, are_net, held.adjustment)


def better_writing(document: Document, held: Held, written: Writing, *, takes_adjustment: bool) -> Writing | None:
    """What may bring the totals to what was meant, of a document that was so written; None when nothing does."""
    if held.total is None or held.is_used:
        return None
    missing = to_decimal(document.total_cents) - held.total
    tolerance = to_decimal(document.tolerance_cents)
    is_tax_right = not list(tax_differences(document, held))
    if is_tax_right and takes_adjustment and 0 < abs(missing) <= tolerance:
        return replace(written, adjustment=held.adjustment + missing)
    if not has_tax(document) or missing >= 0 or written.rates_are_net:
        return None
    if not _fits(held.tax_totals or (-missing,), -missing, tolerance):
        return None  # something else than its tax was added
    return Writing(rates_contain_tax=False, rates_are_net=not written.rates_contain_tax)


def is_misunderstood(document: Document, held: Held) -> bool:
    """Whether Zoho has left the taxes out or added them, which it would do to the next document too."""
    meant, shown = meant_tax(document), nearest_tax(document, held)
    if not meant or held.total is None:
        return False
    off = abs(held.total - to_decimal(document.total_cents))
    return shown is None or 2 * abs(shown - meant) > abs(meant) or 2 * off > abs(meant)


def _fits(amounts: Iterable[Decimal], wanted: Decimal, tolerance: Decimal) -> bool:
    return any(abs(amount - wanted) <= tolerance for amount in amounts)
