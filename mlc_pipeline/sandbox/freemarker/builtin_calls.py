"""The node for `x?name(...)`, with the built-ins that look at the expression itself and not only at its value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mlc_pipeline.sandbox.freemarker import dates, numbers
from mlc_pipeline.sandbox.freemarker.builtins import BUILTINS
from mlc_pipeline.sandbox.freemarker.errors import Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import (
    Expression,
    Name,
    evaluated_or_missing,
    located,
    needed,
    truth,
)
from mlc_pipeline.sandbox.freemarker.scope import Loop, Scope
from mlc_pipeline.sandbox.freemarker.values import Moment, Value, has_content, is_number, kind


@dataclass(frozen=True, slots=True)
class BuiltinCall:
    """`target?name` or `target?name(arguments)`."""

    target: Expression
    name: str
    arguments: tuple[Expression, ...]
    at: Place

    def __str__(self) -> str:
        return f"{self.target}?{self.name}"

    def evaluate(self, scope: Scope) -> Value:
        """What the built-in makes of its target."""
        try:
            return self._evaluated(scope)
        except Refusal as refusal:
            raise located(refusal, self, self.at) from refusal

    def _evaluated(self, scope: Scope) -> Value:
        if special := _SPECIAL.get(self.name):
            return special(self, scope)
        if loop_fact := _LOOP.get(self.name):
            return loop_fact(self._loop(scope))
        target = needed(self.target, scope)
        return BUILTINS[self.name].call(scope, target, [needed(argument, scope) for argument in self.arguments])

    def _loop(self, scope: Scope) -> Loop:
        loop = scope.loop_of(self.target.name) if isinstance(self.target, Name) else None
        if loop is None:
            raise TemplateFailure(f"?{self.name} needs the variable of a running <#list>", self.at)
        return loop


def known(name: str) -> bool:
    """Whether the sandbox has this built-in."""
    return name in BUILTINS or name in _SPECIAL or name in _LOOP


def takes_arguments(name: str) -> bool:
    """Whether brackets behind it hold its arguments."""
    return name in ("default", "then", "string") or (name in BUILTINS and bool(BUILTINS[name].arguments))


def _then(call: BuiltinCall, scope: Scope) -> Value:
    _expect(call, 2, 2)
    chosen = call.arguments[0] if truth(call.target, scope) else call.arguments[1]
    return needed(chosen, scope)


def _default(call: BuiltinCall, scope: Scope) -> Value:
    _expect(call, 1, 9)
    value = evaluated_or_missing(call.target, scope)
    for argument in call.arguments:
        value = argument.evaluate(scope) if value is None else value
    return value


def _if_exists(call: BuiltinCall, scope: Scope) -> Value:
    value = evaluated_or_missing(call.target, scope)
    return "" if value is None else value


def _string(call: BuiltinCall, scope: Scope) -> str:
    target = needed(call.target, scope)
    arguments = [str(needed(argument, scope)) for argument in call.arguments]
    if isinstance(target, bool):
        return _boolean_string(call, scope, target, arguments)
    _expect(call, 0, 1)
    if not arguments:
        return scope.text(target)
    if is_number(target):
        return numbers.decimal_format(target, arguments[0])
    if isinstance(target, Moment):
        return dates.format_moment(target, arguments[0])
    raise Refusal(f"{kind(target)} takes no format")


def _boolean_string(call: BuiltinCall, scope: Scope, target: bool, arguments: list[str]) -> str:
    if not arguments:
        return (scope.settings.boolean_format or ("true", "false"))[0 if target else 1]
    _expect(call, 2, 2)
    return arguments[0 if target else 1]


def _expect(call: BuiltinCall, fewest: int, most: int) -> None:
    if not fewest <= len(call.arguments) <= most:
        raise Refusal(f"It takes {fewest} to {most} arguments, not {len(call.arguments)}")


_SPECIAL: Final[dict[str, Callable[[BuiltinCall, Scope], Value]]] = {
    "has_content": lambda call, scope: has_content(evaluated_or_missing(call.target, scope)),
    "exists": lambda call, scope: evaluated_or_missing(call.target, scope) is not None,
    "if_exists": _if_exists,
    "default": _default,
    "then": _then,
    "string": _string,
}

_LOOP: Final[dict[str, Callable[[Loop], Value]]] = {
    "index": lambda loop: loop.index,
    "counter": lambda loop: loop.index + 1,
    "has_next": lambda loop: loop.has_next,
    "is_first": lambda loop: loop.index == 0,
    "is_last": lambda loop: not loop.has_next,
    "is_even_item": lambda loop: loop.index % 2 == 1,
    "is_odd_item": lambda loop: loop.index % 2 == 0,
    "item_parity": lambda loop: "odd" if loop.index % 2 == 0 else "even",
}
