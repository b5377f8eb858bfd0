"""Which addresses a connection may speak to: Expensify and Zoho alone, or, in the sandbox, this machine alone."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from mlc_pipeline.config.problems import Finding, listed
from mlc_pipeline.zoho.data_centers import ACCOUNTS_SERVERS

EXPENSIFY_URL = "https://integrations.expensify.com/Integration-Server/ExpensifyIntegrations"
ZOHO_ACCOUNTS_URL = "https://accounts.zoho.com"

_EXPENSIFY_HOST = "integrations.expensify.com"
_LOOPBACK = IPv4Network("127.0.0.0/8")
_LOCAL_ONLY = (
    "must be a local address such as http://127.0.0.1:8080, because sandbox: true allows nothing else; "
    "`mlc sandbox serve` prints the one to use."
)


def _plain_address(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an address; it begins with https:// and a host.")
    if "@" in parts.netloc:
        raise ValueError("carries a user name or password; take it out, `mlc connect` stores credentials.")
    if "?" in url or "#" in url:
        raise ValueError("carries a query or a fragment; end it before the ? or #.")
    return url


def _split(url: str) -> SplitResult | None:
    if not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number is only noticed here
    except ValueError:
        return None
    return parts


def _server_alone(url: str) -> str:
    server = url.rstrip("/")
    if urlsplit(server).path:
        raise ValueError("must end after the host, as in https://accounts.zoho.com.")
    return server


Address = Annotated[str, AfterValidator(_plain_address)]
ServerAddress = Annotated[str, AfterValidator(_plain_address), AfterValidator(_server_alone)]


def address_findings(expensify_url: str, accounts_url: str, *, sandbox: bool) -> Iterator[Finding]:
    """What is wrong with the two addresses of a connection, at their keys; nothing when both may be used.

    Outside of the sandbox the accounts servers are those of the data centers that serve Zoho Books.
    """
    if sandbox:
        if not _is_local(expensify_url):
            yield Finding(("expensify", "url"), _LOCAL_ONLY)
        if not _is_local(accounts_url):
            yield Finding(("zoho", "accounts_url"), _LOCAL_ONLY)
        return
    if not _is_expensify(expensify_url):
        yield Finding(("expensify", "url"), f"must be {EXPENSIFY_URL} unless sandbox: true.")
    if accounts_url not in ACCOUNTS_SERVERS:
        yield Finding(
            ("zoho", "accounts_url"),
            f"must be the server at which you sign in to Zoho, {listed(sorted(ACCOUNTS_SERVERS))}, "
            "unless sandbox: true.",
        )


def _is_expensify(url: str) -> bool:
    parts = _split(url)
    if parts is None or parts.scheme != "https":
        return False
    return parts.hostname == _EXPENSIFY_HOST and parts.port in {None, 443}


def _is_local(url: str) -> bool:
    parts = _split(url)
    if parts is None or parts.scheme != "http":
        return False
    if parts.hostname in {"localhost", "::1"}:
        return True
    try:
        return IPv4Address(parts.hostname or "") in _LOOPBACK
    except ValueError:
        return False
