"""Exchange rates of mlc.yaml beside Zoho Books' own present ones: which of them can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

_FAR = Decimal("1.5")
"""A rate that is so many times another is told; some currencies do move so far in a year."""

_MOVEMENT = Decimal("1.25")
"""Beside 1 a rate and its inverse are both near; currencies of which that is so hardly move so far in a decade."""


@dataclass(frozen=True, slots=True)
class DoubtfulRate:
    """A rate of mlc.yaml that is far from Zoho's; `is_inverted`: it is nearer to the inverse of that."""

    currency: str
    own_currency: str
    configured: Decimal
    present: Decimal
    is_inverted: bool

    def __str__(self) -> str:
        own, foreign = self.own_currency, self.currency
        said = (
            f"posting.exchange_rates in mlc.yaml says 1 {foreign} = {self.configured:f} {own}, but Zoho Books now "
            f"has 1 {foreign} = {self.present:f} {own}"
        )
        if not self.is_inverted:
            return f"{said}, {_times(self.configured, self.present):.1f} times apart: see whether that is meant."
        return (
            f"{said}: it seems to be the wrong way round, {foreign} for one {own}. Write what one {foreign} is in "
            f"{own}, or correct Zoho's rate under Settings, Currencies, and run the period again."
        )


def doubtful_rates(
    configured: Mapping[str, Decimal], present: Mapping[str, Decimal], own_currency: str
) -> Iterator[DoubtfulRate]:
    """The rates that can hardly be meant, in units of the organization's currency by ISO code.

    A present rate of exactly 1 is one that nobody has set.
    """
    for code, rate in sorted(configured.items()):
        beside = present.get(code, Decimal(1))
        if code == own_currency or beside <= 0 or beside == 1:
            continue
        times, times_inverse = _times(rate, beside), _times(rate, 1 / beside)
        is_inverted = times > _MOVEMENT and times_inverse < times
        if is_inverted or times > _FAR:
            yield DoubtfulRate(code, own_currency, rate, beside, is_inverted)


def _times(one: Decimal, other: Decimal) -> Decimal:
    """How many times the smaller the larger is."""
    return max(one / other, other / one)
