"""Sets values in the text of a YAML file: every comment, blank and order of what was there stays as it is.

Only the places that change are cut open; nothing is read and written anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Union

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mlc_pipeline.config.problems import KeyPath

Wanted = dict[str | int, Union[str, "Wanted"]]
"""Values by key, nested as in the file; places in a list are numbers counted from 0."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_INDENT = "  "


class NotEditable(Exception):
    """A value stands where a section would have to be; the text says what and where."""


class _Splice(NamedTuple):
    start: int
    end: int
    text: str


def wanted(values: Mapping[KeyPath, str]) -> Wanted:
    """The values by their paths as one nested mapping."""
    tree: Wanted = {}
    for path, value in values.items():
        branch = tree
        for part in path[:-1]:
            below = branch.setdefault(part, {})
            if isinstance(below, str):
                raise NotEditable(f"{part} cannot be both a value and a section.")
            branch = below
        branch[path[-1]] = value
    return tree


def edited(text: str, changes: Wanted) -> str:
    """The text with the values set, sections that are missing added.

    Raises:
        NotEditable: something else stands where a value or a section belongs.
        yaml.YAMLError: the text is no YAML.
    """
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if root is None:
        raise NotEditable("The file is empty.")
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces, at = [], 0
    for splice in sorted(_Editor(text, newline).section(root, changes), key=lambda one: one.start):
        pieces += [text[at : splice.start], splice.text]
        at = splice.end
    return "".join([*pieces, text[at:]])


class _Editor:
    """Finds the places to cut; of splices at the same place the inner one comes first."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline

    def section(self, node: Node, changes: Wanted) -> Iterator[_Splice]:
        if isinstance(node, SequenceNode) and all(isinstance(place, int) for place in changes):
            for place, change in changes.items():
                yield from self.value(node.value[int(place)], change)
        elif isinstance(node, MappingNode):
            known = {str(key.value): (key, value) for key, value in node.value}
            for name, change in changes.items():
                if str(name) in known:
                    key, value = known[str(name)]
                    yield from self._under(key, value, change, in_flow=bool(node.flow_style))
            missing = {name: change for name, change in changes.items() if str(name) not in known}
            if missing:
                yield self._added(node, missing)
        else:
            raise NotEditable(
                f"Line {node.start_mark.line + 1} holds a value where a section with keys is needed."
            )

    def value(self, node: Node, change: str | Wanted) -> Iterator[_Splice]:
        if isinstance(change, dict):
            yield from self.section(node, change)
        elif isinstance(node, ScalarNode):
            start, end = node.start_mark.index, node.end_mark.index
            blank = " " if start == end and self._text[start - 1 : start] == ":" else ""
            yield _Splice(start, end, blank + _quoted(change))
        else:
            raise NotEditable(f"Line {node.start_mark.line + 1} holds a section where a value is needed.")

    def _under(self, key: Node, node: Node, change: str | Wanted, *, in_flow: bool) -> Iterator[_Splice]:
        if not isinstance(change, dict) or not _is_empty(node):
            yield from self.value(node, change)
            return
        start, end = node.start_mark.index, node.end_mark.index
        if in_flow:
            blank = " " if start == end else ""
            yield _Splice(start, end, blank + _flow(change))
            return
        line_end = self._line_end(end)
        # A comment beside an empty section stays in its column.
        beside = self._text[end:line_end].strip()
        before = start if beside else len(self._text[:start].rstrip(" "))
        yield _Splice(before, end, " " * (end - before) if beside else "")
        yield self._lines(line_end, change, " " * key.start_mark.column + _INDENT)

    def _added(self, node: MappingNode, changes: Wanted) -> _Splice:
        if not node.value:
            at = node.start_mark.index + 1
            return _Splice(at, at, _flow(changes)[1:-1])
        if node.flow_style:
            at = _end(node.value[-1][1])
            return _Splice(at, at, f", {_flow(changes)[1:-1]}")
        indent = " " * node.value[0][0].start_mark.column
        return self._lines(self._line_end(self._last_character(node)), changes, indent)

    def _lines(self, at: int, changes: Wanted, indent: str) -> _Splice:
        return _Splice(at, at, "".join(self._newline + line for line in block(changes, indent)))

    def _last_character(self, node: Node) -> int:
        """Where a value ends; a block scalar's own mark stands behind the lines that follow it."""
        return len(self._text[: _end(node)].rstrip())

    def _line_end(self, at: int) -> int:
        found = re.compile(r"\r?\n").search(self._text, at)
        return found.start() if found else len(self._text)


def _is_empty(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return node.style is None and node.value in _NOTHING
    return isinstance(node, MappingNode) and not node.value


def _end(node: Node) -> int:
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def block(changes: Wanted, indent: str) -> Iterator[str]:
    """The lines of YAML that say these values."""
    for name, change in changes.items():
        if isinstance(change, str):
            yield f"{indent}{_key(name)}: {_quoted(change)}"
        else:
            yield f"{indent}{_key(name)}:"
            yield from block(change, indent + _INDENT)


def _flow(changes: Wanted) -> str:
    entries = (
        f"{_quoted(str(name))}: {_quoted(change) if isinstance(change, str) else _flow(change)}"
        for name, change in changes.items()
    )
    return f"{{{', '.join(entries)}}}"


def _key(name: str | int) -> str:
    """Plain where every reader of YAML takes it for the same text."""
    text = str(name)
    return text if re.fullmatch(r"[a-z_]+", text) and yaml.safe_load(text) == text else _quoted(text)


def _quoted(text: str) -> str:
    """In double quotes, where nothing has a meaning of its own; what does not print is escaped."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in written)
