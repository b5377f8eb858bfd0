"""Fetches receipts from the links that Expensify exports, without any credentials.

Whether a link opens without a browser session is told both ways, so that a login page, a refusal and a missing
file are ordinary answers here. Nothing but Expensify's own hosts is ever asked.
"""

from __future__ import annotations

import re
import time
from ipaddress import ip_address
from typing import Self

import httpx

from mlc_pipeline.expensify.patience import Patience
from mlc_pipeline.transport import errands
from mlc_pipeline.transport.redaction import redact

FETCHES = Patience(attempts=3, first_wait=0.5, longest_wait=2.0)
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_LONGEST_SECONDS = 120.0  # in all: a server may also drip
_MOST_REDIRECTS = 3
_OURS = re.compile(r"([a-z0-9-]+\.)*expensify\.com")


class NotFetched(Exception):
    """A receipt was not fetched; the text says why."""


class LinkClosed(NotFetched):
    """The link leads to no file for us: it wants a login, is gone, or is not Expensify's."""


class TooLarge(NotFetched):
    """The file is larger than wanted; the rest of it was not read."""


class ReceiptUnavailable(NotFetched):
    """Expensify was not reached or failed inside; trying later may help."""


class ReceiptLinks:
    """Fetches by link, safe between threads; usable as a context manager.

    `sandbox` links lead to this machine and nowhere else.
    """

    def __init__(self, *, sandbox: bool, most_bytes: int, patience: Patience = FETCHES) -> None:
        # trust_env is off because it would send what a .netrc holds for the host.
        self._http = httpx.Client(
            transport=httpx.HTTPTransport(),
            trust_env=False,
            timeout=_TIMEOUT,
            headers={"Accept-Encoding": "identity"},
        )
        self._sandbox = sandbox
        self._most_bytes = most_bytes
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def fetch(self, url: str) -> bytes:
        """The content of a receipt.

        Raises:
            LinkClosed: 401, 403, 404, a web page, or a host that is not Expensify's.
            TooLarge: it has more bytes than wanted.
            ReceiptUnavailable: no answer, 429 or 5xx, several times.
        """
        pauses = self._patience.pauses()
        while True:
            try:
                return self._followed(url)
            except ReceiptUnavailable:
                pause = next(pauses, None)
                if pause is None:
                    raise
                errands.sleep(pause)

    def _followed(self, url: str) -> bytes:
        ends = time.monotonic() + _LONGEST_SECONDS
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._asked(url, ends)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise LinkClosed("Expensify's link leads from one place to another without an end")

    def _asked(self, url: str, ends: float) -> bytes | str:
        """The content, or the address to which the link leads on."""
        if not is_trusted(url, sandbox=self._sandbox):
            raise LinkClosed("the link leads to a host that is not Expensify's")
        errands.confirm()
        try:
            with self._http.stream("GET", url) as response:
                if response.next_request is not None:
                    return str(response.next_request.url)
                _raise_for_status(response.status_code)
                return self._content(response, ends)
        except httpx.RequestError as error:
            raise ReceiptUnavailable(redact(f"Expensify did not answer ({type(error).__name__})")) from error
        except httpx.InvalidURL:
            raise LinkClosed("the link is not an address") from None

    def _content(self, response: httpx.Response, ends: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            errands.confirm()
            content += chunk
            if len(content) > self._most_bytes:
                raise TooLarge(f"the file is larger than {self._most_bytes // 2**20} MiB")
            if time.monotonic() > ends:
                raise ReceiptUnavailable(f"the file did not come whole in {_LONGEST_SECONDS:.0f} seconds")
        if not content:
            raise LinkClosed("the link opens an empty file")
        if _is_web_page(bytes(content[:512])):
            raise LinkClosed("the link opens a web page, such as a login, instead of a file")
        return bytes(content)


def is_trusted(url: str, *, sandbox: bool) -> bool:
    """Whether an address may be asked: https under expensify.com; for the sandbox, this machine by http."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    if parts.userinfo:
        return False
    if sandbox:
        return parts.scheme == "http" and _is_this_machine(parts.host)
    return parts.scheme == "https" and _OURS.fullmatch(parts.host) is not None and parts.port in (None, 443)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _raise_for_status(status: int) -> None:
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ReceiptUnavailable(f"Expensify answered HTTP {status}")
    if not httpx.codes.is_success(status):
        raise LinkClosed(f"the link answers HTTP {status}")


def _is_web_page(beginning: bytes) -> bool:
    text = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<!doctype html", b"<html", b"<!--", b"<head", b"<body"))
