"""The words of an expression: names, literals and operators, each with its place."""

import re
from bisect import bisect_right
from typing import NamedTuple

from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure

NAME, NUMBER, STRING, RAW_STRING, OPERATOR = "name", "number", "string", "raw string", "operator"

_SPACE = re.compile(r"(?:\s|<#--.*?-->)+", re.DOTALL)
_NAME = re.compile(r"(?:[^\W\d]|[$@]|\\[-.:])(?:\w|[$@]|\\[-.:])*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STRING = re.compile(r"""r?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_RAW_STRING = re.compile(r"""r(?:"[^"]*"|'[^']*')""")
_OPERATORS = (
    "...", "..<", "..!", "..*", "..", "??", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
    "++", "--", "->", "(", ")", "[", "]", "{", "}", ".", ",", ":", ";", "?", "!", "=", "<", ">",
    "+", "-", "*", "/", "%", "&",
)  # fmt: skip


class Token(NamedTuple):
    """One word of an expression. `spaced` says that white-space stood before it."""

    kind: str
    value: str
    at: Place
    spaced: bool

    def is_operator(self, *values: str) -> bool:
        """Whether it is one of these operators."""
        return self.kind == OPERATOR and self.value in values

    def is_name(self, *values: str) -> bool:
        """Whether it is one of these bare words."""
        return self.kind == NAME and self.value in values


class Source:
    """A template's text, able to say which line and column an offset is."""

    def __init__(self, text: str, start: Place) -> None:
        self.text = text
        self._start = start
        self._line_starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", text))]

    def place(self, offset: int) -> Place:
        """The line and column of an offset."""
        line = bisect_right(self._line_starts, offset) - 1
        column = offset - self._line_starts[line] + 1
        if line == 0:
            return Place(self._start.line, self._start.column + column - 1)
        return Place(self._start.line + line, column)


def read_expression(source: Source, offset: int, closers: tuple[str, ...]) -> tuple[list[Token], str, int]:
    """Read tokens from `offset` until a closer that no bracket holds.

    In a tag (`closers` has `>`), a `>` outside round brackets ends the tag, as FreeMarker has it.
    Returns the tokens, the closer and the offset behind it.
    """
    tokens: list[Token] = []
    round_depth = curly_depth = 0
    start = offset
    while True:
        space = _SPACE.match(source.text, offset)
        spaced = space is not None
        offset = space.end() if space else offset
        closer = _closer_at(source.text, offset, closers)
        if closer is not None and round_depth == 0 and (closer != "}" or curly_depth == 0):
            return tokens, closer, offset + len(closer)
        token, offset = _token_at(source, offset, spaced, start)
        round_depth += {"(": 1, ")": -1}.get(token.value, 0) if token.kind == OPERATOR else 0
        curly_depth += {"{": 1, "}": -1}.get(token.value, 0) if token.kind == OPERATOR else 0
        tokens.append(token)


def _closer_at(text: str, offset: int, closers: tuple[str, ...]) -> str | None:
    return next((closer for closer in closers if text.startswith(closer, offset)), None)


def _token_at(source: Source, offset: int, spaced: bool, start: int) -> tuple[Token, int]:
    text = source.text
    if offset >= len(text):
        raise TemplateFailure("The template ends inside a tag or interpolation", source.place(start))
    at = source.place(offset)
    for kind, pattern in ((RAW_STRING, _RAW_STRING), (STRING, _STRING), (NUMBER, _NUMBER), (NAME, _NAME)):
        if match := pattern.match(text, offset):
            return Token(kind, match.group(), at, spaced), match.end()
    for operator in _OPERATORS:
        if text.startswith(operator, offset):
            return Token(OPERATOR, operator, at, spaced), offset + len(operator)
    raise TemplateFailure(f"{text[offset]!r} has no meaning in an expression", at)
