"""Which exchange rates of mlc.yaml can hardly be meant, beside the present ones of Zoho Books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlc_pipeline.accounting.rates import doubtful_rates


@pytest.mark.parametrize(
    ("configured", "present", "is_inverted"),
    [
        ("0.85", "1.18", [True]),
        ("149.25", "0.0067", [True]),
        ("0.0067", "149.25", [True]),
        ("0.67", "0.0067", [False]),  # nearer to Zoho's than to its inverse, all the same
        ("1.8", "1.18", [False]),
        ("1.7", "1.18", []),
        ("0.96", "1.18", []),  # a euro in dollars, in the autumn of 2022 and now
        ("1.07", "0.93", []),
        ("0.85", "1", []),
        ("0.85", "0", []),
    ],
)
def test_a_rate_is_doubted_when_it_is_far_off_or_the_wrong_way_round(
    configured: str, present: str, is_inverted: list[bool]
) -> None:
    doubtful = doubtful_rates({"EUR": Decimal(configured)}, {"EUR": Decimal(present)}, "USD")
    assert [rate.is_inverted for rate in doubtful] == is_inverted


def test_nothing_is_said_of_the_own_currency_and_of_one_without_a_present_rate() -> None:
    rates = {"USD": Decimal(9), "EUR": Decimal(9)}
    assert list(doubtful_rates(rates, {"USD": Decimal(2)}, "USD")) == []
