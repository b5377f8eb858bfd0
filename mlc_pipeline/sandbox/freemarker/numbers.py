"""Exact decimal arithmetic as FreeMarker's default engine does it, and number formats of the en_US locale."""

import decimal
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.values import Number

_EXACT = decimal.Context(prec=400)
_DIVISION_DIGITS = 12  # FreeMarker rounds quotients and products to 12 fraction digits, half up
_PATTERN = re.compile(r"(?P<prefix>[^#0,.;]*)(?P<whole>[#,]*[0,]*)(?:\.(?P<fraction>0*#*))?(?P<suffix>[^#0,.;]*)")
_NAMED = {"number": "#,##0.###", "computer": "0.################", "percent": "#,##0%", "0": "0"}


def add(left: Number, right: Number) -> Number:
    """Exact sum."""
    return _tidy(_EXACT.add(Decimal(left), Decimal(right)))


def subtract(left: Number, right: Number) -> Number:
    """Exact difference."""
    return _tidy(_EXACT.subtract(Decimal(left), Decimal(right)))


def multiply(left: Number, right: Number) -> Number:
    """Product, rounded to 12 fraction digits."""
    product = _EXACT.multiply(Decimal(left), Decimal(right))
    return _tidy(_at_most_digits(product, _DIVISION_DIGITS))


def divide(left: Number, right: Number) -> Number:
    """Quotient, rounded to 12 fraction digits or as many as the operands have."""
    if right == 0:
        raise Refusal("Division by zero")
    digits = max(_DIVISION_DIGITS, _fraction_digits(left), _fraction_digits(right))
    return _tidy(_at_most_digits(_EXACT.divide(Decimal(left), Decimal(right)), digits))


def modulo(left: Number, right: Number) -> Number:
    """Remainder of the integer parts, with the sign of the left one, as Java's."""
    divisor = int(right)
    if divisor == 0:
        raise Refusal("Division by zero")
    return int(Decimal(int(left)) % Decimal(divisor))


def parse(text: str) -> Number:
    """The number a text stands for."""
    if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", text):
        raise Refusal(f"{text!r} is not a number")
    return _tidy(_EXACT.create_decimal(text))


def computer_format(number: Number) -> str:
    """`?c`: no grouping, a dot, at most 16 fraction digits."""
    return str(number) if isinstance(number, int) else decimal_format(number, _NAMED["computer"])


def decimal_format(number: Number, pattern: str) -> str:
    """A number in a pattern such as `0.00` or `#,##0.##`, or in a named format; ties go to the even digit."""
    match = _PATTERN.fullmatch(_NAMED.get(pattern, pattern))
    if match is None or not (match["whole"] or match["fraction"]):
        raise Refusal(f"The sandbox does not know the number format {pattern!r}")
    fraction = match["fraction"] or ""
    scaled = _EXACT.multiply(Decimal(number), 100 if "%" in match["prefix"] + match["suffix"] else 1)
    rounded = scaled.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_EVEN, _EXACT)
    whole_digits, _, fraction_digits = f"{abs(rounded):f}".partition(".")
    whole = whole_digits.lstrip("0").rjust(_fewest_whole_digits(match), "0")
    fraction_text = _without_optional_zeros(fraction_digits, fraction.count("0"))
    if "," in match["whole"]:
        whole = _grouped(whole, len(match["whole"].rpartition(",")[2]))
    body = (whole or ("" if fraction_text else "0")) + ("." + fraction_text if fraction_text else "")
    return ("-" if rounded.is_signed() else "") + match["prefix"] + body + match["suffix"]


def _fewest_whole_digits(pattern: re.Match[str]) -> int:
    """As many as there are zeros; a pattern without any, such as `#.##`, still prints the 0 of 0.5, as in Java."""
    zeros = pattern["whole"].count("0")
    return 1 if pattern["fraction"] and not zeros and "0" not in pattern["fraction"] else zeros


def _without_optional_zeros(digits: str, needed: int) -> str:
    return digits[:needed] + digits[needed:].rstrip("0")


def _grouped(digits: str, size: int) -> str:
    if size == 0:
        return digits
    head = len(digits) % size
    groups = [digits[:head]] if head else []
    return ",".join(groups + [digits[at : at + size] for at in range(head, len(digits), size)])


def _fraction_digits(number: Number) -> int:
    exponent = Decimal(number).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _at_most_digits(number: Decimal, digits: int) -> Decimal:
    if _fraction_digits(number) <= digits:
        return number
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)


def _tidy(number: Decimal) -> Number:
    whole = number.to_integral_value()
    return int(whole) if whole == number else number
