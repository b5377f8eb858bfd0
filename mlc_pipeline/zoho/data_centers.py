"""The eight data centers of Zoho Books and the rule that a token or a secret goes to no other host.

Source: Zoho Books API introduction ("8 different domains") and Zoho's multi-DC page for the accounts servers.
The United Kingdom and the Emirates have accounts servers for other Zoho products; Books does not list them.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mlc_pipeline.zoho.errors import UntrustedHost


@dataclass(frozen=True, slots=True)
class DataCenter:
    """One region: where tokens are made, where the API answers, and where people open Books in a browser."""

    name: str
    accounts_server: str
    api_host: str
    web_host: str


DATA_CENTERS: tuple[DataCenter, ...] = (
    DataCenter("US", "https://accounts.zoho.com", "https://www.zohoapis.com", "https://books.zoho.com"),
    DataCenter("EU", "https://accounts.zoho.eu", "https://www.zohoapis.eu", "https://books.zoho.eu"),
    DataCenter("IN", "https://accounts.zoho.in", "https://www.zohoapis.in", "https://books.zoho.in"),
    DataCenter("AU", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au", "https://books.zoho.com.au"),
    DataCenter("JP", "https://accounts.zoho.jp", "https://www.zohoapis.jp", "https://books.zoho.jp"),
    DataCenter("CA", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca", "https://books.zohocloud.ca"),
    DataCenter("CN", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn", "https://books.zoho.com.cn"),
    DataCenter("SA", "https://accounts.zoho.sa", "https://www.zohoapis.sa", "https://books.zoho.sa"),
)

ACCOUNTS_SERVERS: frozenset[str] = frozenset(center.accounts_server for center in DATA_CENTERS)

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_API_HOSTS: dict[str, DataCenter] = {center.api_host: center for center in DATA_CENTERS}
# Generic Zoho pages spell api_domain as https://api.zoho.<tld>, the Books pages https://www.zohoapis.<tld>.
_GENERIC_SPELLING: dict[str, DataCenter] = {
    center.accounts_server.replace("https://accounts.", "https://api."): center for center in DATA_CENTERS
}


def accounts_server(url: str, *, sandbox: bool) -> str:
    """The accounts server at `url`, without a trailing slash; raises UntrustedHost for any other host."""
    server = _origin(url)
    if sandbox:
        return _loopback(server, url)
    if server not in ACCOUNTS_SERVERS:
        raise UntrustedHost(
            f"{server} is not an accounts server of Zoho Books; use one of "
            f"{', '.join(center.accounts_server for center in DATA_CENTERS)}."
        )
    return server


def books_api_host(api_domain: str, *, sandbox: bool) -> str:
    """The API host for the `api_domain` of a token answer; raises UntrustedHost for any other host.

    With `sandbox` only loopback over http is trusted, and Zoho's own hosts are not.
    """
    host = _origin(api_domain)
    if sandbox:
        return _loopback(host, api_domain)
    center = _API_HOSTS.get(host) or _GENERIC_SPELLING.get(host)
    if center is None:
        raise UntrustedHost(
            f"Zoho named the API host {host}, which Zoho Books does not list; nothing was sent to it. "
            "Books is served from the US, EU, IN, AU, JP, CA, CN and SA data centers."
        )
    return center.api_host


def default_api_domain(server: str) -> str:
    """The API host beside an accounts server, for a token answer that names none; a sandbox is its own."""
    hosts = {center.accounts_server: center.api_host for center in DATA_CENTERS}
    return hosts.get(server, server)


def web_host(api_host: str) -> str | None:
    """Where people open Books in a browser; None for the sandbox, which has no web application."""
    center = _API_HOSTS.get(api_host)
    return center.web_host if center else None


def _loopback(origin: str, url: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK_HOSTS:
        raise UntrustedHost(f"{_shown(url)} is no sandbox: with sandbox: true only http://127.0.0.1 is used.")
    return origin


def _origin(url: str) -> str:
    """`scheme://host[:port]` in lower case; refuses anything that carries more than a host."""
    try:
        parts = urlsplit(url.strip().rstrip("/"))
        port = parts.port
    except ValueError:
        raise UntrustedHost(f"{_shown(url)} is not a host.") from None
    if parts.username is not None or parts.path or parts.query or parts.fragment or not parts.hostname:
        raise UntrustedHost(f"{_shown(url)} is not a plain host such as https://accounts.zoho.com.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _shown(url: str) -> str:
    return repr(url.rpartition("@")[2][:200])
