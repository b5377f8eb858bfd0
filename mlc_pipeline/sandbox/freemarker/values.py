"""What a value in a template can be, and its name in messages.

Plain Python stands for the data model: str, bool, int, Decimal, list or tuple, Mapping, `Moment`, and None for
"missing" (FreeMarker has no null of its own). Binary floats are turned into the decimal they print as.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

Number = int | Decimal
Value = Any  # None is a missing value; what else it may be is told by `kind`


class Kind(StrEnum):
    """FreeMarker's types, worded for messages."""

    STRING = "a string"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    SEQUENCE = "a sequence"
    HASH = "a hash"
    DATE = "a date"
    CALLABLE = "a function or macro"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A date value: `part` is "date", "time" or "datetime" (FreeMarker keeps them apart)."""

    when: datetime
    part: str


class Nothing(str):
    """What `x!` without a default gives: an empty string that also is an empty sequence and an empty hash."""

    __slots__ = ()


NOTHING = Nothing()


def from_model(value: Any) -> Value:
    """A value of the data model as the interpreter holds it."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def is_number(value: Value) -> bool:
    """Whether it is a number; a boolean is none."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_sequence(value: Value) -> bool:
    """Whether it is a sequence; a string is none."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def kind(value: Value) -> Kind:
    """The type of a value."""
    if value is None:
        return Kind.MISSING
    if isinstance(value, str):
        return Kind.STRING
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if is_number(value):
        return Kind.NUMBER
    if isinstance(value, Mapping):
        return Kind.HASH
    if is_sequence(value):
        return Kind.SEQUENCE
    if isinstance(value, Moment):
        return Kind.DATE
    return Kind.CALLABLE


def has_content(value: Value) -> bool:
    """FreeMarker's `?has_content`: numbers, booleans and dates always have some."""
    if value is None:
        return False
    if isinstance(value, str | Mapping) or is_sequence(value):
        return len(value) > 0
    return isinstance(value, bool | Moment) or is_number(value)
