"""The escaping built-ins, character by character as FreeMarker 2.3.31 does them."""

import re

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
_NEEDS_NO_ESCAPE = re.compile(r"[ A-Za-z0-9_.,:;@+*=-]*")  # most strings by far
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def html(text: str) -> str:
    """`?html`."""
    return text.translate(_HTML)


def xml(text: str) -> str:
    """`?xml`."""
    return text.translate(_XML)


def json_string(text: str) -> str:
    """`?json_string`: also safe inside a `<script>` element, hence the escaped `</`, `<!`, `]]>` and `-->`."""
    if _NEEDS_NO_ESCAPE.fullmatch(text):
        return text
    return "".join(_json_character(text, at) for at in range(len(text)))


def js_string(text: str) -> str:
    """`?js_string`."""
    return "".join(_js_character(text, at) for at in range(len(text)))


def j_string(text: str) -> str:
    """`?j_string`: a Java string literal's content."""
    return "".join(_java_character(character) for character in text)


def _json_character(text: str, at: int) -> str:
    character = text[at]
    if character in _SHORT:
        return _SHORT[character]
    if character in '"\\' or (character == "/" and _slash_may_close_an_element(text, at)):
        return "\\" + character
    return f"\\u{ord(character):04X}" if _is_dangerous(text, at) else character


def _js_character(text: str, at: int) -> str:
    character = text[at]
    if character == "'" or (character == ">" and _is_dangerous(text, at)):
        return "\\" + character
    escaped = _json_character(text, at)
    return f"\\x{escaped[4:]}" if escaped.startswith("\\u00") else escaped


def _java_character(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character in '"\\':
        return "\\" + character
    return f"\\u{ord(character):04x}" if character < " " else character


def _slash_may_close_an_element(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "<"


def _is_dangerous(text: str, at: int) -> bool:
    character = text[at]
    if character == "<":
        return at == len(text) - 1 or text[at + 1] in "!?"
    if character == ">":
        before = text[max(0, at - 2) : at]
        return before in ("", "]", "-", "]]", "--")
    return character < " " or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
