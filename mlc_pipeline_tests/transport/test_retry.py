"""Reads are repeated, writes only when they certainly did nothing, and never for longer than the budget."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from mlc_pipeline.transport.retry import SAFE_TO_REPEAT, RetryPolicy, RetryTransport, retry_after
from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline_tests.transport.servers import answer, nobody, raw_server

OK = answer(200, "{}")
SERVER_ERROR = answer(500, "{}")
LIMITED = answer(429, "{}")
HUNG_UP = b""
CUT_IN_THE_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
NOT_GZIP = answer(200, "not gzip", "Content-Encoding: gzip")


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.pauses.append(seconds)

    def now(self) -> float:
        return self.seconds


class Client:
    """An httpx client with retries, its clock and its log."""

    def __init__(self, policy: RetryPolicy) -> None:
        self.time = Time()
        self.log = RetryLog()
        transport = RetryTransport(
            httpx.HTTPTransport(), policy, self.log, sleep=self.time.sleep, clock=self.time.now
        )
        self.http = httpx.Client(transport=transport, timeout=5)


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(RetryPolicy(tries=5))
    with client.http:
        yield client


@pytest.mark.parametrize("trouble", [SERVER_ERROR, LIMITED, HUNG_UP, CUT_IN_THE_BODY, NOT_GZIP])
def test_a_read_is_repeated_until_it_is_answered(client: Client, trouble: bytes) -> None:
    with raw_server(trouble, trouble, OK) as (url, script):
        assert client.http.get(url).status_code == 200
    assert len(script.requests) == 3
    assert client.log.traffic.retried == 2
    assert client.log.traffic.waited_for_retries_seconds == client.time.seconds


@pytest.mark.parametrize("trouble", [HUNG_UP, CUT_IN_THE_BODY, NOT_GZIP])
def test_a_write_whose_answer_is_lost_is_not_repeated(client: Client, trouble: bytes) -> None:
    with raw_server(trouble, OK) as (url, script), pytest.raises(httpx.RequestError):
        client.http.post(url, content=b"{}")
    assert len(script.requests) == 1
    assert client.log.traffic.retried == 0


def test_a_write_that_met_a_server_error_is_not_repeated(client: Client) -> None:
    with raw_server(SERVER_ERROR, OK) as (url, script):
        assert client.http.post(url, content=b"{}").status_code == 500
    assert len(script.requests) == 1


def test_a_write_refused_by_a_limit_is_repeated_with_its_body(client: Client) -> None:
    with raw_server(LIMITED, OK) as (url, script):
        assert client.http.post(url, content=b'{"a":1}').status_code == 200
    assert [request.partition(b"\r\n\r\n")[2] for request in script.requests] == [b'{"a":1}'] * 2


def test_a_write_that_never_reached_a_server_is_repeated(client: Client) -> None:
    with pytest.raises(httpx.ConnectError):
        client.http.post(nobody(), content=b"{}")
    assert client.log.traffic.retried == 4
    assert client.log.traffic.why == "POST /: no connection (ConnectError), 4 times"


def test_a_post_that_changes_nothing_is_repeated_when_its_sender_says_so(client: Client) -> None:
    with raw_server(SERVER_ERROR, HUNG_UP, OK) as (url, _):
        assert client.http.post(url, content=b"{}", extensions=SAFE_TO_REPEAT).status_code == 200


def test_a_refusal_other_than_a_limit_is_an_answer(client: Client) -> None:
    with raw_server(answer(400, "{}"), OK) as (url, _):
        assert client.http.get(url).status_code == 400


def test_the_last_answer_is_given_when_the_tries_are_used_up(client: Client) -> None:
    with raw_server(*[SERVER_ERROR] * 6) as (url, script):
        assert client.http.get(url).status_code == 500
        assert len(script.requests) == 5


def test_the_time_is_a_budget_too() -> None:
    client = Client(RetryPolicy(tries=1000, seconds=100, least_wait=lambda _: 30.0, first_pause=0.1))
    with client.http, raw_server(*[LIMITED] * 10) as (url, script):
        assert client.http.get(url).status_code == 429
        assert len(script.requests) in (3, 4)
    assert client.time.seconds <= 100


def test_a_wait_without_end_is_not_begun() -> None:
    client = Client(RetryPolicy(least_wait=lambda _: math.inf))
    with client.http, raw_server(LIMITED, OK) as (url, _):
        assert client.http.get(url).status_code == 429
    assert client.time.seconds == 0


def test_the_pauses_of_many_who_were_refused_together_are_spread_from_nothing_to_their_bound() -> None:
    bounds = [0.5, 1.0, 2.0, 4.0]
    pauses: list[list[float]] = []
    for _ in range(40):
        client = Client(RetryPolicy(tries=5, first_pause=0.5, longest_pause=4.0))
        with client.http, raw_server(*[LIMITED] * 4, OK) as (url, _):
            client.http.get(url)
        pauses.append(client.time.pauses)
    for bound, of_this_try in zip(bounds, zip(*pauses, strict=True), strict=True):
        assert 0 <= min(of_this_try) < bound / 2 < max(of_this_try) <= bound


def test_the_server_may_say_how_long_to_wait(client: Client) -> None:
    with raw_server(answer(503, "", "Retry-After: 17"), OK) as (url, _):
        assert client.http.get(url).status_code == 200
    assert 17 <= client.time.seconds < 18


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60))
    assert retry_after(httpx.Response(429, headers={"Retry-After": "12"})) == 12
    assert 55 < (retry_after(httpx.Response(429, headers={"Retry-After": in_a_minute})) or 0) <= 60
    assert retry_after(httpx.Response(429, headers={"Retry-After": "soon"})) is None
    assert retry_after(httpx.Response(429)) is None


def test_retry_after_is_a_day_at_most_and_a_date_is_taken_by_the_clock_of_the_server() -> None:
    for far in ("9" * 20, "Fri, 31 Dec 9999 23:59:59 GMT"):
        assert retry_after(httpx.Response(429, headers={"Retry-After": far})) == 86_400
    ahead = {"Date": "Thu, 01 Jan 2026 10:00:00 GMT", "Retry-After": "Thu, 01 Jan 2026 10:00:30 GMT"}
    assert retry_after(httpx.Response(429, headers=ahead)) == 30


def test_the_log_says_what_was_retried_and_why_without_the_query(client: Client) -> None:
    with raw_server(SERVER_ERROR, OK) as (url, _):
        client.http.get(f"{url}/bills?organization_id=1")
    assert client.log.traffic.why == "GET /bills: server error (HTTP 500), 1 times"
    assert 0 <= client.log.traffic.waited_for_retries_seconds <= 0.5
