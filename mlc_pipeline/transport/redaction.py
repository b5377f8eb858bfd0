"""Takes secrets out of text before anybody reads it: log records, exception texts, run metadata.

Two nets: the exact secrets that this process holds (`known_secrets.add(...)`), and the shapes in which
secrets of Zoho, Expensify, databases and the vault appear. Better a word too many than one too few.
"""

import json
import logging
import re
import traceback
from urllib.parse import quote, quote_plus

MARK = "[redacted]"

_SENSITIVE_KEY = (
    r"(?:access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|partner[_-]?user[_-]?secret"
    r"|grant[_-]?code|api[_-]?key|private[_-]?key|vault[_-]?key|password|passwd|secret)"
)
_COLON = r"\s*[:=,]\s*b?"
_ENCODED_QUOTE = r"%(?:25)*2[27]"
_ENCODED_COLON = r"(?:%(?:25)*20|\+)*%(?:25)*(?:3A|2C)(?:%(?:25)*20|\+)*"

# Tried in this order; each keeps the part before the secret (group 1) so that the line stays readable.
_SHAPES: tuple[re.Pattern[str], ...] = (
    # postgresql://user:password@host, https://token@host; a port is not a password.
    re.compile(r"(\b[a-z][a-z0-9+.\-]{0,30}://)[^\s/?#@:\"'<>]*(?::(?!\d{1,5}[/?#])[^\s\"'<>]*)?@", re.IGNORECASE),
    # Authorization: ...  in a header block, a dict, a list of pairs.
    re.compile(r"(authorization(?:[\"']\s*,\s*b?[\"']|[\"']?\s*[:=]\s*b?[\"']?))[^\"'\r\n]+", re.IGNORECASE),
    re.compile(r"((?:Zoho-oauthtoken|Bearer)(?:\s|%20|\+)+)[^\s\"',;]+", re.IGNORECASE),
    # "client_secret": "..."  in JSON, in JSON inside JSON, in Python's repr: up to the quote that opened it.
    re.compile(rf"({_SENSITIVE_KEY}\\*[\"']{_COLON}(\\*[\"'])).*?(?:(?<!\\)(?=\2)|\Z)", re.IGNORECASE | re.DOTALL),
    # The same, percent-encoded as in Expensify's form.
    re.compile(
        rf"({_SENSITIVE_KEY}(?:%(?:25)*5C)*{_ENCODED_QUOTE}{_ENCODED_COLON}((?:%(?:25)*5C)*{_ENCODED_QUOTE}))"
        r".*?(?:(?<!%5C)(?<!%255C)(?=\2|[\s&])|\Z)",
        re.IGNORECASE | re.DOTALL,
    ),
    # client_secret=...  in a query, a form, an environment listing; client_secret: ... in YAML.
    re.compile(rf"({_SENSITIVE_KEY}\s*(?:=|:|%(?:25)*3D)\s*[\"']?)[^\s&\"'#;,]+", re.IGNORECASE),
    # Zoho's tokens and grant codes: 1000.<hex>.<hex>
    re.compile(r"()1000\.[0-9A-Za-z_\-]{6,}\.[0-9A-Za-z_\-]{6,}"),
    # Fernet keys: 32 bytes in URL-safe base64.
    re.compile(r"()[A-Za-z0-9_\-]{43}(?:=|%(?:25)*3D)", re.IGNORECASE),
)


class Redactor:
    """The exact secrets that this process knows, and the shapes in which unknown ones are recognised."""

    shortest = 6

    def __init__(self) -> None:
        self._spellings: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Remember one secret; no spelling of it (plain, percent-encoded, JSON) survives `redact` then.

        Anything shorter than `shortest` characters is left out: it would blank ordinary words.
        """
        if len(secret) < self.shortest:
            return
        known = {*self._spellings, *_spellings(secret)}
        # Longest first, so that a secret inside another secret leaves no tail behind.
        self._spellings = tuple(sorted(known, key=len, reverse=True))

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        for spelling in self._spellings:
            text = text.replace(spelling, MARK)
        for shape in _SHAPES:
            text = shape.sub(lambda found: found.group(1) + MARK, text)
        return text


known_secrets = Redactor()


def redact(text: str) -> str:
    """`text` without the secrets this process knows and without anything that has the shape of a secret."""
    return known_secrets.redact(text)


def redact_exception(error: BaseException) -> str:
    """The traceback of `error`, its causes included, without secrets."""
    return redact("".join(traceback.format_exception(error)))


class RedactingFilter(logging.Filter):
    """A filter for handlers: the record passes, its message, exception and stack without secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always True."""
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = redact_exception(record.exc_info[1]).rstrip("\n")
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _spellings(secret: str) -> set[str]:
    """The ways one secret is written on the wire and in dumps."""
    json_text = json.dumps(secret)[1:-1]
    readable_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    plain = {secret, repr(secret)[1:-1], json_text, readable_json}
    encoded = {encode(text, safe="") for text in plain for encode in (quote, quote_plus) if _encodable(text)}
    return plain | encoded


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
