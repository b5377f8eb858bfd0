"""One JSON object of an exported file, read attribute by attribute.

A value that cannot be read is a problem of its report. A value that the template can never write means that the
file is not what the template renders: that is a `TemplateError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from mlc_pipeline.expensify import values
from mlc_pipeline.expensify.errors import TemplateError
from mlc_pipeline.expensify.models import ProblemCode, ReportProblem

T = TypeVar("T")


class Fields:
    """The attributes of one report, expense or approver, `whose` in words; `problems` tells what is unreadable."""

    def __init__(self, source: object, whose: str, zone: tzinfo) -> None:
        if not isinstance(source, Mapping):
            raise _wrong_shape(whose, source)
        self._source: Mapping[str, Any] = source
        self.whose = whose
        self._zone = zone
        self.problems: list[ReportProblem] = []

    def add_problem(self, what: str) -> None:
        """Note that something about this object cannot be read; `what` finishes the sentence."""
        sentence = f"{self.whose[0].upper()}{self.whose[1:]}: {what}."
        self.problems.append(ReportProblem(ProblemCode.UNREADABLE, sentence))

    def identifier(self, name: str) -> str:
        """A key, byte for byte: it is compared and sent back, so nothing is unescaped."""
        return self._of_type(name, str)

    def text(self, name: str) -> str:
        """A text or an email address, unescaped once."""
        return values.unescaped(self._of_type(name, str))

    def currency(self, name: str) -> str:
        """An ISO currency code in capitals, or an empty string."""
        return values.currency(self._of_type(name, str))

    def truth(self, name: str) -> bool | None:
        """True, false, or None when Expensify did not say."""
        return None if self._source.get(name, ...) is None else self._of_type(name, bool)

    def cents(self, name: str) -> int | None:
        """Minor units, or None when there is nothing or nothing readable."""
        if name not in self._source:
            raise _wrong_shape(f"{self.whose}, {name}", "nothing")
        return self._read(name, values.cents, self._source[name])

    def day(self, name: str) -> date | None:
        """A day, or None when there is nothing or nothing readable."""
        return self._read(name, values.day, self._of_type(name, str))

    def instant(self, name: str) -> datetime | None:
        """An aware datetime, or None when there is nothing or nothing readable."""
        return self._read(name, self._instant, self._of_type(name, str))

    def instant_or_none(self, name: str) -> datetime | None:
        """For dates that decide nothing: one of an unknown form is no reason for a review."""
        try:
            return self._instant(self._of_type(name, str))
        except values.Unreadable:
            return None

    def objects(self, name: str) -> list[Any]:
        """A list of further objects."""
        return self._of_type(name, list)

    def texts_by_name(self, name: str) -> dict[str, str]:
        """An object that maps names to texts."""
        inner = Fields(self._of_type(name, dict), f"{self.whose}, {name}", self._zone)
        return {key: inner.text(key) for key in inner._source}

    def _instant(self, text: str) -> datetime | None:
        return values.instant(text, self._zone)

    def _of_type(self, name: str, kind: type[T]) -> T:
        value = self._source.get(name)
        if not isinstance(value, kind):
            raise _wrong_shape(f"{self.whose}, {name}", value)
        return value

    def _read(self, name: str, read: Callable[[Any], T | None], value: object) -> T | None:
        try:
            return read(value)
        except values.Unreadable as reason:
            self.add_problem(f"{name} {reason}")
            return None


def _wrong_shape(where: str, value: object) -> TemplateError:
    return TemplateError(
        f"Expensify's file is whole but is not what the export template renders: {where} is "
        f"{values.quoted(value)}."
    )
