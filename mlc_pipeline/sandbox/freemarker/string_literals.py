"""Reads the inside of a quoted string: escapes and `${...}`."""

import re

from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure
from mlc_pipeline.sandbox.freemarker.tokens import Source, Token, read_expression

_PART = re.compile(r"\$\{|\\x(?P<code>[0-9A-Fa-f]{1,4})|\\(?P<escape>.)|[^$\\]+|\$", re.DOTALL)
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b", "g": ">", "l": "<", "a": "&", '"': '"', "'": "'",
    "\\": "\\", "{": "{", "=": "=",
}  # fmt: skip

Embedded = tuple[list[Token], Place]


def string_parts(token: Token) -> list[str | Embedded]:
    """The literal parts, unescaped, and the tokens of the embedded expressions with where they end."""
    source = Source(token.value[1:-1], Place(token.at.line, token.at.column + 1))
    parts: list[str | Embedded] = []
    offset = 0
    while offset < len(source.text):
        match = _PART.match(source.text, offset)
        if match is None:
            raise TemplateFailure("A backslash ends this string", source.place(offset))
        offset = match.end()
        if match.group() == "${":
            tokens, _, offset = read_expression(source, offset, ("}",))
            parts.append((tokens, source.place(offset - 1)))
        else:
            parts.append(_literal(match, source))
    return parts


def _literal(match: re.Match[str], source: Source) -> str:
    if match["code"]:
        return chr(int(match["code"], 16))
    if match["escape"] is None:
        return match.group()
    if match["escape"] not in _ESCAPES:
        raise TemplateFailure(f"\\{match['escape']} is not an escape in a string", source.place(match.start()))
    return _ESCAPES[match["escape"]]
