"""Built-ins of sequences and hashes."""

from collections.abc import Mapping, Sequence
from typing import Final

from mlc_pipeline.sandbox.freemarker import operators
from mlc_pipeline.sandbox.freemarker.builtins.table import Builtin, collection, mapping, sequence
from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.scope import Scope
from mlc_pipeline.sandbox.freemarker.values import Kind, Value, from_model, kind


def _texts(scope: Scope, value: Value) -> list[str]:
    """The items of a sequence as they print; missing ones are left out, as `?join` does."""
    return [scope.text(from_model(item)) for item in sequence(scope, value) if item is not None]


def _join(target: list[str], separator: str, when_empty: str = "", ending: str = "") -> str:
    return separator.join(target) + ending if target else when_empty


def _sort(target: Sequence[Value]) -> list[Value]:
    return sorted(target, key=_sort_key)


def _sort_by(target: Sequence[Value], key: str) -> list[Value]:
    return sorted(target, key=lambda item: _sort_key(item[key]))


def _sort_key(value: Value) -> Value:
    if kind(value) not in (Kind.STRING, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE):
        raise Refusal(f"{kind(value)} cannot be sorted")
    return (value.casefold(), value.swapcase()) if isinstance(value, str) else value


def _same(left: Value, right: Value) -> bool:
    return kind(left) is kind(right) and operators.equal(left, right)


def _find(target: Sequence[Value], wanted: Value) -> int:
    return next((at for at, item in enumerate(target) if _same(from_model(item), wanted)), -1)


def _chunk(target: Sequence[Value], size: int) -> list[Sequence[Value]]:
    if size < 1:
        raise Refusal("A chunk has at least one item")
    return [target[at : at + size] for at in range(0, len(target), int(size))]


def _values(target: Mapping[str, Value]) -> list[Value]:
    return list(target.values())


TABLE: Final[dict[str, Builtin]] = {
    "size": Builtin(collection, len),
    "keys": Builtin(mapping, list),
    "values": Builtin(mapping, _values),
    "first": Builtin(sequence, lambda target: from_model(target[0]) if target else None),
    "last": Builtin(sequence, lambda target: from_model(target[-1]) if target else None),
    "reverse": Builtin(sequence, lambda target: list(reversed(target))),
    "join": Builtin(_texts, _join, (Kind.STRING, Kind.STRING, Kind.STRING), 1),
    "sort": Builtin(sequence, _sort),
    "sort_by": Builtin(sequence, _sort_by, (Kind.STRING,), 1),
    "seq_contains": Builtin(sequence, lambda target, wanted: _find(target, wanted) >= 0, (None,), 1),
    "seq_index_of": Builtin(sequence, _find, (None,), 1),
    "chunk": Builtin(sequence, _chunk, (Kind.NUMBER,), 1),
}
