"""JSON keeps every digit of an amount, both ways."""

from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.transport import json

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | amounts | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_an_amount_is_written_with_exactly_its_digits() -> None:
    assert json.dumps({"rate": Decimal("12.30"), "small": Decimal("1E-7"), "big": Decimal("1E+3")}) == (
        '{"rate":12.30,"small":0.0000001,"big":1000}'
    )


def test_an_amount_is_read_as_a_decimal() -> None:
    assert json.loads('{"total": 0.1}') == {"total": Decimal("0.1")}


@pytest.mark.parametrize("value", [0.1, [1.5], {"a": {"b": 1.0}}, {1: 2}])
def test_a_float_or_a_foreign_key_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        json.dumps(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_a_number_is_not_written(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a number"):
        json.dumps(value)


@pytest.mark.parametrize("text", ["", "NaN", "[Infinity]", "{", b"\xff", "[" * 100_000])
def test_what_is_not_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        json.loads(text)


def test_any_mapping_and_a_byte_order_mark_are_fine() -> None:
    assert json.dumps(MappingProxyType({"a": (1, 2)})) == '{"a":[1,2]}'
    assert json.loads(b'\xef\xbb\xbf{"a":"\xc3\xa9"}') == {"a": "é"}


@settings(max_examples=100, deadline=None)
@given(values)
def test_what_is_written_is_read_back_and_is_valid_utf_8(value: Any) -> None:
    assert json.loads(json.dumps(value).encode("utf-8")) == value
