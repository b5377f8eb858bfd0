"""How a template fails: always with a sentence and the place in the template."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands in the template, both counted from 1."""

    line: int
    column: int


class TemplateFailure(Exception):
    """The template cannot be read or rendered.

    FreeMarker's `ParseException` and `TemplateException` in one: Expensify fails the job either way.
    """

    def __init__(self, message: str, at: Place) -> None:
        super().__init__(f"{message} (in the template at line {at.line}, column {at.column})")
        self.message = message
        self.line = at.line
        self.column = at.column


class MissingValue(TemplateFailure):
    """A value was needed and is not there; `(...)!`, `(...)??` and the like catch exactly this."""


class Refusal(Exception):
    """An operator or built-in cannot work on what it was given; the node that asked adds the place."""
