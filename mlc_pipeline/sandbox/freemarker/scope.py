"""What a running template can see and write: variables by layer, output, settings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mlc_pipeline.sandbox.freemarker import dates, numbers
from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.values import Moment, Number, Value, from_model, is_number, kind


@dataclass(slots=True)
class Loop:
    """One running `<#list>`: its variables and where it stands."""

    variable: str
    values: dict[str, Value]
    index: int
    has_next: bool


@dataclass(slots=True)
class Frame:
    """The variables of one macro or function call (or of the template itself, which has no locals)."""

    locals: dict[str, Value] = field(default_factory=dict)
    loops: list[Loop] = field(default_factory=list)
    listed: list[Sequence[tuple[Value, ...]]] = field(default_factory=list)  # what <#items> goes through
    nested: Any = None  # what <#nested> runs, when a macro was called with a body


@dataclass(slots=True)
class Settings:
    """What `<#setting>` can change."""

    number_format: str = "number"
    boolean_format: tuple[str, str] | None = None


class Scope:
    """The state of one rendering."""

    def __init__(self, data_model: Mapping[str, Any]) -> None:
        self.data_model = data_model
        self.globals: dict[str, Value] = {}
        self.namespace: dict[str, Value] = {}
        self.frame = Frame()
        self.settings = Settings()
        self._output: list[str] = []

    def lookup(self, name: str) -> Value:
        """The value of a name: loop variable, local, template variable, global, data model; None when missing."""
        for loop in reversed(self.frame.loops):
            if (found := loop.values.get(name)) is not None:
                return found
        for layer in (self.frame.locals, self.namespace, self.globals):
            if (found := layer.get(name)) is not None:
                return found
        return from_model(self.data_model.get(name))

    def loop_of(self, variable: str) -> Loop | None:
        """The innermost running loop over this variable."""
        return next((loop for loop in reversed(self.frame.loops) if loop.variable == variable), None)

    def write(self, text: str) -> None:
        """Add to the output."""
        self._output.append(text)

    def output(self) -> str:
        """All that was written."""
        return "".join(self._output)

    @contextmanager
    def captured(self) -> Iterator[list[str]]:
        """Collect what is written meanwhile instead of putting it out."""
        outer, self._output = self._output, []
        try:
            yield self._output
        finally:
            self._output = outer

    @contextmanager
    def in_frame(self, frame: Frame) -> Iterator[None]:
        """Run with another frame's locals and loops: a call sees none of its caller's."""
        outer, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = outer

    def text(self, value: Value) -> str:
        """A value as `${...}` prints it."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return self._boolean_text(value)
        if is_number(value):
            return self.number_text(value)
        if isinstance(value, Moment):
            return dates.default_text(value)
        raise Refusal(f"A string, number or date is needed here, but this is {kind(value)}")

    def number_text(self, value: Number) -> str:
        """A number in the current number format."""
        return numbers.decimal_format(value, self.settings.number_format)

    def _boolean_text(self, value: bool) -> str:
        if self.settings.boolean_format is None:
            raise Refusal("A boolean cannot be printed; write ?c, ?string or ?string('yes', 'no') behind it")
        return self.settings.boolean_format[0 if value else 1]
