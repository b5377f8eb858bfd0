"""What an entry of the table of built-ins is, and what its target may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Kind, Nothing, Value, is_number, is_sequence, kind

Accepts = Callable[[Scope, Value], Value]


@dataclass(frozen=True, slots=True)
class Builtin:
    """One built-in: how its target is taken, how many arguments it has, and what it does with them.

    `arguments` are the kinds of the arguments in order, None for any; those behind `needed` may be left out.
    """

    accepts: Accepts
    apply: Callable[..., Value]
    arguments: tuple[Kind | None, ...] = ()
    needed: int = 0

    def call(self, scope: Scope, target: Value, values: list[Value]) -> Value:
        """Apply it, after checking that the arguments fit."""
        if not self.needed <= len(values) <= len(self.arguments):
            raise Refusal(f"It takes {self.needed} to {len(self.arguments)} arguments, not {len(values)}")
        for wanted, value in zip(self.arguments, values, strict=False):
            if wanted is not None and kind(value) is not wanted:
                raise Refusal(f"An argument must be {wanted}, but it is {kind(value)}")
        return self.apply(self.accepts(scope, target), *values)


def anything(_: Scope, value: Value) -> Value:
    """A target of any type."""
    return value


def text(scope: Scope, value: Value) -> str:
    """A string, or what prints as one."""
    return scope.text(value)


def number(_: Scope, value: Value) -> Value:
    """A number."""
    return _only(value, fits=is_number(value), wanted="a number")


def sequence(_: Scope, value: Value) -> Value:
    """A sequence."""
    return [] if isinstance(value, Nothing) else _only(value, fits=is_sequence(value), wanted="a sequence")


def mapping(_: Scope, value: Value) -> Value:
    """A hash."""
    return {} if isinstance(value, Nothing) else _only(value, fits=isinstance(value, Mapping), wanted="a hash")


def collection(_: Scope, value: Value) -> Value:
    """A sequence or a hash."""
    fits = is_sequence(value) or isinstance(value, Mapping | Nothing)
    return _only(value, fits=fits, wanted="a sequence or hash")


def _only(value: Value, *, fits: bool, wanted: str) -> Value:
    if not fits:
        raise Refusal(f"It needs {wanted}, but this is {kind(value)}")
    return value
