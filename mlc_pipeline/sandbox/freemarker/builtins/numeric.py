"""Built-ins of numbers, and `?c`."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from mlc_pipeline.sandbox.freemarker import numbers
from mlc_pipeline.sandbox.freemarker.builtins.table import Builtin, anything, number
from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.values import Number, Value, is_number, kind


def _for_computers(target: Value) -> str:
    if isinstance(target, bool):
        return "true" if target else "false"
    if not is_number(target):
        raise Refusal(f"It needs a number or boolean, but this is {kind(target)}")
    return numbers.computer_format(target)


def _round(target: Number) -> int:
    """Half up towards positive infinity, as Java's Math.round."""
    return int((Decimal(target) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))


TABLE: Final[dict[str, Builtin]] = {
    "c": Builtin(anything, _for_computers),
    "abs": Builtin(number, abs),
    "int": Builtin(number, int),
    "long": Builtin(number, int),
    "round": Builtin(number, _round),
    "floor": Builtin(number, lambda target: int(Decimal(target).to_integral_value(ROUND_FLOOR))),
    "ceiling": Builtin(number, lambda target: int(Decimal(target).to_integral_value(ROUND_CEILING))),
}
