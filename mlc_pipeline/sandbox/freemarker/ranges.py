"""Ranges (`1..5`, `1..<5`, `1..*5`, `1..`) and what they cut out of strings and sequences."""

from dataclasses import dataclass

from mlc_pipeline.sandbox.freemarker import utf16
from mlc_pipeline.sandbox.freemarker.errors import Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import Expression, located, needed
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Value, is_number, is_sequence, kind


@dataclass(frozen=True, slots=True)
class Range:
    """`start..end`; `operator` is `..`, `..<`, `..!` or `..*`; without an end it runs on."""

    start: Expression
    operator: str
    end: Expression | None
    at: Place

    def __str__(self) -> str:
        return f"{self.start}{self.operator}{self.end or ''}"

    def evaluate(self, scope: Scope) -> Value:
        """The numbers of the range."""
        start = self._whole(self.start, scope)
        if self.end is None:
            raise TemplateFailure(f"{self} has no end, so it can only cut a part out of something", self.at)
        return self.numbers(start, self._whole(self.end, scope))

    def numbers(self, start: int, end: int) -> list[int]:
        """The numbers between two ends; counts down when the end is smaller."""
        if self.operator == "..*":
            return list(range(start, start + end, 1 if end >= 0 else -1))
        step = 1 if end >= start else -1
        return list(range(start, end + (step if self.operator == ".." else 0), step))

    def bounds(self, scope: Scope, size: int) -> list[int]:
        """The places it means in something of this size."""
        start = self._whole(self.start, scope)
        if self.end is None:
            return list(range(start, size))
        places = self.numbers(start, self._whole(self.end, scope))
        return [place for place in places if place < size] if self.operator == "..*" else places

    def _whole(self, node: Expression, scope: Scope) -> int:
        value = needed(node, scope)
        if not is_number(value) or value != int(value):
            raise TemplateFailure(f"{node} must be a whole number, but it is {kind(value)}", node.at)
        return int(value)


@dataclass(frozen=True, slots=True)
class Slice:
    """`target[1..3]`."""

    target: Expression
    range: Range
    at: Place

    def __str__(self) -> str:
        return f"{self.target}[{self.range}]"

    def evaluate(self, scope: Scope) -> Value:
        """The part of a string or sequence."""
        target = needed(self.target, scope)
        if isinstance(target, str):
            return self._text(target, self.range.bounds(scope, utf16.length(target)))
        if is_sequence(target):
            return self._items(target, self.range.bounds(scope, len(target)))
        raise TemplateFailure(f"{self.target} is {kind(target)}; only strings and sequences can be cut", self.at)

    def _text(self, text: str, places: list[int]) -> str:
        if not places:
            return ""
        try:
            return utf16.substring(text, places[0], places[-1] + 1)
        except Refusal as refusal:
            raise located(refusal, self, self.at) from refusal

    def _items(self, items: Value, places: list[int]) -> list[Value]:
        if any(not 0 <= place < len(items) for place in places):
            raise TemplateFailure(f"{self} reaches outside a sequence of {len(items)} items", self.at)
        return [items[place] for place in places]
