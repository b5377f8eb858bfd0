"""One access token is shared, renewed in time, and a token that cannot be had ends in one clear sentence."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import (
    AccessRefused,
    ReconnectRequired,
    TokenThrottled,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    UntrustedHost,
    WrongClientOrRegion,
    ZohoError,
)
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.oauth import ZohoOAuth
from mlc_pipeline.zoho.token_endpoint import TokenEndpoint, exchange_grant_code
from mlc_pipeline.zoho.tokens import AccessToken, InMemoryTokenStore
from mlc_pipeline_tests.transport.servers import nobody
from mlc_pipeline_tests.zoho.conftest import CREDENTIALS, Time, Zoho


def test_one_token_serves_many_calls_and_many_clients(zoho: Zoho) -> None:
    zoho.client().accounts()
    zoho.client().accounts()
    assert zoho.token_requests == 1


def test_a_token_is_renewed_at_55_minutes_of_age(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.accounts()
    zoho.time.sleep(55 * 60 - 1)
    client.accounts()
    assert zoho.token_requests == 1
    zoho.time.sleep(1)
    client.accounts()
    assert zoho.token_requests == 2


def test_hours_of_work_cross_renewals_without_a_refused_request(zoho: Zoho, client: ZohoBooksClient) -> None:
    for _ in range(60):
        client.me()
        zoho.time.sleep(600)
    assert {request.status for request in zoho.books.request_log} == {200}
    assert zoho.token_requests == 10


def test_a_refused_token_is_renewed_once_and_the_call_repeated_also_a_write(
    zoho: Zoho, client: ZohoBooksClient
) -> None:
    client.organization()
    zoho.books.access_tokens.clear()
    vendor = client.create_vendor("Ada Example", email="ada@example.com")
    assert vendor.email == "ada@example.com"
    assert zoho.token_requests == 2
    assert len(zoho.organization.contacts) == 1


def test_a_token_that_another_process_renewed_is_used(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.organization()
    other = zoho.client(store=zoho.store)
    zoho.books.access_tokens.clear()
    other.me()
    client.me()
    assert zoho.token_requests == 2


def test_a_token_of_a_sandbox_that_has_moved_is_not_used(zoho: Zoho) -> None:
    start = zoho.time.now()
    zoho.store.save(AccessToken("1000.old.token", nobody(), start, start + timedelta(hours=1)))
    assert zoho.client().me().status == "active"
    assert zoho.token_requests == 1


def test_a_missing_scope_is_said_and_does_not_eat_up_tokens(outside_the_contract: None, zoho: Zoho) -> None:
    zoho.books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token, ("ZohoBooks.settings.READ",))
    client = zoho.client()
    for _ in range(5):
        with pytest.raises(Unauthorized) as refused:
            client.accounts()
    assert zoho.token_requests == 2
    assert (refused.value.code, refused.value.http_status, refused.value.temporary) == (57, 401, False)
    assert "scopes" in str(refused.value)
    assert "role" in str(refused.value)


def test_what_no_token_mends_costs_one_in_ten_minutes_for_all_who_share_the_store(
    outside_the_contract: None, zoho: Zoho
) -> None:
    zoho.books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token, ("ZohoBooks.settings.READ",))

    def one_run() -> None:
        client = zoho.client()
        client.organization()
        with pytest.raises(Unauthorized, match="scopes"):
            client.accounts()

    for _ in range(5):
        one_run()
        zoho.time.sleep(100)
    assert zoho.token_requests == 2
    zoho.time.sleep(101)
    one_run()
    one_run()
    assert zoho.token_requests == 3


def test_a_dead_refresh_token_asks_to_connect_again(zoho: Zoho) -> None:
    client = zoho.client(credentials=replace(CREDENTIALS, refresh_token=f"1000.{'c' * 32}.{'d' * 32}"))
    with pytest.raises(ReconnectRequired, match="mlc connect zoho --connection us"):
        client.organization()


@pytest.mark.parametrize("wrong", [{"client_id": "1000.OTHER"}, {"client_secret": "another-secret"}])
def test_a_wrong_client_points_to_the_client_and_the_region(zoho: Zoho, wrong: dict[str, str]) -> None:
    with pytest.raises(WrongClientOrRegion, match=r"zoho\.accounts_url") as refused:
        zoho.client(credentials=replace(CREDENTIALS, **wrong)).organization()
    assert "another-secret" not in str(refused.value)


@pytest.mark.parametrize("status", [200, 400])
def test_a_throttled_client_waits_and_does_not_ask_again(zoho: Zoho, status: int) -> None:
    zoho.books.settings.throttled_token_status = status
    zoho.books.refresh_tokens[CREDENTIALS.refresh_token].granted_at += [zoho.books.now()] * 10
    client = zoho.client()
    for _ in range(3):
        with pytest.raises(TokenThrottled) as throttled:
            client.organization()
    assert zoho.token_requests == 1
    assert throttled.value.temporary
    assert throttled.value.retry_after == 600
    zoho.time.sleep(601)
    assert client.organization().name == "Northwind Example Inc"


def test_an_ageing_token_is_used_while_zoho_gives_no_new_one(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.me()
    zoho.time.sleep(56 * 60)
    zoho.books.refresh_tokens[CREDENTIALS.refresh_token].granted_at += [zoho.books.now()] * 10
    client.me()
    zoho.time.sleep(4 * 60)
    with pytest.raises(TokenThrottled):
        client.me()


def test_two_threads_ask_for_one_token_between_them(zoho: Zoho) -> None:
    first, second = zoho.client(), zoho.client()
    both_ready = threading.Barrier(8)

    def work(client: ZohoBooksClient) -> None:
        both_ready.wait()
        client.me()

    threads = [threading.Thread(target=work, args=(client,)) for client in [first, second] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert zoho.token_requests == 1


def test_a_grant_code_gives_a_refresh_token_once(zoho: Zoho) -> None:
    zoho.books.allow_grant_code(CREDENTIALS.client_id, f"1000.{'e' * 32}.{'f' * 32}")

    def exchange() -> str:
        return exchange_grant_code(
            f"1000.{'e' * 32}.{'f' * 32}",
            accounts_url=zoho.url,
            client_id=CREDENTIALS.client_id,
            client_secret=CREDENTIALS.client_secret,
            connection="us",
            sandbox=True,
        ).refresh_token

    client = zoho.client(credentials=replace(CREDENTIALS, refresh_token=exchange()))
    assert client.me().status == "active"
    with pytest.raises(ReconnectRequired):
        exchange()


def test_secrets_do_not_show_in_values_or_texts(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.me()
    token = zoho.store.load()
    assert token is not None
    assert token.value not in repr(token)
    assert CREDENTIALS.client_secret not in repr(CREDENTIALS)
    assert CREDENTIALS.refresh_token not in repr(CREDENTIALS)
    assert CREDENTIALS.client_secret not in redact(f"sent {CREDENTIALS.client_secret}")


def test_a_token_goes_to_its_own_api_host_only(zoho: Zoho, client: ZohoBooksClient) -> None:
    client.me()
    oauth = ZohoOAuth(endpoint(zoho.url, zoho.time), CREDENTIALS, zoho.store, now=zoho.time.now)
    with httpx.Client(auth=oauth) as http, pytest.raises(UntrustedHost, match="not sent to"):
        http.get("http://localhost:1/books/v3/bills")


def test_an_accounts_server_that_is_not_there_is_a_temporary_failure(zoho: Zoho) -> None:
    lost = endpoint(nobody(), zoho.time)
    with pytest.raises(Unavailable, match="gave no answer"):
        lost.refresh(CREDENTIALS)
    lost.close()


OK = {"access_token": "1000.x.y", "token_type": "Bearer", "expires_in": 3600}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"error": "invalid_code"}), ReconnectRequired),
        (JSONResponse({"error": "invalid_grant"}, 400), ReconnectRequired),
        (JSONResponse({"error": "invalid_client"}), WrongClientOrRegion),
        (JSONResponse({"error": "Access Denied"}), TokenThrottled),
        (JSONResponse({"error": "access_denied"}), TokenThrottled),
        (JSONResponse({}, 429), TokenThrottled),
        (JSONResponse({"error": "something_new"}), AccessRefused),
        (Response("<html>", 502), Unavailable),
        (Response("<html>", 200), Unavailable),
        (Response("<html>", 302, {"Location": "https://evil.example"}), Unavailable),
        (JSONResponse({"access_token": ""}), Unavailable),
        (JSONResponse({**OK, "access_token": "a\nb"}), UnexpectedAnswer),
        (JSONResponse({**OK, "api_domain": "https://evil.example"}), UntrustedHost),
        (JSONResponse({**OK, "api_domain": "https://www.zohoapis.com"}), UntrustedHost),
    ],
)
def test_a_token_answer_is_judged_by_its_body(answer: Response, error: type[ZohoError]) -> None:
    with accounts_answering(answer) as (accounts, seen), pytest.raises(ZohoError) as refused:
        accounts.refresh(CREDENTIALS)
    assert type(refused.value) is error
    assert len(seen) == (2 if answer.status_code == 502 else 1)


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(3600, 3600), ("3600", 3600), (600, 600), (3600000, 3600), (None, 3600), ("x", 3600), (-1, 3600), (0.5, 0.5)],
)
def test_the_life_of_a_token_is_what_zoho_says_and_an_hour_at_most(expires_in: Any, lifetime: float) -> None:
    with accounts_answering(JSONResponse({**OK, "expires_in": expires_in})) as (accounts, _):
        token = accounts.refresh(CREDENTIALS)
    assert token.expires_at - token.obtained_at == timedelta(seconds=lifetime)


def test_after_a_try_that_failed_an_ageing_token_is_used_for_a_minute_without_another() -> None:
    time, store = Time(), InMemoryTokenStore()
    with accounts_answering(Response("<html>", 502)) as (accounts, seen):
        store.save(AccessToken("x", accounts.server, time.now(), time.now() + timedelta(hours=1)))
        oauth = ZohoOAuth(accounts, CREDENTIALS, store, now=time.now)
        time.sleep(55 * 60)
        assert [oauth.token().value for _ in range(3)] == ["x"] * 3
        assert len(seen) == 2, "a failure of the server is met with a second try"
        time.sleep(61)
        assert oauth.token().value == "x"
        assert len(seen) == 4


def test_odd_answers_of_the_accounts_server_cost_a_grant_a_minute_and_count_as_away() -> None:
    time = Time()
    with accounts_answering(Response("<html>", 302, {"Location": "https://evil.example"})) as (accounts, seen):
        oauth = ZohoOAuth(accounts, CREDENTIALS, InMemoryTokenStore(), now=time.now)
        for _ in range(5):
            with pytest.raises(Unavailable, match="proxy"):
                oauth.token()
        assert len(seen) == 1
        time.sleep(61)
        with pytest.raises(Unavailable):
            oauth.token()
        assert len(seen) == 2


@pytest.mark.parametrize("code", ["invalid_code", "invalid_client"])
def test_dead_credentials_are_asked_with_once_in_ten_minutes_by_all_who_share_the_store(code: str) -> None:
    time, store = Time(), InMemoryTokenStore()
    with accounts_answering(JSONResponse({"error": code})) as (accounts, seen):
        for minutes in (0, 1, 8):
            time.sleep(60 * minutes)
            oauth = ZohoOAuth(accounts, CREDENTIALS, store, now=time.now)
            with pytest.raises(AccessRefused, match="mlc connect zoho --connection"):
                oauth.token()
        assert len(seen) == 1
        others = ZohoOAuth(accounts, replace(CREDENTIALS, refresh_token="1000.e.f"), store, now=time.now)
        with pytest.raises(AccessRefused):
            others.token()
        assert len(seen) == 2
        time.sleep(60 * 11)
        with pytest.raises(AccessRefused):
            oauth.token()
        assert len(seen) == 3


def test_a_throttled_endpoint_that_says_how_long_is_believed() -> None:
    denied = JSONResponse({"error": "Access Denied"}, 400, {"Retry-After": "30"})
    with accounts_answering(denied) as (accounts, _), pytest.raises(TokenThrottled) as refused:
        accounts.refresh(CREDENTIALS)
    assert refused.value.retry_after == 30


def test_the_secret_travels_in_the_form_and_the_api_host_may_be_left_out() -> None:
    with accounts_answering(JSONResponse(OK)) as (accounts, seen):
        token = accounts.refresh(CREDENTIALS)
        assert token.api_domain == accounts.server
    assert seen == [
        {
            "grant_type": "refresh_token",
            "refresh_token": CREDENTIALS.refresh_token,
            "client_id": CREDENTIALS.client_id,
            "client_secret": CREDENTIALS.client_secret,
        }
    ]


def test_a_short_lived_token_is_renewed_before_its_end() -> None:
    start = Time().now()
    short = AccessToken("x", "https://www.zohoapis.com", start, start + timedelta(minutes=10))
    assert short.is_fresh(start + timedelta(minutes=4))
    assert not short.is_fresh(start + timedelta(minutes=6))
    assert not short.is_fresh(start - timedelta(minutes=6))


def endpoint(url: str, time: Time) -> TokenEndpoint:
    transport = books_transport(sleep=time.sleep, clock=time.clock)
    return TokenEndpoint(url, connection="us", sandbox=True, transport=transport, now=time.now)


@contextmanager
def accounts_answering(answer: Response) -> Iterator[tuple[TokenEndpoint, list[dict[str, Any]]]]:
    """A token endpoint that always gives `answer`, and the forms it was sent."""
    seen: list[dict[str, Any]] = []

    async def token(request: Request) -> Response:
        assert not request.query_params
        seen.append(dict(parse_qsl((await request.body()).decode())))
        return answer

    app = Starlette(routes=[Route("/oauth/v2/token", token, methods=["POST"])])
    with serve_app(app) as url:
        accounts = endpoint(url, Time())
        yield accounts, seen
        accounts.close()


def test_a_store_is_enough_to_share_a_token_and_can_be_cleared() -> None:
    store = InMemoryTokenStore()
    start = Time().now()
    store.save(AccessToken("x", "https://www.zohoapis.com", start, start + timedelta(hours=1)))
    assert store.load() is not None
    store.clear()
    assert store.load() is None
