"""Single values of an export: text, cents, days and instants, each read exactly or refused with a reason."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(1900, 2200)  # what lies outside is a slip, and may be more than a frame's times can hold
_LONGEST_QUOTE = 40


class Unreadable(ValueError):
    """A value is not what its attribute should hold; the message finishes "expense 123: amount ..."."""


def unescaped(text: str) -> str:
    """`text` with HTML entities replaced, exactly once: Expensify stores `Metro C&amp;C`.

    Only entities that end in a semicolon count. An escaped text has no others, and a text that was never
    escaped, such as `R&ltd` or an email address with `&`, stays as it is.
    """
    return text if "&" not in text else _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def currency(text: str) -> str:
    """An ISO currency code in capitals, or an empty string."""
    return text.strip().upper()


def cents(value: object) -> int | None:
    """Minor units (x100 in every currency) from a JSON number or a numeric string; None for nothing there."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    raise Unreadable(f"{quoted(value)} is not a whole number of cents")


def decimal(text: str) -> Decimal | None:
    """An exact plain number such as `0.854`; None for nothing there."""
    if not text.strip():
        return None
    if _PLAIN_NUMBER.fullmatch(text.strip()):
        return Decimal(text.strip())
    raise Unreadable(f"{quoted(text)} is not a number")


def day(text: str) -> date | None:
    """The day of `yyyy-MM-dd` or of a timestamp that starts so; None for nothing there."""
    parsed = _parsed(text)
    return None if parsed is None else parsed.date()


def instant(text: str, zone: tzinfo) -> datetime | None:
    """An aware datetime from `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`; None for nothing there.

    Expensify documents no time zone. A time is taken as UTC unless it carries an offset; a day alone is its
    midnight in `zone`, and keeps `zone` as its tzinfo, so that the two can be told apart.
    """
    parsed = _parsed(text)
    if parsed is None:
        return None
    if _DAY.fullmatch(text.strip()):
        return datetime.combine(parsed.date(), time(), tzinfo=zone)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def fields_text(fields: Mapping[str, str]) -> str:
    """A report's custom fields as the JSON object that the frame holds, in the order of their names."""
    return json.dumps(dict(sorted(fields.items())), ensure_ascii=False)


def quoted(value: object) -> str:
    """`value` for a sentence, cut where it gets long."""
    text = str(value)
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "...")


def _parsed(text: str) -> datetime | None:
    stripped = text.strip()
    if not stripped:
        return None
    try:
        parsed = datetime.fromisoformat(stripped) if _DAY.match(stripped) else None
    except ValueError as error:
        raise Unreadable(f"{quoted(text)} is not a date: {error}") from error
    if parsed is not None and parsed.year in _YEARS:
        return parsed
    if parsed is not None:
        raise Unreadable(f"{quoted(text)} is a date outside the years {_YEARS[0]} to {_YEARS[-1]}")
    raise Unreadable(f"{quoted(text)} is not a date like 2026-09-23 or 2026-09-23 22:41:10")
