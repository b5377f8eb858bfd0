"""Drops what a block need not print: comments, and white-space between nodes that print nothing."""

from collections.abc import Sequence

from mlc_pipeline.sandbox.freemarker import directives as d
from mlc_pipeline.sandbox.freemarker.assignments import Assign, Assignments, Capture, Setting
from mlc_pipeline.sandbox.freemarker.lexer import Comment
from mlc_pipeline.sandbox.freemarker.macros import Define

_SILENT = (Define, Assign, Assignments, Capture, Setting, Comment)


def tidied(elements: Sequence[d.Element | Comment], *, at_top: bool) -> d.Block:
    """Without comments, and without white-space that stands only between silent nodes."""
    kept = [
        element
        for at, element in enumerate(elements)
        if not isinstance(element, Comment) and not _is_idle_space(elements, at, at_top=at_top)
    ]
    return d.Block(tuple(element for element in kept if not isinstance(element, Comment)))


def _is_idle_space(elements: Sequence[d.Element | Comment], at: int, *, at_top: bool) -> bool:
    element = elements[at]
    if not isinstance(element, d.Print) or element.text.strip():
        return False
    before = elements[at - 1] if at > 0 else None
    after = elements[at + 1] if at + 1 < len(elements) else None
    return all(at_top if side is None else _is_silent(side) for side in (before, after))


def _is_silent(element: d.Element | Comment) -> bool:
    return isinstance(element, _SILENT)
