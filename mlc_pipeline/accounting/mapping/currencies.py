"""Currencies: the Zoho currency of a report's ISO code."""

from __future__ import annotations

from collections.abc import Iterable

from mlc_pipeline.accounting.mapping.answers import Resolution, refused
from mlc_pipeline.accounting.mapping.reference import Currency
from mlc_pipeline.accounting.problems import Reason


def resolve_currency(code: str, currencies: Iterable[Currency]) -> Resolution:
    """The currency of the same ISO code."""
    for currency in currencies:
        if currency.code == code:
            return Resolution("code", currency.currency_id, code, detail=str(currency.precision))
    return refused(
        Reason.UNKNOWN_CURRENCY,
        f"The currency {code or 'of the report'} is not among the currencies of the Zoho organization: add it in "
        "Zoho Books under Settings, Currencies.",
    )
