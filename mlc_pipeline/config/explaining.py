"""Turns what pydantic says of a connection into findings that a person can act on."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mlc_pipeline.config.models import Connection
from mlc_pipeline.config.problems import Finding, KeyPath, did_you_mean, listed
from mlc_pipeline.config.sections import Section
from mlc_pipeline.config.yaml_document import Value

_REQUIRED = {
    "name": "name: us",
    "period": "period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}",
    "cadence": "cadence: weekly",
    "start": "start: 2026-01-05",
    "timezone": "timezone: America/New_York",
    "account": 'account: "6999"',
}
_CREDENTIALS = ("secret", "token", "password", "client_id", "user_id", "grant_code", "credential")
_SHAPES = {
    "string_type": "a single text",
    "tuple_type": "a list such as [A, B]",
    "dict_type": "a section with keys of its own",
    "mapping_type": "a section with keys of its own",
    "model_type": "a section with keys of its own",
    "model_attributes_type": "a section with keys of its own",
    "bool_type": "true or false",
    "date_type": "a date such as 2026-01-05",
}


def explained(error: ValidationError, values: Value) -> Iterator[Finding]:
    """The findings of a connection that was refused; their paths begin at the connection."""
    for details in error.errors():
        path = _path_of(details, values)
        yield Finding(path, _sentence(details, path))


def _path_of(details: ErrorDetails, values: Value) -> KeyPath:
    """The location without the parts that pydantic adds for itself, such as the branch of a union."""
    path: KeyPath = ()
    for part in details["loc"]:
        if _is_within(values, part) or part in _section_at(path).model_fields:
            path = (*path, part)
            values = _inside(values, part)
    return path


def _is_within(values: Value, part: str | int) -> bool:
    if isinstance(values, list):
        return isinstance(part, int)
    return isinstance(values, dict) and part in values


def _inside(values: Value, part: str | int) -> Value:
    if isinstance(values, list) and isinstance(part, int):
        return values[part]
    return values.get(str(part)) if isinstance(values, dict) else None


def _section_at(path: KeyPath) -> type[Section]:
    section: type[Section] = Connection
    for part in path:
        field = section.model_fields.get(str(part))
        section = (_section_in(field.annotation) if field else None) or section
    return section


def _section_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)


def _sentence(details: ErrorDetails, path: KeyPath) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    key = str(path[-1]) if path else ""
    if kind == "missing":
        return f"is missing; write for example `{_REQUIRED[key]}`."
    if kind == "extra_forbidden":
        return _unknown_key(key, path)
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _not_allowed(value, context["expected"])
    if value is None and kind in _SHAPES:
        return f"has no value; give it {_SHAPES[kind]}."
    return f"must be {_SHAPES[kind]}." if kind in _SHAPES else details["msg"]


def _unknown_key(key: str, path: KeyPath) -> str:
    if any(word in key.lower() for word in _CREDENTIALS):
        return "does not belong in this file; remove it, `mlc connect` stores credentials encrypted."
    known = _section_at(path[:-1]).model_fields
    near = did_you_mean(key, known)
    return f"is not a known key{near}" if near else f"is not a known key; known here: {', '.join(known)}."


def _not_allowed(value: object, expected: str) -> str:
    allowed = expected.replace("'", "").replace(" or ", ", ").split(", ")
    if not isinstance(value, str):
        return f"must be {listed(allowed)}."
    return f"must be {listed(allowed)}, not {value!r}{did_you_mean(value, allowed) or '.'}"
