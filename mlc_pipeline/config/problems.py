"""What is wrong with a configuration file, as values: collected, sorted by line and shown together."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Where a value stands: mapping keys as text, list positions as numbers counted from 0."""


class ConfigurationError(LookupError):
    """A connection that was asked for cannot be used; the text says why and which ones can."""


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """One mistake: where it is (`line` counts from 1; 0 where the whole file is meant) and how to mend it."""

    connection: str | None
    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at a key of the document, before it is known in which line and connection that key stands."""

    path: KeyPath
    message: str
    line: int | None = None
    """Only where the line is not the one in which the key is first seen."""


def spelled(path: KeyPath) -> str:
    """The path as people write it: `connections[1].mapping.categories["Meals & Co"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"\w+", part):
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` with the nearest known word, or nothing when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""


def listed(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
