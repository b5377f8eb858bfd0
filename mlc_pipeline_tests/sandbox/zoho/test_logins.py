"""Tokens of the sandbox: how they are granted, throttled, pushed out and refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho

NOT_AUTHORIZED = {"code": 57, "message": "You are not authorized to perform this operation"}


def ask(zoho: Zoho, **changes: str) -> Any:
    parameters = {
        "grant_type": "refresh_token",
        "client_id": "1000.CLIENT",
        "client_secret": "client-secret",
        "refresh_token": "1000.refresh.example",
        **changes,
    }
    return zoho.http.post(f"{zoho.url}/oauth/v2/token", data=parameters)


def test_a_refresh_token_gives_an_access_token_and_the_api_host(zoho: Zoho) -> None:
    answer = ask(zoho).json()
    assert set(answer) == {"access_token", "api_domain", "token_type", "expires_in"}
    assert (answer["api_domain"], answer["expires_in"]) == (zoho.url, 3600)


def test_parameters_may_stand_in_the_query_but_not_in_json(zoho: Zoho) -> None:
    parameters = {
        "grant_type": "refresh_token",
        "client_id": "1000.CLIENT",
        "client_secret": "client-secret",
        "refresh_token": "1000.refresh.example",
    }
    assert "access_token" in zoho.http.post(f"{zoho.url}/oauth/v2/token", params=parameters).json()
    assert zoho.http.post(f"{zoho.url}/oauth/v2/token", json=parameters).json() == {"error": "invalid_client"}


@pytest.mark.parametrize(("change", "error"), [
    ({"client_id": "1000.OTHER"}, "invalid_client"),
    ({"client_secret": "wrong"}, "invalid_client_secret"),
    ({"refresh_token": "1000.gone"}, "invalid_code"),
    ({"grant_type": "password"}, "invalid_client"),
])  # fmt: skip
def test_errors_come_with_status_200(zoho: Zoho, change: dict[str, str], error: str) -> None:
    answer = ask(zoho, **change)
    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_a_grant_code_is_exchanged_once_and_within_two_minutes(zoho: Zoho) -> None:
    zoho.books.allow_grant_code("1000.CLIENT", "1000.code", ("ZohoBooks.bills.READ",))
    answer = ask(zoho, grant_type="authorization_code", code="1000.code").json()
    assert zoho.books.refresh_tokens[answer["refresh_token"]].scopes == ["ZohoBooks.bills.READ"]
    again = ask(zoho, grant_type="authorization_code", code="1000.code")
    assert again.json() == {"error": "invalid_code"}
    zoho.books.allow_grant_code("1000.CLIENT", "1000.late")
    zoho.clock.move(minutes=3)
    late = ask(zoho, grant_type="authorization_code", code="1000.late")
    assert late.json() == {"error": "invalid_code"}


@pytest.mark.parametrize("status", [200, 400])
def test_the_eleventh_token_in_ten_minutes_is_denied(zoho: Zoho, status: int) -> None:
    zoho.books.settings.throttled_token_status = status
    for _ in range(9):
        assert "access_token" in ask(zoho).json()
    denied = ask(zoho)
    assert (denied.status_code, denied.json()["error"]) == (status, "Access Denied")
    zoho.clock.move(minutes=10, seconds=1)
    assert "access_token" in ask(zoho).json()


def test_the_sixteenth_active_token_pushes_out_the_oldest(zoho: Zoho) -> None:
    for count in range(15):
        if count == 8:
            zoho.clock.move(minutes=11)
        assert "access_token" in ask(zoho).json()
    answer = zoho.call("GET", "/bills")
    assert (answer.status_code, answer.json()) == (401, NOT_AUTHORIZED)
    assert len(zoho.books.access_tokens) == 15


def test_a_token_dies_after_an_hour_and_when_it_is_revoked(zoho: Zoho) -> None:
    zoho.clock.move(minutes=59)
    assert zoho.call("GET", "/bills").status_code == 200
    zoho.clock.move(minutes=1)
    assert zoho.call("GET", "/bills").json() == NOT_AUTHORIZED
    zoho.log_in()
    url = f"{zoho.url}/oauth/v2/token/revoke"
    zoho.http.post(url, params={"token": "1000.refresh.example"})
    assert zoho.call("GET", "/bills").json() == NOT_AUTHORIZED
    assert ask(zoho).json() == {"error": "invalid_code"}


@pytest.mark.parametrize("header", [None, "Bearer {token}", "{token}", "Zoho-oauthtoken "])
def test_only_zohos_own_header_is_understood(zoho: Zoho, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(token=zoho.token).strip()}
    answer = zoho.http.get(f"{zoho.url}/books/v3/bills", params={"organization_id": "10234695"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, 14)


def test_a_missing_scope_is_refused(zoho: Zoho) -> None:
    scopes = ("ZohoBooks.bills.READ", "ZohoBooks.settings.READ")
    zoho.books.allow_refresh_token("1000.CLIENT", "1000.narrow", scopes)
    zoho.log_in("1000.narrow")
    assert zoho.call("GET", "/bills").status_code == 200
    answer = zoho.post_bill()
    assert (answer.status_code, answer.json()) == (401, NOT_AUTHORIZED)


def test_the_organization_is_needed_and_must_be_the_logins(zoho: Zoho) -> None:
    answer = zoho.call("GET", "/bills", organization_id="777")
    expected = "This user is not associated with the CompanyID/CompanyName:777."
    assert (answer.status_code, answer.json()) == (400, {"code": 6041, "message": expected})
    assert zoho.call("GET", "/bills", organization_id=None).json()["code"] == 6041
    listed = zoho.call("GET", "/organizations", organization_id=None).json()["organizations"]
    assert [row["organization_id"] for row in listed] == ["10234695"]
    assert zoho.call("GET", "/users/me").json()["user"]["status"] == "active"
