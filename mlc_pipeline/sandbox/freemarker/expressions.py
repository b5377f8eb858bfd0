"""The nodes of an expression and what each evaluates to; None is FreeMarker's "missing"."""

from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mlc_pipeline.sandbox.freemarker import operators, utf16
from mlc_pipeline.sandbox.freemarker.errors import MissingValue, Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import (
    NOTHING,
    Nothing,
    Value,
    from_model,
    is_number,
    is_sequence,
    kind,
)


class Expression(Protocol):
    """A node; `str()` of it is about what the template's author wrote."""

    @property
    def at(self) -> Place:
        """Where it stands."""

    def evaluate(self, scope: Scope) -> Value:
        """Its value, None when missing."""


@runtime_checkable
class Callable(Protocol):
    """A value that can be called like a function."""

    def returned_value(self, scope: Scope, values: list[Value]) -> Value:
        """Call it."""


def needed(node: Expression, scope: Scope) -> Value:
    """The value of a node that must be there."""
    value = node.evaluate(scope)
    if value is None:
        raise MissingValue(f"{node} has no value; give it a default with ! or test it with ??", node.at)
    return value


def truth(node: Expression, scope: Scope) -> bool:
    """The value of a node that must be a boolean."""
    value = needed(node, scope)
    if not isinstance(value, bool):
        raise TemplateFailure(f"{node} must be true or false, but it is {kind(value)}", node.at)
    return value


def printed(node: Expression, scope: Scope) -> str:
    """The value of a node as `${...}` prints it."""
    value = needed(node, scope)
    try:
        return scope.text(value)
    except Refusal as refusal:
        raise located(refusal, node, node.at) from refusal


def located(refusal: Refusal, what: object, at: Place) -> TemplateFailure:
    """A refusal with its place in the template."""
    return TemplateFailure(f"{what}: {refusal}", at)


def evaluated_or_missing(node: Expression, scope: Scope) -> Value:
    """The value, or None; brackets around the node also catch what is missing inside it."""
    if not isinstance(node, Bracketed):
        return node.evaluate(scope)
    try:
        return node.evaluate(scope)
    except MissingValue:
        return None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, string or boolean as written."""

    value: Value
    at: Place

    def __str__(self) -> str:
        return repr(self.value)

    def evaluate(self, scope: Scope) -> Value:
        """Itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    at: Place

    def __str__(self) -> str:
        return self.name

    def evaluate(self, scope: Scope) -> Value:
        """What the name stands for now."""
        return scope.lookup(self.name)


