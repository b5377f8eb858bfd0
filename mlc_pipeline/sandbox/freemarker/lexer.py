"""Cuts a template into its pieces: plain text, interpolations, tags and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure
from mlc_pipeline.sandbox.freemarker.tokens import Source, Token, read_expression

_OPENING = re.compile(r"<#--|\$\{|#\{|</?#[A-Za-z_]+|</?@[\w.$]*")


@dataclass(slots=True)
class Text:
    """Literal text; white-space stripping shortens it later."""

    text: str
    at: Place


@dataclass(slots=True)
class Interpolation:
    """`${...}`."""

    tokens: list[Token]
    at: Place
    end_line: int


@dataclass(slots=True)
class Tag:
    """`<#name ...>`, `</#name>`, `<@name ...>` or `</@name>`; `name` starts with `#` or `@`."""

    name: str
    at: Place
    end_line: int
    closes: bool = False
    is_empty: bool = False
    tokens: list[Token] = field(default_factory=list)


@dataclass(slots=True)
class Comment:
    """`<#-- ... -->`."""

    at: Place
    end_line: int


Piece = Text | Interpolation | Tag | Comment


def pieces(source: Source) -> Iterator[Piece]:
    """Cut a template into pieces, in order."""
    text, offset = source.text, 0
    while match := _OPENING.search(text, offset):
        if match.start() > offset:
            yield Text(text[offset : match.start()], source.place(offset))
        piece, offset = _piece_at(source, match)
        yield piece
        if isinstance(piece, Tag) and piece.name == "#noparse" and not piece.closes:
            inner, offset = _verbatim(source, offset, piece.at)
            yield inner
    if offset < len(text):
        yield Text(text[offset:], source.place(offset))


def _piece_at(source: Source, match: re.Match[str]) -> tuple[Piece, int]:
    opening, at = match.group(), source.place(match.start())
    if opening == "<#--":
        return _comment(source, match.end(), at)
    if opening == "#{":
        raise TemplateFailure("Numerical interpolation #{...} is not supported; write ${...}", at)
    if opening == "${":
        tokens, _, end = read_expression(source, match.end(), ("}",))
        return Interpolation(tokens, at, source.place(end).line), end
    closes = opening.startswith("</")
    name = opening[2:] if closes else opening[1:]
    tokens, closer, end = read_expression(source, match.end(), ("/>", ">"))
    if name == "#ftl":
        end = _after_line_break(source.text, end)
    return Tag(name, at, source.place(max(end - 1, 0)).line, closes, closer == "/>", tokens), end


def _comment(source: Source, start: int, at: Place) -> tuple[Comment, int]:
    end = source.text.find("-->", start)
    if end < 0:
        raise TemplateFailure("This comment is never closed", at)
    return Comment(at, source.place(end).line), end + len("-->")


def _verbatim(source: Source, start: int, at: Place) -> tuple[Text, int]:
    end = source.text.find("</#noparse>", start)
    if end < 0:
        raise TemplateFailure("<#noparse> is never closed", at)
    return Text(source.text[start:end], source.place(start)), end


def _after_line_break(text: str, offset: int) -> int:
    match = re.compile(r"[ \t]*(?:\r\n|\r|\n)").match(text, offset)
    return match.end() if match else offset
