"""Compares query parameters and JSON bodies with the facts and names every place where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from mlc_pipeline.sandbox.zoho.facts import Property


class Difference(Enum):
    """How a value differs from the facts."""

    UNKNOWN = "is not in the OpenAPI files"
    MISSING = "is required and missing"
    TYPE = "has another type"
    EDITION = "does not exist in this edition"
    VALUE = "is not one of the listed values"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: the path of the property (`line_items[0].rate`) and what is wrong with it."""

    path: str
    difference: Difference
    detail: str = ""

    @property
    def name(self) -> str:
        """The last name in the path, as Zoho's messages use it."""
        return self.path.rpartition(".")[2].partition("[")[0]

    def __str__(self) -> str:
        return f"{self.path} {self.difference.value}{f' ({self.detail})' if self.detail else ''}"


def body_findings(facts: Property, body: object, edition: str | None, *, path: str = "") -> Iterator[Finding]:
    """Yield every difference of a JSON value from the facts; null passes anywhere.

    `edition` None means any edition's properties.
    """
    if body is None:
        return
    if not _HAS_TYPE[facts.type](body):
        yield Finding(path or "body", Difference.TYPE, f"{type(body).__name__} instead of {facts.type}")
    elif isinstance(body, dict):
        yield from _object_findings(facts, body, edition, path)
    elif isinstance(body, list) and facts.item is not None:
        for index, element in enumerate(body):
            yield from body_findings(facts.item, element, edition, path=f"{path}[{index}]")
    elif facts.values and str(body) not in facts.values:
        yield Finding(path, Difference.VALUE, str(body))


def null_findings(body: object, path: str = "") -> Iterator[Finding]:
    """Yield every null: Zoho answers with them, but the references know no request that sends one."""
    if body is None:
        yield Finding(path, Difference.TYPE, "null")
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from null_findings(value, f"{path}.{name}" if path else name)
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from null_findings(value, f"{path}[{index}]")


def query_findings(facts: Mapping[str, Property], query: Mapping[str, str]) -> Iterator[Finding]:
    """Yield every difference of query parameters (text, as on the wire) from the facts."""
    for name, text in query.items():
        if name not in facts:
            yield Finding(name, Difference.UNKNOWN)
        elif not _TEXT_HAS_TYPE[facts[name].type](text):
            yield Finding(name, Difference.TYPE, f"{text!r} is no {facts[name].type}")
        elif facts[name].values and text not in facts[name].values:
            yield Finding(name, Difference.VALUE, text)
    for name, fact in facts.items():
        if fact.required and not query.get(name):
            yield Finding(name, Difference.MISSING)


def _object_findings(facts: Property, body: dict[str, Any], edition: str | None, path: str) -> Iterator[Finding]:
    prefix = f"{path}." if path else ""
    for name, value in body.items():
        fact = facts.children.get(name)
        if fact is None:
            if facts.children:
                yield Finding(f"{prefix}{name}", Difference.UNKNOWN)
        elif edition is not None and not fact.is_in_edition(edition):
            yield Finding(f"{prefix}{name}", Difference.EDITION, edition)
        else:
            yield from body_findings(fact, value, edition, path=f"{prefix}{name}")
    for name, fact in facts.children.items():
        if fact.required and body.get(name) in (None, ""):
            yield Finding(f"{prefix}{name}", Difference.MISSING)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_numeric_text(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


#: The files type amounts now as integer, now as number (`total` is an integer in one list and 40.60 in its
#: example), so any number passes for either. Integers are told apart where it matters: in queries.
_HAS_TYPE: dict[str, Callable[[object], bool]] = {
    "any": lambda value: True,
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_number,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}

_TEXT_HAS_TYPE: dict[str, Callable[[str], bool]] = {
    "boolean": lambda text: text in ("true", "false"),
    "integer": str.isdecimal,
    "number": _is_numeric_text,
    "string": lambda text: True,
}
