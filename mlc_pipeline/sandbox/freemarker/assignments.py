"""The nodes that set variables and settings; they print nothing themselves."""

from dataclasses import dataclass

from mlc_pipeline.sandbox.freemarker import operators
from mlc_pipeline.sandbox.freemarker.directives import Block
from mlc_pipeline.sandbox.freemarker.errors import Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import Expression, located, needed, printed
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Value


@dataclass(frozen=True, slots=True)
class Assign:
    """`<#assign x = ...>`, `<#local ...>` or `<#global ...>` of one variable."""

    layer: str
    name: str
    operator: str
    value: Expression
    at: Place

    def run(self, scope: Scope) -> None:
        """Set the variable; `+=` and the like first read it from the same layer."""
        value = needed(self.value, scope)
        variables = layer(scope, self.layer)
        if self.operator != "=":
            value = self._combined(scope, variables.get(self.name), value)
        variables[self.name] = value

    def _combined(self, scope: Scope, old: Value, value: Value) -> Value:
        if old is None:
            raise TemplateFailure(f"{self.name} has no value that {self.operator} could change", self.at)
        try:
            if self.operator == "+=":
                return operators.add(scope, old, value)
            return operators.calculate(self.operator[0], old, value)
        except Refusal as refusal:
            raise located(refusal, self.name, self.at) from refusal


@dataclass(frozen=True, slots=True)
class Assignments:
    """Several variables set by one tag."""

    assignments: tuple[Assign, ...]

    def run(self, scope: Scope) -> None:
        """Set them in order."""
        for assignment in self.assignments:
            assignment.run(scope)


@dataclass(frozen=True, slots=True)
class Capture:
    """`<#assign x>...</#assign>`: the output of the body becomes the value."""

    layer: str
    name: str
    body: Block

    def run(self, scope: Scope) -> None:
        """Run the body and keep what it printed."""
        with scope.captured() as output:
            self.body.run(scope)
        layer(scope, self.layer)[self.name] = "".join(output)


def layer(scope: Scope, directive: str) -> dict[str, Value]:
    """The variables that `#assign`, `#local` or `#global` write to."""
    return {"#assign": scope.namespace, "#local": scope.frame.locals, "#global": scope.globals}[directive]


@dataclass(frozen=True, slots=True)
class Setting:
    """`<#setting number_format="computer">` or `boolean_format="yes,no"`."""

    name: str
    value: Expression

    def run(self, scope: Scope) -> None:
        """Change the setting from here on."""
        value = printed(self.value, scope)
        if self.name == "number_format":
            scope.settings.number_format = value
            return
        yes, _, no = value.partition(",")
        scope.settings.boolean_format = (yes, no)
