"""Text of other people: on its way to Zoho Books and into our own sentences, and where it is compared.

Shown, it is one line, printable and not too long. Compared, it is composed: what looks the same may come as one
character from one system and as a letter with a mark after it from another (Unicode's NFC and NFD).
"""

from __future__ import annotations

import re
import unicodedata

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


def exact_key(text: str) -> str:
    """A name as exact names are compared: composed, without blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


def name_key(text: str) -> str:
    """A name as names of people and things are compared: without case, and with one blank between words."""
    one_blank = " ".join(text.split())
    if one_blank.isascii():
        return one_blank.casefold()
    # Unicode's canonical caseless match: the case of some letters is folded only once their marks are apart.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", one_blank).casefold())