@dataclass(frozen=True, slots=True)
class Bracketed:
    """`(...)`: matters to `!` and `??`, which then forgive anything missing inside."""

    inner: Expression
    at: Place

    def __str__(self) -> str:
        return f"({self.inner})"

    def evaluate(self, scope: Scope) -> Value:
        """What is inside."""
        return self.inner.evaluate(scope)


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name` or `target["name"]` of a hash."""

    target: Expression
    key: Expression
    at: Place

    def __str__(self) -> str:
        if isinstance(self.key, Literal) and isinstance(self.key.value, str):
            return f"{self.target}.{self.key.value}"
        return f"{self.target}[{self.key}]"

    def evaluate(self, scope: Scope) -> Value:
        """The entry of a hash, the item of a sequence or the character of a string."""
        target = needed(self.target, scope)
        key = needed(self.key, scope)
        if isinstance(target, Mapping) and isinstance(key, str):
            return from_model(target.get(key))
        if is_number(key) and is_sequence(target):
            return from_model(target[int(key)]) if 0 <= key < len(target) else None
        if is_number(key) and isinstance(target, str):
            return self._character(target, int(key))
        if isinstance(target, Nothing):
            return None
        raise TemplateFailure(f"{self.target} is {kind(target)}, so it has no {self.key}", self.at)

    def _character(self, text: str, index: int) -> str:
        try:
            return utf16.substring(text, index, index + 1)
        except Refusal as refusal:
            raise located(refusal, self, self.at) from refusal


@dataclass(frozen=True, slots=True)
class Call:
    """`target(a, b)`."""

    target: Expression
    arguments: tuple[Expression, ...]
    at: Place

    def __str__(self) -> str:
        return f"{self.target}(...)"

    def evaluate(self, scope: Scope) -> Value:
        """What the function or method returns."""
        target = needed(self.target, scope)
        if not isinstance(target, Callable):
            raise TemplateFailure(f"{self.target} is {kind(target)} and cannot be called like a function", self.at)
        try:
            return target.returned_value(scope, [argument.evaluate(scope) for argument in self.arguments])
        except Refusal as refusal:
            raise located(refusal, self, self.at) from refusal


@dataclass(frozen=True, slots=True)
class Default:
    """`left!right`, or `left!` alone, which stands for an empty string, sequence and hash in one."""

    left: Expression
    right: Expression | None
    at: Place

    def __str__(self) -> str:
        return f"{self.left}!{self.right or ''}"

    def evaluate(self, scope: Scope) -> Value:
        """The left value, or the right one when the left is missing."""
        value = evaluated_or_missing(self.left, scope)
        if value is not None:
            return value
        return NOTHING if self.right is None else self.right.evaluate(scope)


@dataclass(frozen=True, slots=True)
class Exists:
    """`x??`."""

    target: Expression
    at: Place

    def __str__(self) -> str:
        return f"{self.target}??"

    def evaluate(self, scope: Scope) -> bool:
        """Whether the value is there."""
        return evaluated_or_missing(self.target, scope) is not None


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x`, `-x` and `+x`."""

    operator: str
    target: Expression
    at: Place

    def __str__(self) -> str:
        return f"{self.operator}{self.target}"

    def evaluate(self, scope: Scope) -> Value:
        """The negated value."""
        if self.operator == "!":
            return not truth(self.target, scope)
        value = needed(self.target, scope)
        if not is_number(value):
            raise TemplateFailure(f"{self.operator!r} needs a number, but {self.target} is {kind(value)}", self.at)
        return -value if self.operator == "-" else value


@dataclass(frozen=True, slots=True)
class Logic:
    """`a && b` and `a || b`; the right side is only looked at when it matters."""

    operator: str
    left: Expression
    right: Expression
    at: Place

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"

    def evaluate(self, scope: Scope) -> bool:
        """The truth of both sides together."""
        if self.operator == "&&":
            return truth(self.left, scope) and truth(self.right, scope)
        return truth(self.left, scope) or truth(self.right, scope)


_BINARY: dict[str, abc.Callable[[Scope, Value, Value], Value]] = {
    "+": operators.add,
    "==": lambda _, left, right: operators.equal(left, right),
    "!=": lambda _, left, right: not operators.equal(left, right),
    "<": lambda _, left, right: operators.before(left, right),
    ">": lambda _, left, right: operators.before(right, left),
    "<=": lambda _, left, right: not operators.before(right, left),
    ">=": lambda _, left, right: not operators.before(left, right),
    "-": lambda _, left, right: operators.calculate("-", left, right),
    "*": lambda _, left, right: operators.calculate("*", left, right),
    "/": lambda _, left, right: operators.calculate("/", left, right),
    "%": lambda _, left, right: operators.calculate("%", left, right),
}


@dataclass(frozen=True, slots=True)
class Binary:
    """An arithmetic operator or a comparison; both sides must be there."""

    operator: str
    left: Expression
    right: Expression
    at: Place

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"

    def evaluate(self, scope: Scope) -> Value:
        """The result of the operator."""
        left, right = needed(self.left, scope), needed(self.right, scope)
        try:
            return _BINARY[self.operator](scope, left, right)
        except Refusal as refusal:
            raise located(refusal, self, self.at) from refusal
