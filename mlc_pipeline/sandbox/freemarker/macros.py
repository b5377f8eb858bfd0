"""Macros and functions: how they are defined, called, and return."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlc_pipeline.sandbox.freemarker.directives import Block
from mlc_pipeline.sandbox.freemarker.errors import Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import Expression, located, needed
from mlc_pipeline.sandbox.freemarker.scope import Frame, Loop, Scope
from mlc_pipeline.sandbox.freemarker.values import Value


class Return(Exception):
    """`<#return>` on its way to its macro or function."""

    def __init__(self, value: Value) -> None:
        self.value = value


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a macro or function; `rest` takes what is left over (`rest...`)."""

    defaults: Mapping[str, Expression | None]
    rest: str | None

    def bind(self, scope: Scope, named: dict[str, Value], surplus: Value) -> None:
        """Set the parameters as locals of the running frame, defaults from left to right."""
        variables = scope.frame.locals
        variables.update({name: value for name, value in named.items() if value is not None})
        if self.rest is not None:
            variables[self.rest] = surplus
        for name, default in self.defaults.items():
            if name not in variables:
                if default is None:
                    raise Refusal(f"Its parameter {name} has no value")
                variables[name] = needed(default, scope)

    def by_position(self, values: list[Value]) -> tuple[dict[str, Value], list[Value]]:
        """Values by parameter name, and those left over."""
        surplus = values[len(self.defaults) :]
        if surplus and self.rest is None:
            raise Refusal(f"It takes {len(self.defaults)} arguments, not {len(values)}")
        return dict(zip(self.defaults, values, strict=False)), surplus


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """`<#function>`: called in expressions; what it prints is dropped."""

    name: str
    parameters: Parameters
    body: Block

    def returned_value(self, scope: Scope, values: list[Value]) -> Value:
        """Call it; without a `<#return>` the value is missing."""
        named, surplus = self.parameters.by_position(values)
        with scope.captured(), scope.in_frame(Frame()):
            self.parameters.bind(scope, named, surplus)
            try:
                self.body.run(scope)
            except Return as result:
                return result.value
        return None


@dataclass(frozen=True, slots=True)
class Nesting:
    """The body of a macro call and the frame it was written in."""

    body: Block
    variables: tuple[str, ...]
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """`<#macro>`: called as `<@name ...>`."""

    name: str
    parameters: Parameters
    body: Block

    def call(self, scope: Scope, named: dict[str, Value], surplus: Value, nesting: Nesting | None) -> None:
        """Run it; its `<#nested>` runs `nesting`."""
        with scope.in_frame(Frame(nested=nesting)):
            self.parameters.bind(scope, named, surplus)
            try:
                self.body.run(scope)
            except Return:
                return


@dataclass(frozen=True, slots=True)
class Define:
    """The place of a definition; running it (again) sets the variable."""

    definition: Macro | Function

    def run(self, scope: Scope) -> None:
        """Set the variable."""
        scope.namespace[self.definition.name] = self.definition


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a macro call passes, by position or by name, and the variables of its body."""

    positional: tuple[Expression, ...]
    named: Mapping[str, Expression]
    body_variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MacroCall:
    """`<@target a=1 b=2>`, `<@target 1 2>`, with or without a body."""

    target: Expression
    arguments: Arguments
    body: Block | None
    at: Place

    def run(self, scope: Scope) -> None:
        """Call the macro."""
        macro = needed(self.target, scope)
        if not isinstance(macro, Macro):
            raise TemplateFailure(f"{self.target} is no macro, so <@{self.target}> cannot call it", self.at)
        nesting = Nesting(self.body, self.arguments.body_variables, scope.frame) if self.body else None
        try:
            macro.call(scope, *self._arguments(macro, scope), nesting)
        except Refusal as refusal:
            raise located(refusal, f"<@{self.target}>", self.at) from refusal

    def _arguments(self, macro: Macro, scope: Scope) -> tuple[dict[str, Value], Value]:
        if self.arguments.positional:
            return macro.parameters.by_position([value.evaluate(scope) for value in self.arguments.positional])
        values = {name: value.evaluate(scope) for name, value in self.arguments.named.items()}
        surplus = {name: value for name, value in values.items() if name not in macro.parameters.defaults}
        if surplus and macro.parameters.rest is None:
            raise Refusal(f"It has no parameter {', '.join(surplus)}")
        return {name: value for name, value in values.items() if name not in surplus}, surplus


@dataclass(frozen=True, slots=True)
class Nested:
    """`<#nested a, b>`: runs the body of the macro's call, in the caller's frame."""

    values: tuple[Expression, ...] = field(default=())

    def run(self, scope: Scope) -> None:
        """Run the body, if the call has one."""
        nesting = scope.frame.nested
        if nesting is None:
            return
        values = dict(zip(nesting.variables, (value.evaluate(scope) for value in self.values), strict=False))
        with scope.in_frame(nesting.frame):
            nesting.frame.loops.append(Loop("", values, 0, has_next=False))
            try:
                nesting.body.run(scope)
            finally:
                nesting.frame.loops.pop()


@dataclass(frozen=True, slots=True)
class ReturnStatement:
    """`<#return>` or `<#return value>`."""

    value: Expression | None

    def run(self, scope: Scope) -> None:
        """Leave the macro or function."""
        raise Return(None if self.value is None else self.value.evaluate(scope))
