"""Built-ins of strings."""

import re
from collections.abc import Callable
from typing import Final

from mlc_pipeline.sandbox.freemarker import dates, escapes, numbers, utf16
from mlc_pipeline.sandbox.freemarker.builtins.table import Builtin, anything, text
from mlc_pipeline.sandbox.freemarker.errors import Refusal
from mlc_pipeline.sandbox.freemarker.values import Kind, Moment, Number, Value, is_number

_JAVA_SPACE: Final = "".join(map(chr, range(0x21)))  # what Java's String.trim takes away
_S, _N = Kind.STRING, Kind.NUMBER


def _replace(target: str, old: str, new: str, flags: str = "") -> str:
    count = 1 if "f" in flags else 0
    ignore_case = re.IGNORECASE if "i" in flags else re.NOFLAG
    if set(flags) - set("fir"):
        raise Refusal(f"The sandbox does not know the flags {flags!r} of ?replace")
    if "r" in flags:
        return re.sub(old, lambda match: _expanded(match, new), target, count=count, flags=ignore_case)
    return re.sub(re.escape(old), lambda _: new, target, count=count, flags=ignore_case)


def _expanded(match: re.Match[str], new: str) -> str:
    """The replacement with Java's `$1` and `\\$` resolved."""
    return re.sub(r"\\(.)|\$(\d)", lambda part: part[1] or match[int(part[2])] or "", new)


def _split(target: str, separator: str, flags: str = "") -> list[str]:
    if flags or not separator:
        raise Refusal("The sandbox knows ?split with a plain separator only")
    return target.split(separator)


def _substring(target: str, start: Number, end: Number | None = None) -> str:
    return utf16.substring(target, int(start), utf16.length(target) if end is None else int(end))


def _index_of(target: str, part: str, start: Number = 0) -> int:
    return utf16.index_of(target, part, int(start))


def _last_index_of(target: str, part: str, start: Number | None = None) -> int:
    return utf16.last_index_of(target, part, utf16.length(target) if start is None else int(start))


def _capitalize(target: str) -> str:
    return re.sub(r"\S+", lambda word: word[0][:1].upper() + word[0][1:].lower(), target)


def _first_letter(change: Callable[[str], str]) -> Callable[[str], str]:
    def changed(target: str) -> str:
        start = len(target) - len(target.lstrip())
        return target[:start] + change(target[start : start + 1]) + target[start + 1 :]

    return changed


def _pad(target: str, width: Number, filling: str) -> str:
    missing = max(0, int(width) - utf16.length(target))
    return (filling * missing)[:missing]


def _left_pad(target: str, width: Number, filling: str = " ") -> str:
    return _pad(target, width, filling) + target


def _right_pad(target: str, width: Number, filling: str = " ") -> str:
    return target + _pad(target, width, filling)


def _number(target: Value) -> Number:
    return target if is_number(target) else numbers.parse(_string_only(target))


def _boolean(target: str) -> bool:
    if target not in ("true", "false"):
        raise Refusal(f"{target!r} is neither true nor false")
    return target == "true"


def _moment(part: str) -> Callable[..., Moment]:
    def converted(target: Value, pattern: str | None = None) -> Moment:
        if isinstance(target, Moment):
            return Moment(target.when, part)
        if pattern is None:
            raise Refusal(f"The sandbox needs a format here, such as ?{part}('yyyy-MM-dd')")
        return dates.parse(_string_only(target), pattern, part)

    return converted


def _string_only(target: Value) -> str:
    if not isinstance(target, str):
        raise Refusal("It needs a string")
    return target


TABLE: Final[dict[str, Builtin]] = {
    "length": Builtin(text, utf16.length),
    "trim": Builtin(text, lambda target: target.strip(_JAVA_SPACE)),
    "lower_case": Builtin(text, str.lower),
    "upper_case": Builtin(text, str.upper),
    "cap_first": Builtin(text, _first_letter(str.upper)),
    "uncap_first": Builtin(text, _first_letter(str.lower)),
    "capitalize": Builtin(text, _capitalize),
    "html": Builtin(text, escapes.html),
    "xhtml": Builtin(text, escapes.html),
    "xml": Builtin(text, escapes.xml),
    "json_string": Builtin(text, escapes.json_string),
    "js_string": Builtin(text, escapes.js_string),
    "j_string": Builtin(text, escapes.j_string),
    "replace": Builtin(text, _replace, (_S, _S, _S), 2),
    "split": Builtin(text, _split, (_S, _S), 1),
    "contains": Builtin(text, lambda target, part: part in target, (_S,), 1),
    "starts_with": Builtin(text, str.startswith, (_S,), 1),
    "ends_with": Builtin(text, str.endswith, (_S,), 1),
    "index_of": Builtin(text, _index_of, (_S, _N), 1),
    "last_index_of": Builtin(text, _last_index_of, (_S, _N), 1),
    "substring": Builtin(text, _substring, (_N, _N), 1),
    "left_pad": Builtin(text, _left_pad, (_N, _S), 1),
    "right_pad": Builtin(text, _right_pad, (_N, _S), 1),
    "remove_beginning": Builtin(text, str.removeprefix, (_S,), 1),
    "remove_ending": Builtin(text, str.removesuffix, (_S,), 1),
    "word_list": Builtin(text, str.split),
    "boolean": Builtin(text, _boolean),
    "number": Builtin(anything, _number),
    "date": Builtin(anything, _moment("date"), (_S,), 0),
    "time": Builtin(anything, _moment("time"), (_S,), 0),
    "datetime": Builtin(anything, _moment("datetime"), (_S,), 0),
}
