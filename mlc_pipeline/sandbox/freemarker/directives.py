"""The nodes that print, decide and repeat."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mlc_pipeline.sandbox.freemarker import operators
from mlc_pipeline.sandbox.freemarker.errors import Place, Refusal, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import (
    Expression,
    located,
    needed,
    printed,
    truth,
)
from mlc_pipeline.sandbox.freemarker.scope import Loop, Scope
from mlc_pipeline.sandbox.freemarker.values import Nothing, Value, from_model, is_sequence, kind


class Element(Protocol):
    """A node of the template."""

    def run(self, scope: Scope) -> None:
        """Do what it says."""


class Break(Exception):
    """`<#break>` on its way to its `<#list>` or `<#switch>`."""


class Continue(Exception):
    """`<#continue>` on its way to its `<#list>`."""


@dataclass(frozen=True, slots=True)
class Block:
    """Nodes in a row."""

    elements: tuple[Element, ...]

    def run(self, scope: Scope) -> None:
        """Run them in order."""
        for element in self.elements:
            element.run(scope)


@dataclass(frozen=True, slots=True)
class Print:
    """Literal text."""

    text: str

    def run(self, scope: Scope) -> None:
        """Print it."""
        scope.write(self.text)


@dataclass(frozen=True, slots=True)
class Interpolate:
    """`${...}`."""

    expression: Expression

    def run(self, scope: Scope) -> None:
        """Print the value."""
        scope.write(printed(self.expression, scope))


@dataclass(frozen=True, slots=True)
class If:
    """`<#if>` with its `<#elseif>`s; an `<#else>` is a branch without a condition."""

    branches: tuple[tuple[Expression | None, Block], ...]

    def run(self, scope: Scope) -> None:
        """Run the first branch whose condition holds."""
        for condition, body in self.branches:
            if condition is None or truth(condition, scope):
                body.run(scope)
                return


@dataclass(frozen=True, slots=True)
class Switch:
    """`<#switch>`: runs from the first case that equals on, until a `<#break>`."""

    subject: Expression
    cases: tuple[tuple[Expression | None, Block], ...]
    at: Place

    def run(self, scope: Scope) -> None:
        """Run the cases that apply."""
        value = needed(self.subject, scope)
        start = next((at for at, (case, _) in enumerate(self.cases) if self._equals(case, value, scope)), None)
        if start is None:
            start = next((at for at, (case, _) in enumerate(self.cases) if case is None), len(self.cases))
        try:
            for _, body in self.cases[start:]:
                body.run(scope)
        except Break:
            return

    def _equals(self, case: Expression | None, value: Value, scope: Scope) -> bool:
        try:
            return case is not None and operators.equal(value, needed(case, scope))
        except Refusal as refusal:
            raise located(refusal, "<#switch>", self.at) from refusal


@dataclass(frozen=True, slots=True)
class List:
    """`<#list source as variables>`; without variables an `<#items>` inside repeats."""

    source: Expression
    variables: tuple[str, ...]
    body: Block
    otherwise: Block | None
    at: Place

    def run(self, scope: Scope) -> None:
        """Run the body once per item, or the `<#else>` part when there is none."""
        rows = self._rows(scope)
        if not rows and self.otherwise:
            self.otherwise.run(scope)
        elif self.variables:
            repeat(self.body, self.variables, rows, scope)
        elif rows:
            self._run_once(rows, scope)

    def _run_once(self, rows: Sequence[tuple[Value, ...]], scope: Scope) -> None:
        scope.frame.listed.append(rows)
        try:
            self.body.run(scope)
        except Break:
            return
        finally:
            scope.frame.listed.pop()

    def _rows(self, scope: Scope) -> list[tuple[Value, ...]]:
        value = needed(self.source, scope)
        if isinstance(value, Mapping) and len(self.variables) != 1:
            return [(key, from_model(item)) for key, item in value.items()]
        if is_sequence(value) and len(self.variables) != 2:
            return [(from_model(item),) for item in value]
        if isinstance(value, Nothing):
            return []
        raise TemplateFailure(f"{self.source} is {kind(value)}, which this <#list> cannot go through", self.at)


@dataclass(frozen=True, slots=True)
class Items:
    """`<#items as variables>`."""

    variables: tuple[str, ...]
    body: Block
    at: Place

    def run(self, scope: Scope) -> None:
        """Repeat the body for the items of the enclosing `<#list>`."""
        if not scope.frame.listed:
            raise TemplateFailure("<#items> must stand in a <#list> without `as`", self.at)
        repeat(self.body, self.variables, scope.frame.listed[-1], scope)


def repeat(body: Block, names: tuple[str, ...], rows: Sequence[tuple[Value, ...]], scope: Scope) -> None:
    """Run a body once per row, with its loop variables and their `_index` and `_has_next`."""
    for index, row in enumerate(rows):
        has_next = index + 1 < len(rows)
        values = dict(zip(names, row, strict=False))
        values |= {f"{names[0]}_index": index, f"{names[0]}_has_next": has_next}
        scope.frame.loops.append(Loop(names[0], values, index, has_next))
        try:
            body.run(scope)
        except Continue:
            continue
        except Break:
            return
        finally:
            scope.frame.loops.pop()


@dataclass(frozen=True, slots=True)
class Sep:
    """`<#sep>`: printed between items, not behind the last."""

    body: Block

    def run(self, scope: Scope) -> None:
        """Run the body if another item follows."""
        if scope.frame.loops and scope.frame.loops[-1].has_next:
            self.body.run(scope)


@dataclass(frozen=True, slots=True)
class Jump:
    """`<#break>` and `<#continue>`."""

    signal: type[Break] | type[Continue]

    def run(self, scope: Scope) -> None:
        """Leave the body."""
        raise self.signal


@dataclass(frozen=True, slots=True)
class Compress:
    """`<#compress>`: runs of white-space become one blank or line break."""

    body: Block

    def run(self, scope: Scope) -> None:
        """Print the body's output with its white-space pressed together."""
        with scope.captured() as output:
            self.body.run(scope)
        scope.write(re.sub(r"\s+", _pressed, "".join(output)).strip())


def _pressed(space: re.Match[str]) -> str:
    return "\n" if re.search(r"[\r\n]", space.group()) else " "


@dataclass(frozen=True, slots=True)
class Stop:
    """`<#stop "why">`."""

    reason: Expression
    at: Place

    def run(self, scope: Scope) -> None:
        """Fail the rendering."""
        raise TemplateFailure(f"The template stopped itself: {printed(self.reason, scope)}", self.at)
