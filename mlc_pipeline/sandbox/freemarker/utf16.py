"""Java counts a string in UTF-16 units, so an emoji has length 2; these helpers count the same way."""

from mlc_pipeline.sandbox.freemarker.errors import Refusal


def length(text: str) -> int:
    """`?length`."""
    return len(text) if text.isascii() else len(_units(text)) // 2


def substring(text: str, start: int, end: int) -> str:
    """The part from `start` up to `end`; may cut an emoji in two, as Java does."""
    if not 0 <= start <= end <= length(text):
        raise Refusal(f"The part from {start} to {end} lies outside a string of length {length(text)}")
    return _text(_units(text)[2 * start : 2 * end])


def index_of(text: str, part: str, start: int) -> int:
    """The first place of `part` at or behind `start`; -1 when there is none."""
    found = text.find(part, len(_text(_units(text)[: 2 * max(start, 0)])))
    return found if found < 0 else length(text[:found])


def last_index_of(text: str, part: str, start: int) -> int:
    """The last place of `part` at or before `start`; -1 when there is none."""
    found = text.rfind(part, 0, start + len(part)) if start >= 0 else -1
    return found if found < 0 else length(text[:found])


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _text(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")
