"""The nodes of literals that hold other expressions: strings with `${...}`, sequences and hashes."""

from dataclasses import dataclass

from mlc_pipeline.sandbox.freemarker.errors import Place
from mlc_pipeline.sandbox.freemarker.expressions import Expression, needed, printed
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Value


@dataclass(frozen=True, slots=True)
class InterpolatedString:
    """A string literal with `${...}` in it."""

    parts: tuple[str | Expression, ...]
    at: Place

    def __str__(self) -> str:
        return "this string"

    def evaluate(self, scope: Scope) -> str:
        """The literal parts and the printed expressions, joined."""
        return "".join(part if isinstance(part, str) else printed(part, scope) for part in self.parts)


@dataclass(frozen=True, slots=True)
class SequenceLiteral:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    at: Place

    def __str__(self) -> str:
        return "[...]"

    def evaluate(self, scope: Scope) -> list[Value]:
        """The items; each must be there."""
        return [needed(item, scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class HashLiteral:
    """`{"a": 1}`."""

    pairs: tuple[tuple[Expression, Expression], ...]
    at: Place

    def __str__(self) -> str:
        return "{...}"

    def evaluate(self, scope: Scope) -> dict[str, Value]:
        """The pairs; each value must be there."""
        return {printed(key, scope): needed(value, scope) for key, value in self.pairs}
