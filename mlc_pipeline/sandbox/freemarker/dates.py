"""Reads and writes dates in the Java date patterns that templates use."""

import re
from datetime import UTC, datetime

from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.values import Moment

_ITEM = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_READ = {
    "yyyy": r"(?P<year>\d+)", "MM": r"(?P<month>\d{1,2})", "dd": r"(?P<day>\d{1,2})", "HH": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{1,2})", "ss": r"(?P<second>\d{1,2})",
}  # fmt: skip
_WRITE = {
    "yyyy": "{:%Y}", "yy": "{:%y}", "MMMM": "{:%B}", "MMM": "{:%b}", "MM": "{:%m}", "M": "{0.month}",
    "dd": "{:%d}", "d": "{0.day}", "HH": "{:%H}", "H": "{0.hour}", "hh": "{:%I}", "mm": "{:%M}", "ss": "{:%S}",
    "a": "{:%p}", "EEEE": "{:%A}", "EEE": "{:%a}",
}  # fmt: skip
_DEFAULT = {"date": "MMM d, yyyy", "time": "hh:mm:ss a", "datetime": "MMM d, yyyy, hh:mm:ss a"}


def parse(text: str, pattern: str, part: str) -> Moment:
    """The moment a text stands for; text behind what the pattern asks for is ignored, as in Java."""
    expression = "".join(_reading(item) for item in _items(pattern))
    match = re.match(expression, text)
    if match is None:
        raise Refusal(f"{text!r} is not a {part} in the format {pattern!r}")
    try:
        given = {name: int(value) for name, value in match.groupdict().items()}
        return Moment(datetime(**({"year": 1970, "month": 1, "day": 1} | given), tzinfo=UTC), part)
    except ValueError as problem:
        raise Refusal(f"{text!r} is not a {part}: {problem}") from problem


def format_moment(moment: Moment, pattern: str) -> str:
    """A moment in a Java pattern."""
    return "".join(_writing(item).format(moment.when) for item in _items(pattern))


def default_text(moment: Moment) -> str:
    """A moment as `${...}` prints it in the en_US locale."""
    hour = f"{(moment.when.hour - 1) % 12 + 1}"
    return format_moment(moment, _DEFAULT[moment.part].replace("hh", f"'{hour}'"))


def _items(pattern: str) -> list[str]:
    return [match.group() for match in _ITEM.finditer(pattern)]


def _reading(item: str) -> str:
    if item[0].isalpha():
        return _known(item, _READ)
    return re.escape(_literal(item))


def _writing(item: str) -> str:
    if item[0].isalpha():
        return _known(item, _WRITE)
    return _literal(item).replace("{", "{{").replace("}", "}}")


def _literal(item: str) -> str:
    if item == "''":
        return "'"
    return item[1:-1].replace("''", "'") if item.startswith("'") else item


def _known(item: str, table: dict[str, str]) -> str:
    if item not in table:
        raise Refusal(f"The sandbox does not know {item!r} in a date format")
    return table[item]
