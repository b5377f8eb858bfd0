"""What Zoho's OpenAPI files say of each operation we use, read from `zoho_operations.json`.

The file holds names, types, required marks, editions and scopes; a script of the contract checks extracts it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a body, or one query parameter.

    `only` and `excluded` name editions ("us", "in", "uk" ...); both empty means every edition has it.
    An object has `children`, an array has one `item`.
    """

    type: str
    required: bool = False
    only: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    children: dict[str, Property] = field(default_factory=dict)
    item: Property | None = None

    def is_in_edition(self, edition: str) -> bool:
        """Say whether an organization of this edition has the property."""
        marks = {edition, "gcc"} if edition == "uae" else {edition}  # one of the states of the GCC
        return not marks & self.excluded and (not self.only or bool(marks & self.only))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the Books API: where it is, what it takes, what it answers and who may call it."""

    name: str
    method: str
    path: str
    scope: str
    status: int
    query: Mapping[str, Property]
    files: tuple[str, ...]
    request: Property
    response: Property

    @property
    def takes_body(self) -> bool:
        """Say whether a JSON body belongs to the operation."""
        return bool(self.request.children)

    def path_values(self, path: str) -> dict[str, str] | None:
        """Return the path's parameters if `path` (below /books/v3) is this operation's, else None."""
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path)
        match = re.fullmatch(pattern, path)
        return match.groupdict() if match else None


@cache
def operations() -> Mapping[str, Operation]:
    """Return all known operations by their operationId."""
    text = resources.files(__package__).joinpath("zoho_operations.json").read_text(encoding="utf-8")
    return {name: _operation(name, facts) for name, facts in json.loads(text).items()}


def operation_for(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Find the operation of a method and a path below /books/v3, with the path's parameters."""
    for operation in _literal_paths_first():
        values = operation.path_values(path)
        if operation.method == method and values is not None:
            return operation, values
    return None


@cache
def _literal_paths_first() -> list[Operation]:
    return sorted(operations().values(), key=lambda operation: operation.path.count("{"))


def _operation(name: str, facts: dict[str, Any]) -> Operation:
    return Operation(
        name=name,
        method=facts["method"],
        path=facts["path"],
        scope=facts["scope"],
        status=facts["status"],
        query={key: _property(fact) for key, fact in facts.get("query", {}).items()},
        files=tuple(facts.get("files", ())),
        request=_tree(facts.get("request", {})),
        response=_tree(facts.get("response", {})),
    )


def _tree(facts: dict[str, str]) -> Property:
    """Build the tree from flat paths like `line_items[].tags[].tag_id`; a parent sorts before its children."""
    root = Property("object")
    for path, fact in sorted(facts.items()):
        found = _property(fact)
        parent_path, _, name = path.rpartition(".")
        if path.endswith("[]"):
            parent = _descend(root, path.removesuffix("[]"))
            object.__setattr__(parent, "item", found)
        else:
            _descend(root, parent_path).children[name] = found
    return root


def _descend(root: Property, path: str) -> Property:
    node = root
    for step in filter(None, path.split(".")):
        node = node.children[step.replace("[]", "")]
        for _ in range(step.count("[]")):
            assert node.item is not None, f"{path} is used as an array, but the facts do not say so"
            node = node.item
    return node


def _property(fact: str) -> Property:
    kind, *words = fact.split(" ")
    marks = dict(word.split(":", 1) for word in words if ":" in word)

    def names(mark: str) -> frozenset[str]:
        return frozenset(filter(None, marks.get(mark, "").split(",")))

    return Property(
        type=kind,
        required="required" in words,
        only=names("only"),
        excluded=names("not"),
        values=names("enum"),
    )
