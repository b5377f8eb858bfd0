"""Text of other people on its way to Zoho Books and into our own sentences: one line, printable, not too long."""

from __future__ import annotations

import re

# C0 and C1 controls that are no white space, what turns the direction of the text around it, lone surrogates and
# non-characters: refused by XML, PostgreSQL or UTF-8, or unreadable. Joiners and marks, which scripts need, stay.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

PLAIN_LINE = r"^([\x21-\x7e]+( [\x21-\x7e]+)*)?$"
"""A pattern of many texts that `one_line` leaves as they are."""


def one_line(text: str) -> str:
    """`text` in every script, without control characters; white space and line breaks become one blank."""
    return " ".join(_UNPRINTABLE.sub("", text).split())


def shortened(text: str, longest: int) -> str:
    """`text`, cut with an ellipsis where it is longer than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
