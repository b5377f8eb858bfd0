"""Tokens and secrets go to the eight data centers of Zoho Books, or for a sandbox to loopback: nowhere else."""

import pytest

from mlc_pipeline.zoho.data_centers import (
    ACCOUNTS_SERVERS,
    DATA_CENTERS,
    DataCenter,
    accounts_server,
    books_api_host,
    default_api_domain,
    web_host,
)
from mlc_pipeline.zoho.errors import UntrustedHost


def test_there_are_eight_data_centers() -> None:
    assert [center.name for center in DATA_CENTERS] == ["US", "EU", "IN", "AU", "JP", "CA", "CN", "SA"]
    assert len(ACCOUNTS_SERVERS) == 8


@pytest.mark.parametrize("center", DATA_CENTERS, ids=lambda center: center.name)
def test_each_data_center_is_trusted_with_both_spellings_of_its_api_host(center: DataCenter) -> None:
    generic = center.accounts_server.replace("//accounts.", "//api.")
    assert accounts_server(center.accounts_server + "/", sandbox=False) == center.accounts_server
    assert books_api_host(center.api_host, sandbox=False) == center.api_host
    assert books_api_host(generic, sandbox=False) == center.api_host
    assert default_api_domain(center.accounts_server) == center.api_host
    assert web_host(center.api_host) == center.web_host


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.zoho.uk",
        "https://accounts.zoho.ae",
        "http://accounts.zoho.com",
        "https://accounts.zoho.com.evil.example",
        "https://accounts.zoho.com@evil.example",
        "https://user:secret@accounts.zoho.com",
        "https://accounts.zoho.com:8443",
        "https://accounts.zoho.com/oauth",
        "https://accounts.zoho.com?x=1",
        "http://127.0.0.1:8000",
        "accounts.zoho.com",
        "https://[bad",
        "",
    ],
)
def test_any_other_accounts_server_is_refused(url: str) -> None:
    with pytest.raises(UntrustedHost) as refused:
        accounts_server(url, sandbox=False)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.zohoapis.uk",
        "https://www.zohoapis.ae",
        "http://www.zohoapis.com",
        "https://zohoapis.com",
        "https://www.zohoapis.com.example",
        "https://www.zohoapis.com/books",
        "http://127.0.0.1",
    ],
)
def test_any_other_api_host_is_refused(url: str) -> None:
    with pytest.raises(UntrustedHost, match=r"nothing was sent|not a plain host"):
        books_api_host(url, sandbox=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8123", "http://localhost:1", "http://[::1]:8000"])
def test_a_sandbox_is_loopback_over_http(url: str) -> None:
    assert accounts_server(url, sandbox=True) == url
    assert books_api_host(url, sandbox=True) == url
    assert web_host(url) is None


@pytest.mark.parametrize(
    "url", ["https://accounts.zoho.com", "https://www.zohoapis.com", "http://192.0.2.1", "https://127.0.0.1"]
)
def test_a_sandbox_is_nothing_else(url: str) -> None:
    with pytest.raises(UntrustedHost, match="sandbox: true"):
        accounts_server(url, sandbox=True)
    with pytest.raises(UntrustedHost, match="sandbox: true"):
        books_api_host(url, sandbox=True)
