"""JSON in which an amount is a Decimal both ways; a float is refused, never rounded."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import simplejson


def dumps(value: Any) -> str:
    """`value` as JSON text; a Decimal becomes a JSON number with exactly its digits, without an exponent.

    The text is pure ASCII, so it is valid UTF-8 whatever strings it carries. Raises TypeError for a float
    or a key that is not a string, ValueError for a Decimal that is not a number.
    """
    return simplejson.dumps(_exact(value), ensure_ascii=True, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """The value of a JSON text in UTF-8; fractions become Decimals, whole numbers ints.

    Raises ValueError for anything that is not JSON, NaN and Infinity included.
    """
    decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return simplejson.loads(decoded, use_decimal=True, allow_nan=False)
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply.") from None


def object_of(text: bytes) -> dict[str, Any]:
    """The object of a JSON text; an empty one for anything else."""
    try:
        value = loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; amounts are Decimals, counts are ints.")
    if isinstance(value, Decimal):
        return simplejson.RawJSON(_plain(value))
    if isinstance(value, Mapping):
        return {_key(key): _exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(item) for item in value]
    return value


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"{number} is not a number that JSON knows.")
    return format(number, "f")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is not a string; JSON object keys are strings.")
    return key
