"""Reads the YAML file as text with line numbers: every scalar stays exactly what was typed.

An unquoted policy id such as 0123 or 1e5 is therefore never taken for a number. Aliases and type tags, which
a configuration of this kind does not need, are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mlc_pipeline.config.problems import Finding, KeyPath

Value = str | None | list["Value"] | dict[str, "Value"]

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class UnreadableDocument(Exception):
    """The file is no YAML document that can be looked into; `line` is 0 where no line can be named."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(slots=True)
class Document:
    """The values of a file, the line of each of its keys, and what was wrong with single keys."""

    values: Value = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int:
        """The line of the key, or of the nearest key around it when the key itself is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(path: Path) -> Document:
    """Reads the file; raises UnreadableDocument when nothing in it can be trusted."""
    text = _read_text(path)
    try:
        root = yaml.compose(text, Loader=_TextLoader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise UnreadableDocument(line, "This line holds a control character; remove it.") from error
    except yaml.MarkedYAMLError as error:
        raise UnreadableDocument(_line(error.problem_mark), _sentence(error)) from error
    document = Document()
    if root is not None:
        document.values = _take(root, (), document)
    return document


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableDocument(
            0, "There is no configuration file here; `mlc init` writes one to fill in."
        ) from error
    except OSError as error:
        raise UnreadableDocument(0, f"The file cannot be read: {error.strerror}.") from error
    if len(content) > _MAX_BYTES:
        raise UnreadableDocument(0, "The file is larger than 1 MB; this is no configuration of mlc.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableDocument(line, "This is not UTF-8 text; save the file with UTF-8 encoding.") from error


class _TextLoader(yaml.BaseLoader):
    """Composes nodes without guessing types, to a limited depth and without aliases."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableDocument(_line(event.start_mark), f"*{event.anchor} is an alias; write it out.")
        if self.depth == _MAX_DEPTH:
            raise UnreadableDocument(_line(event.start_mark), f"This is more than {_MAX_DEPTH} levels deep.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _sentence(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "something is out of place"
    if "'\\t'" in problem:
        return "A tab is used for indentation; YAML wants spaces."
    said = ", ".join(filter(None, (error.context, problem)))
    return (
        f"This is not valid YAML ({said}). "
        "Look at the indentation, colons and quotes of this line and of the one before it."
    )


class _Mark(Protocol):
    line: int


def _line(mark: _Mark | None) -> int:
    return mark.line + 1 if mark else 0


def _take(node: Node, path: KeyPath, document: Document) -> Value:
    document.lines.setdefault(path, _line(node.start_mark))
    if node.tag not in _PLAIN_TAGS:
        document.findings.append(Finding(path, f"carries the YAML tag {node.tag}; remove the tag."))
    if isinstance(node, MappingNode):
        return _take_mapping(node, path, document)
    if isinstance(node, SequenceNode):
        return [_take(item, (*path, index), document) for index, item in enumerate(node.value)]
    scalar = cast("ScalarNode", node)
    return None if scalar.style is None and scalar.value in _NOTHING else str(scalar.value)


def _take_mapping(node: MappingNode, path: KeyPath, document: Document) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, ScalarNode):
            document.findings.append(Finding(path, "A key here is no plain text; make it one.", line))
            continue
        key = str(key_node.value)
        at = (*path, key)
        if key in values:
            message = f"is already given in line {document.lines[at]}; keep one of the two."
            document.findings.append(Finding(at, message, line))
            continue
        document.lines[at] = line
        values[key] = _take(value_node, at, document)
    return values
