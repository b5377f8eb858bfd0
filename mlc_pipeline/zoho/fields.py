"""Reads single properties of Zoho's records; tolerant of what is left out, strict about what is there."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]


class MalformedRecord(ValueError):
    """A record in an answer lacks its id, or holds a value of another kind than documented."""


def identifier(row: Row, name: str) -> str:
    """An id, which is a string of digits, or seldom a JSON number; raises MalformedRecord without one."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise MalformedRecord(f"A record came without {name}")
    return value


def text(row: Row, name: str) -> str:
    """A text; "" where it is left out."""
    value = row.get(name)
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def flag(row: Row, name: str, *, absent: bool) -> bool:
    """A boolean; `absent` where it is left out."""
    value = row.get(name)
    return absent if value is None else value in (True, "true")


def count(row: Row, name: str, *, absent: int) -> int:
    """A whole number; `absent` where it is left out."""
    number = amount(row, name)
    return absent if number is None else int(number)


def amount(row: Row, name: str) -> Decimal | None:
    """A number as Decimal; None where it is left out or ""."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise MalformedRecord(f"{name} is not a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise MalformedRecord(f"{name} is not a number") from None
    if not number.is_finite():
        raise MalformedRecord(f"{name} is not a number")
    return number


def day(row: Row, name: str) -> date | None:
    """A date `yyyy-mm-dd`; None where it is left out or ""."""
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise MalformedRecord(f"{name} is not a date such as 2026-01-31") from None


def instant(row: Row, name: str) -> datetime | None:
    """A time with its offset, written `+0530`, `+05:30` or `Z`; None where it is left out or cannot be told."""
    try:
        moment = datetime.fromisoformat(text(row, name))
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def rows(row: Row, name: str) -> list[Row]:
    """A list of records; empty where it is left out."""
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise MalformedRecord(f"{name} is not a list of records")
    return value
