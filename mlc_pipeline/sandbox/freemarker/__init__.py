"""A small FreeMarker: the part of the language that report templates need, so that they really are rendered.

Semantics are those of FreeMarker 2.3.31 with default settings and the en_US locale. What it does not know (a
directive, a built-in, a format) fails the template instead of being guessed.
"""

from collections.abc import Mapping
from typing import Any

from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure
from mlc_pipeline.sandbox.freemarker.parser import parse
from mlc_pipeline.sandbox.freemarker.scope import Scope

__all__ = ["TemplateFailure", "render"]


def render(template: str, model: Mapping[str, Any]) -> str:
    """Render a template over a data model of str, bool, int, Decimal, lists and mappings; None is a missing value.

    Raises `TemplateFailure`, which names the line and column, for whatever FreeMarker would refuse.
    """
    parsed = parse(template)
    scope = Scope(model)
    for definition in parsed.definitions:
        scope.namespace[definition.name] = definition
    try:
        parsed.body.run(scope)
    except RecursionError as problem:
        raise TemplateFailure("Functions or macros call each other without end", Place(1, 1)) from problem
    return scope.output()
