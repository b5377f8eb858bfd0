"""Comparing: how a document in Zoho Books differs from what was meant, told for people.

Where Zoho adds something of its own, such as a default location, that is no difference; where it drops what was
sent, that is one. What an answer leaves out is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.accounting.money import smallest_unit, to_decimal
from mlc_pipeline.accounting.taxes import rounding_leeway
from mlc_pipeline.posting.books import rounded
from mlc_pipeline.zoho.documents import Dimensions

_RATE_DECIMALS = Decimal("0.000001")
"""Zoho documents no precision of exchange rates; closer than this they are the same."""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line as Zoho Books holds it: its account, on which side, and all amounts that it shows."""

    account_id: str
    side: str
    amounts: tuple[Decimal, ...]
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class MeantLine:
    """A line as it was meant, and by how much the amounts may be off that Zoho shows of it."""

    account_id: str
    side: str
    amount: Decimal
    leeway: Decimal
    line: DocumentLine

    def fits(self, amount: Decimal) -> bool:
        """Whether Zoho may show this amount."""
        return abs(amount - self.amount) <= self.leeway


Pair = tuple[MeantLine, HeldLine]


def line_differences(meant: Sequence[MeantLine], held: Sequence[HeldLine], otherwise: str) -> Iterator[str]:
    """How the lines differ; `otherwise` is told when they are not the same accounts and amounts."""
    if len(held) != len(meant):
        yield f"it has {len(held)} lines, not {len(meant)}"
        return
    pairs = _paired(meant, held)
    if pairs is None:
        yield otherwise
        return
    for number, (one, other) in enumerate(pairs, start=1):
        for name, value, wanted in _disagreements(one.line, other.dimensions):
            yield f"the {name} of line {number} is {value or 'missing'}, not {wanted}"


def head_differences(
    document: Document,
    currency_code: str,
    exchange_rate: Decimal | None,
    tags: Iterable[tuple[str, str]] | None,
) -> Iterator[str]:
    """How currency, exchange rate and header tags differ."""
    if currency_code and currency_code != document.currency:
        yield f"its currency is {currency_code}, not {document.currency}"
    if document.exchange_rate and exchange_rate is not None:
        meant = Decimal(document.exchange_rate)
        if abs(meant - exchange_rate) > _RATE_DECIMALS:
            yield f"its exchange rate is {exchange_rate.normalize():f}, not {document.exchange_rate}"
    if tags is not None and not set(document.tags) <= set(tags):
        yield "its reporting tags are others"


def other_day(document: Document, day: date | None, notes: str) -> str:
    """How the day differs, unless a closed period explains it: ours may have moved since, or that one has."""
    days = (document.date.isoformat(), document.original_date)
    if day is None or day.isoformat() in days:
        return ""
    if any(one and descriptions.moved_from(one) in notes for one in days):
        return ""
    return f"its date is {day}, not {document.date}"


def total_difference(document: Document, total: Decimal | None) -> Iterator[str]:
    """How the total differs."""
    expected = to_decimal(document.total_cents)
    if rounded(total, document) != expected:
        yield f"its total is {shown(total, document)}, not {shown(expected, document)}"


def shown(amount: Decimal | None, document: Document) -> str:
    """An amount with the decimals that its currency has."""
    return "missing" if amount is None else f"{rounded(amount, document):f}"


def line_tax_differences(meant: Sequence[MeantLine], held: Sequence[HeldLine]) -> Iterator[str]:
    """How the taxes that the lines name differ, where these are the same lines."""
    pairs = _paired(meant, held) if len(held) == len(meant) else None
    for number, (one, other) in enumerate(pairs or (), start=1):
        wanted, found = one.line.tax_id, other.dimensions.tax_id
        if wanted and found is not None and found != wanted:
            yield f"the tax of line {number} is {found or 'missing'}, not {wanted}"


def meant_line(line: DocumentLine, side: str, cents: int, document: Document) -> MeantLine:
    """A line of a document; of one with a tax, Zoho may show rate and amount without it, or with it on top.

    Where between these they are is the tax that Zoho computes, which is compared for the whole document.
    """
    leeway = 2 * abs(line.tax_cents) + tax_leeway_cents(document) if line.tax_id else 0
    return MeantLine(line.account_id, side, to_decimal(cents), to_decimal(leeway), line)


def tax_leeway_cents(document: Document) -> int:
    """By how much the tax of a document may be off from the taxes of its expenses; as when it was planned."""
    expenses = sum(len(line.transaction_ids) for line in document.lines if line.tax_id)
    return rounding_leeway(expenses) * smallest_unit(document.precision)


def _paired(meant: Sequence[MeantLine], held: Sequence[HeldLine]) -> list[Pair] | None:
    """Each line with the one in Zoho Books that fits it best; None when one has none."""
    left = list(held)
    pairs: list[Pair] = []
    for line in meant:
        fitting = [other for other in left if _same_place(line, other)]
        if not fitting:
            return None
        best = min(fitting, key=lambda other: (_rank(line, other), len([*_differing(line, other)])))
        left.remove(best)
        pairs.append((line, best))
    return pairs


def _same_place(meant: MeantLine, held: HeldLine) -> bool:
    same = (meant.account_id, meant.side) == (held.account_id, held.side)
    return same and bool(held.amounts) and all(map(meant.fits, held.amounts))


def _rank(meant: MeantLine, held: HeldLine) -> int:
    return 0 if meant.amount in held.amounts else 1


def _differing(meant: MeantLine, held: HeldLine) -> Iterator[tuple[str, str, str]]:
    yield from _disagreements(meant.line, held.dimensions)
    if meant.line.tax_id != (held.dimensions.tax_id or ""):
        yield "tax", held.dimensions.tax_id or "", meant.line.tax_id


def _disagreements(line: DocumentLine, held: Dimensions) -> Iterator[tuple[str, str, str]]:
    for name, wanted, value in (
        ("project", line.project_id, held.project_id),
        ("customer", line.customer_id, held.customer_id),
        ("location", line.location_id, held.location_id),
    ):
        if wanted and value is not None and value != wanted:
            yield name, value, wanted
    if held.tags is not None and not set(line.tags) <= set(held.tags):
        yield "reporting tags", _told(held.tags), _told(line.tags)


def _told(tags: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{tag_id}: {option_id}" for tag_id, option_id in tags)
