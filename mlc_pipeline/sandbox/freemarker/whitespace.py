"""White-space stripping: lines that hold only tags and comments print nothing, and `<#t>` and its kin trim.

Done line by line on the pieces, before they are put together; see FreeMarker's manual, "White-space handling".
Where a whole block stands on one line, the engine may keep or drop an indentation that this does not; JSON does
not mind.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from mlc_pipeline.sandbox.freemarker.lexer import Comment, Interpolation, Piece, Tag, Text

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_TRIMS = {"#t": "left right", "#lt": "left", "#rt": "right", "#nt": "none"}


@dataclass(slots=True)
class _Line:
    """What one line of the template holds."""

    tags: int = 0
    prints: bool = False
    trims: set[str] = field(default_factory=set)

    def is_stripped(self) -> bool:
        return self.tags > 0 and not self.prints and not self.trims


def strip(pieces: list[Piece]) -> list[Piece]:
    """The pieces with the white-space gone that FreeMarker would not print."""
    lines = _lines(pieces)
    for piece in pieces:
        if isinstance(piece, Text):
            piece.text = "".join(
                _kept(fragment, lines[piece.at.line + number], starts_line=number > 0 or piece.at.column == 1)
                for number, fragment in enumerate(_LINE.findall(piece.text))
            )
    return [piece for piece in pieces if not (isinstance(piece, Text) and not piece.text)]


def _lines(pieces: list[Piece]) -> dict[int, _Line]:
    lines: dict[int, _Line] = defaultdict(_Line)
    for piece in pieces:
        if isinstance(piece, Text):
            for number, fragment in enumerate(_LINE.findall(piece.text)):
                lines[piece.at.line + number].prints |= not fragment.isspace()
            continue
        for number in range(piece.at.line, piece.end_line + 1):
            _note(piece, lines[number])
    return lines


def _note(piece: Interpolation | Tag | Comment, line: _Line) -> None:
    if isinstance(piece, Interpolation):
        line.prints = True
        return
    line.tags += 1
    if isinstance(piece, Tag) and piece.name in _TRIMS:
        line.trims.update(_TRIMS[piece.name].split())


def _kept(fragment: str, line: _Line, *, starts_line: bool) -> str:
    if line.is_stripped() and fragment.isspace():
        return ""
    ends_line = fragment.endswith(("\r", "\n"))
    if "left" in line.trims and starts_line:
        fragment = fragment.lstrip(" \t")
    if "right" in line.trims and ends_line:
        fragment = fragment.rstrip()
    return fragment
