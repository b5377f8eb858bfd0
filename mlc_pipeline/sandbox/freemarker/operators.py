"""What `+`, `==`, `<` and the other operators do with two values that are there."""

from collections.abc import Callable, Mapping
from typing import Final

from mlc_pipeline.sandbox.freemarker import numbers
from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Kind, Moment, Number, Value, is_number, is_sequence, kind

_ARITHMETIC: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}


def add(scope: Scope, left: Value, right: Value) -> Value:
    """`+`: numbers add, sequences and hashes join, anything else becomes text."""
    if is_number(left) and is_number(right):
        return numbers.add(left, right)
    if is_sequence(left) and is_sequence(right):
        return [*left, *right]
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return {**left, **right}
    return scope.text(left) + scope.text(right)


def calculate(operator: str, left: Value, right: Value) -> Number:
    """`-`, `*`, `/` and `%`, of numbers only."""
    if not (is_number(left) and is_number(right)):
        raise Refusal(f"{operator!r} needs two numbers, but these are {kind(left)} and {kind(right)}")
    return _ARITHMETIC[operator](left, right)


def equal(left: Value, right: Value) -> bool:
    """`==`: only values of the same scalar type compare."""
    kinds = {kind(left), kind(right)}
    if len(kinds) > 1 or not kinds <= {Kind.STRING, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE}:
        raise Refusal(f"{kind(left)} and {kind(right)} cannot be compared")
    return bool(left == right)


def before(left: Value, right: Value) -> bool:
    """`<`: numbers or dates only."""
    both_numbers = is_number(left) and is_number(right)
    both_dates = isinstance(left, Moment) and isinstance(right, Moment) and left.part == right.part
    if not (both_numbers or both_dates):
        raise Refusal(f"{kind(left)} and {kind(right)} have no order; convert with ?number or ?date first")
    return bool(left < right)
