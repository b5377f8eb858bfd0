"""Money is exact in both directions, or it is refused."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.accounting.money import NotRepresentable, converted, format_money, to_cents, to_decimal, to_rate

amounts_in_cents = st.integers(-(2**63), 2**63 - 1)


@given(amounts_in_cents)
def test_cents_come_back_from_their_decimal(cents: int) -> None:
    assert to_cents(to_decimal(cents)) == cents
    assert to_decimal(cents) * 100 == cents


@given(amounts_in_cents, st.integers(0, 6))
def test_a_rate_is_the_amount_itself_or_refused(cents: int, precision: int) -> None:
    try:
        rate = to_rate(cents, precision)
    except NotRepresentable:
        assert cents % 10 ** (2 - precision)
    else:
        assert rate == to_decimal(cents)
        assert rate.as_tuple().exponent == -precision


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_a_decimal_becomes_cents_only_if_nothing_is_left_over(amount: Decimal) -> None:
    try:
        cents = to_cents(amount)
    except NotRepresentable:
        with localcontext(prec=200):
            assert (amount * 100) % 1
    else:
        assert to_decimal(cents) == amount


@pytest.mark.parametrize(
    ("cents", "precision", "text"),
    [
        (15619, 2, "156.19"),
        (-15619, 2, "-156.19"),
        (0, 2, "0.00"),
        (128000, 0, "1280"),
        (-5, 2, "-0.05"),
        (1234, 3, "12.340"),
    ],
)
def test_a_rate_has_the_decimals_of_its_currency(cents: int, precision: int, text: str) -> None:
    assert format(to_rate(cents, precision), "f") == text


@pytest.mark.parametrize(("cents", "precision"), [(50, 0), (12801, 0), (1235, 1), (-50, 0)])
def test_half_a_yen_is_refused(cents: int, precision: int) -> None:
    with pytest.raises(NotRepresentable, match=f"more than the {precision} decimals that its currency has"):
        to_rate(cents, precision)


@pytest.mark.parametrize(
    "amount", ["0.001", "1.005", "-12.345", "1.000000000000000000000000000000001", "NaN", "Infinity", "sNaN"]
)
def test_what_is_no_whole_number_of_cents_is_refused(amount: str) -> None:
    with pytest.raises(NotRepresentable, match=r"is not a (whole number of cents|number)"):
        to_cents(Decimal(amount))


@pytest.mark.parametrize(("amount", "cents"), [("1E+2", 10000), ("1.2300", 123), ("-0.00", 0)])
def test_the_way_an_amount_is_written_does_not_matter(amount: str, cents: int) -> None:
    assert to_cents(Decimal(amount)) == cents


@pytest.mark.parametrize(
    ("cents", "text"),
    [(-123456, "-1,234.56 EUR"), (5, "0.05 EUR"), (0, "0.00 EUR"), (100000000, "1,000,000.00 EUR")],
)
def test_people_read_money_with_its_currency(cents: int, text: str) -> None:
    assert format_money(cents, "EUR") == text


def test_people_read_the_decimals_that_a_currency_has() -> None:
    assert [format_money(128000, "", precision).strip() for precision in (0, 2, 3)] == [
        "1,280",
        "1,280.00",
        "1,280.000",
    ]


def test_what_is_converted_is_rounded_to_what_its_currency_has() -> None:
    found = [str(converted(1234, "157.4133", precision)) for precision in (0, 2, 3)]
    assert found == ["1942", "1942.48", "1942.480"]
    assert str(converted(100, "0.30712345678", 3)) == "0.307"
    assert str(converted(-50, "1", 0)) == "-1"
