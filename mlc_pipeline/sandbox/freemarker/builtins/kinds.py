"""Built-ins that ask what a value is."""

from collections.abc import Callable, Mapping
from typing import Final

from mlc_pipeline.sandbox.freemarker.builtins.table import Builtin, anything
from mlc_pipeline.sandbox.freemarker.values import Kind, Nothing, Value, is_sequence, kind


def _is(*wanted: Kind) -> Callable[[Value], bool]:
    return lambda value: kind(value) in wanted


def _is_hash(value: Value) -> bool:
    return isinstance(value, Mapping | Nothing)


def _is_sequence(value: Value) -> bool:
    return is_sequence(value) or isinstance(value, Nothing)


TABLE: Final[dict[str, Builtin]] = {
    "is_string": Builtin(anything, _is(Kind.STRING)),
    "is_number": Builtin(anything, _is(Kind.NUMBER)),
    "is_boolean": Builtin(anything, _is(Kind.BOOLEAN)),
    "is_hash": Builtin(anything, _is_hash),
    "is_hash_ex": Builtin(anything, _is_hash),
    "is_sequence": Builtin(anything, _is_sequence),
    "is_indexable": Builtin(anything, _is_sequence),
    "is_enumerable": Builtin(anything, _is_sequence),
    "is_date": Builtin(anything, _is(Kind.DATE)),
    "is_date_like": Builtin(anything, _is(Kind.DATE)),
}
