"""At the speed limit and never refused: real requests to a Zoho Books that counts every one of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from mlc_pipeline.budgets import Remembered, SharedBudget
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Fault, FaultKind, Organization, Plan, ZohoBooks, create_zoho_app
from mlc_pipeline.transport.occupancy import Limits, Window
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import (
    DailyLimitReached,
    RateLimited,
    ReconnectRequired,
    TokenThrottled,
    Unauthorized,
)
from mlc_pipeline.zoho.limits import BooksRules, books_transport, organization_limits
from mlc_pipeline.zoho.oauth import ZohoOAuth
from mlc_pipeline.zoho.token_endpoint import TokenEndpoint
from mlc_pipeline.zoho.tokens import InMemoryTokenStore
from mlc_pipeline_tests.database.processes import at_once
from mlc_pipeline_tests.zoho.conftest import Time
from mlc_pipeline_tests.zoho.paced import (
    CREDENTIALS,
    ORGANIZATION,
    TIME_SCALE,
    in_threads,
    paced_client,
    paced_rules,
)


@dataclass
class Strict:
    """A Zoho Books that allows 30 requests in a second and 4 at once."""

    books: ZohoBooks
    url: str

    def statuses(self) -> list[int]:
        return [request.status for request in self.books.request_log if request.path.startswith("/books/")]


@pytest.fixture
def zoho() -> Iterator[Strict]:
    books = ZohoBooks()
    books.allow_client(CREDENTIALS.client_id, CREDENTIALS.client_secret)
    books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token)
    books.add_organization(Organization(ORGANIZATION, "Northwind Example Inc"))
    limits = books.limits
    limits.time_scale, limits.requests_per_minute, limits.concurrency = 1 / TIME_SCALE, 30, 4
    limits.latency, limits.block_seconds, limits.refused_requests_count = 0.02, 0.2, True
    with serve_app(create_zoho_app(books)) as url:
        yield Strict(books, url)


def test_threads_go_at_the_limit_and_are_never_refused(zoho: Strict, database: sa.Engine) -> None:
    with paced_client(zoho.url, paced_rules(database)) as client:
        in_threads(8, lambda: [client.me() for _ in range(10)])
        traffic = client.traffic
    assert zoho.statuses() == [200] * 81
    assert zoho.books.usage[ORGANIZATION].most_in_process <= 4
    assert (traffic.requests, traffic.retried) == (82, 0)
    assert traffic.metadata()["why"] == "nothing was retried"
    assert traffic.waited_for_limits_seconds > 0


def test_processes_on_one_budget_are_never_refused(zoho: Strict, database: sa.Engine, database_url: str) -> None:
    code = "ask_alone(sys.argv[1], sys.argv[2], 3, 8)"
    at_once("from mlc_pipeline_tests.zoho.paced import ask_alone", code, database_url, zoho.url, processes=4)
    assert zoho.statuses() == [200] * 100


def test_a_lookup_before_the_organization_is_known_is_counted_too(zoho: Strict, database: sa.Engine) -> None:
    with paced_client(zoho.url, paced_rules(database, organization=None), organization=None) as client:
        in_threads(4, lambda: [client.me() for _ in range(15)])
    assert set(zoho.statuses()) == {200}


def test_the_organization_of_a_login_is_remembered(zoho: Strict, database: sa.Engine) -> None:
    usual = Remembered(database, "usual")

    def everything(organization: str, plan: str | None) -> SharedBudget:
        return SharedBudget(database, organization, Limits(windows=()))

    with paced_client(zoho.url, BooksRules(everything, learned=usual.write), organization=None) as client:
        client.me()
    assert usual.read() == ORGANIZATION


def test_a_refusal_for_the_minute_pauses_everybody_and_then_it_goes_on_by_itself(
    zoho: Strict, database: sa.Engine
) -> None:
    rules = paced_rules(database)
    with paced_client(zoho.url, rules) as one, paced_client(zoho.url, paced_rules(database)) as other:
        one.me()
        other.me()
        zoho.books.faults.append(Fault(FaultKind.TOO_MANY_PER_MINUTE, "GET"))
        started = time.monotonic()
        one.me()
        other.me()
        assert 1.0 <= time.monotonic() - started < 4
        assert one.traffic.metadata()["why"] == "GET /books/v3/users/me: refused by a limit (HTTP 429), 1 times"


def test_a_block_of_unknown_length_is_asked_about_by_one_request_while_the_others_wait(
    zoho: Strict, database: sa.Engine
) -> None:
    def answered() -> float:
        client.me()
        return time.monotonic()

    with paced_client(zoho.url, paced_rules(database)) as client, ThreadPoolExecutor(4) as pool:
        client.me()
        zoho.books.faults += [Fault(FaultKind.TOO_MANY_PER_MINUTE, "GET") for _ in range(2)]
        started = time.monotonic()
        pool.submit(answered)
        while zoho.statuses()[-1] != 429:
            time.sleep(0.01)
        assert min(other.result() for other in [pool.submit(answered) for _ in range(3)]) - started >= 2.0


def test_too_many_at_once_is_tried_again_soon(zoho: Strict, database: sa.Engine) -> None:
    with paced_client(zoho.url, paced_rules(database)) as client:
        client.me()
        zoho.books.faults.append(Fault(FaultKind.TOO_MANY_AT_ONCE, "GET"))
        started = time.monotonic()
        client.me()
        assert time.monotonic() - started < 1
        assert client.traffic.retried == 1


def test_a_block_for_an_hour_stops_all_processes_at_once_with_the_time(zoho: Strict, database: sa.Engine) -> None:
    zoho.books.settings.retry_after_seconds = 3600
    with (
        paced_client(zoho.url, paced_rules(database)) as one,
        paced_client(zoho.url, paced_rules(database)) as other,
    ):
        other.me()
        zoho.books.faults.append(Fault(FaultKind.BLOCKED_FOR_AN_HOUR, "GET"))
        with pytest.raises(RateLimited, match=r"Run again in 60 minutes, after \d{4}-\d\d-\d\d \d\d:\d\d UTC"):
            one.me()
        sent = len(zoho.statuses())
        for client in (one, other):
            with pytest.raises(RateLimited, match=r"No request was sent.*code 43.*Run again in 60 minutes"):
                client.me()
        assert len(zoho.statuses()) == sent


def test_after_the_limit_of_the_day_nothing_is_sent(zoho: Strict, database: sa.Engine) -> None:
    with (
        paced_client(zoho.url, paced_rules(database)) as one,
        paced_client(zoho.url, paced_rules(database)) as other,
    ):
        other.me()
        zoho.books.faults.append(Fault(FaultKind.TOO_MANY_PER_DAY, "GET"))
        with pytest.raises(DailyLimitReached):
            one.me()
        sent = len(zoho.statuses())
        for client in (one, other):
            with pytest.raises(DailyLimitReached, match="No request was sent"):
                client.me()
        assert len(zoho.statuses()) == sent


def test_an_hour_after_the_limit_of_the_day_one_request_looks_and_the_others_wait_for_its_answer(
    zoho: Strict, database: sa.Engine
) -> None:
    clock, limits = Time(), Limits(windows=(), at_once=4)

    def open_budget(name: str, _: str | None) -> SharedBudget:
        return SharedBudget(
            database, name, limits, clock_ms=lambda _: round(clock.clock() * 1000), monotonic=clock.clock
        )

    zoho.books.limits.latency = 0.3
    with paced_client(zoho.url, BooksRules(open_budget, organization=ORGANIZATION)) as client:
        client.me()
        zoho.books.faults.append(Fault(FaultKind.TOO_MANY_PER_DAY, "GET"))
        with pytest.raises(DailyLimitReached):
            client.me()
        clock.sleep(3601)
        in_threads(2, client.me)
    assert zoho.statuses()[-3:] == [429, 200, 200]
    assert zoho.books.usage[ORGANIZATION].most_in_process == 1


def test_the_day_ends_before_the_reserve_of_others(zoho: Strict, database: sa.Engine) -> None:
    with paced_client(zoho.url, paced_rules(database, per_day=20, reserve=50)) as client:
        for _ in range(9):
            client.me()
        with pytest.raises(DailyLimitReached, match=r"of 20 a day, 10 of them are kept for people.*Run again in"):
            client.me()
    assert zoho.statuses() == [200] * 10


def test_what_zoho_says_of_the_day_is_believed(zoho: Strict, database: sa.Engine) -> None:
    zoho.books.settings.rate_limit_headers = True
    zoho.books.clock = lambda: datetime(2026, 1, 5, tzinfo=UTC)  # the day has just begun
    zoho.books.limits.calls_per_day = 20
    with paced_client(zoho.url, paced_rules(database, reserve=10)) as client:
        for _ in range(17):
            client.me()
        with pytest.raises(DailyLimitReached):
            client.me()
    assert zoho.statuses() == [200] * 18


def test_the_end_of_a_short_while_is_waited_for_though_nobody_was_refused(
    zoho: Strict, database: sa.Engine
) -> None:
    zoho.books.settings.rate_limit_headers = True
    zoho.books.limits.calls_per_day, zoho.books.limits.time_scale = 6, 86_400 / 2  # six in any two seconds
    with paced_client(zoho.url, paced_rules(database, per_day=1000)) as client:
        for _ in range(9):
            client.me()
    assert zoho.statuses() == [200] * 10


def test_the_plan_of_the_organization_is_known_before_the_first_request_to_it(
    zoho: Strict, database: sa.Engine
) -> None:
    zoho.books.organizations[ORGANIZATION].plan = Plan.STANDARD
    opened: list[str | None] = []

    def open_budget(_: str, plan: str | None) -> SharedBudget:
        opened.append(plan)
        return SharedBudget(database, "zoho", Limits(windows=()))

    with paced_client(zoho.url, BooksRules(open_budget)) as client:
        client.me()
    assert opened == ["STANDARD"]


@pytest.mark.parametrize(
    ("plan", "per_day"),
    [("FREE", 1000), ("Standard", 2000), ("PROFESSIONAL", 5000), ("ELITE", 10000), ("TRIAL", 5000), (None, 5000)],
)
def test_without_a_word_from_zoho_the_day_is_that_of_the_plan(plan: str | None, per_day: int) -> None:
    limits = organization_limits(
        requests_per_minute=100, concurrency=5, requests_per_day=None, daily_reserve_percent=10, plan=plan
    )
    assert limits.usual_per_day == per_day


def test_no_refresh_token_gives_more_than_nine_tokens_in_ten_minutes(zoho: Strict, database: sa.Engine) -> None:
    for _ in range(9):
        with paced_client(zoho.url, paced_rules(database)) as client:
            client.me()
    with (
        paced_client(zoho.url, paced_rules(database)) as client,
        pytest.raises(TokenThrottled, match=r"No new access token .* Run again in (10|9) minutes, after .*scopes"),
    ):
        client.me()
    granted = [request for request in zoho.books.request_log if request.path == "/oauth/v2/token"]
    assert len(granted) == 9


def use_up_all_tokens_but_one(zoho: Strict, database: sa.Engine) -> None:
    for _ in range(8):
        with paced_client(zoho.url, paced_rules(database)) as client:
            client.me()


def test_without_another_token_a_refusal_of_one_that_serves_is_of_that_call_alone(
    outside_the_contract: None, zoho: Strict, database: sa.Engine
) -> None:
    zoho.books.refresh_tokens[CREDENTIALS.refresh_token].scopes = ["ZohoBooks.settings.READ"]
    use_up_all_tokens_but_one(zoho, database)
    with paced_client(zoho.url, paced_rules(database)) as client:
        client.me()
        for _ in range(2):
            with pytest.raises(Unauthorized, match="scopes"):
                client.accounts()
        assert client.me().status == "active"


def test_without_another_token_one_that_died_ends_with_the_time(zoho: Strict, database: sa.Engine) -> None:
    use_up_all_tokens_but_one(zoho, database)
    store = InMemoryTokenStore()
    with paced_client(zoho.url, paced_rules(database), store=store) as client:
        client.me()
        zoho.books.access_tokens.clear()
        with (
            paced_client(zoho.url, paced_rules(database), store=store) as another,
            pytest.raises(TokenThrottled, match=r"No new access token .* Run again in"),
        ):
            another.me()


def test_access_denied_stops_all_processes_with_the_time(zoho: Strict, database: sa.Engine) -> None:
    denied = zoho.books.refresh_tokens[CREDENTIALS.refresh_token].granted_at
    denied += [zoho.books.now()] * 10
    for _ in range(2):
        with (
            paced_client(zoho.url, paced_rules(database)) as client,
            pytest.raises(TokenThrottled, match="Run again in"),
        ):
            client.me()
    assert sum(request.path == "/oauth/v2/token" for request in zoho.books.request_log) == 1


def test_a_throttling_of_a_few_minutes_is_waited_out(zoho: Strict, database: sa.Engine) -> None:
    time = Time()
    grants = SharedBudget(
        database,
        "tokens",
        Limits(windows=(Window(1, 200.0),)),
        clock_ms=lambda _: round(time.clock() * 1000),
        monotonic=time.clock,
    )
    rules = BooksRules(lambda name, _: SharedBudget(database, name, Limits(windows=())), grants=grants)
    transport = books_transport(rules=rules, sleep=time.sleep, clock=time.clock)
    endpoint = TokenEndpoint(zoho.url, connection="us", sandbox=True, transport=transport, now=time.now)
    oauth = ZohoOAuth(endpoint, CREDENTIALS, InMemoryTokenStore(), now=time.now, sleep=time.sleep)
    endpoint.refresh(CREDENTIALS)
    started = time.clock()
    assert oauth.token().is_alive(time.now())
    assert 200 <= time.clock() - started < 201
    endpoint.close()


def test_hours_of_work_cross_refreshes_and_take_one_token_an_hour(zoho: Strict, database: sa.Engine) -> None:
    time = Time()
    zoho.books.clock = time.now
    zoho.books.limits.enforced = False
    rules = paced_rules(database, per_minute=100)
    with ZohoBooksClient(
        connection="us",
        accounts_url=zoho.url,
        credentials=CREDENTIALS,
        token_store=InMemoryTokenStore(),
        organization=ORGANIZATION,
        sandbox=True,
        transport=books_transport(rules=rules),
        now=time.now,
    ) as client:
        for _ in range(30):
            client.me()
            time.sleep(600)
    assert set(zoho.statuses()) == {200}
    assert sum(request.path == "/oauth/v2/token" for request in zoho.books.request_log) <= 6


def test_a_revoked_refresh_token_says_how_to_connect_again(zoho: Strict, database: sa.Engine) -> None:
    zoho.books.revoke(CREDENTIALS.refresh_token)
    with (
        paced_client(zoho.url, paced_rules(database)) as client,
        pytest.raises(ReconnectRequired, match="mlc connect zoho --connection us"),
    ):
        client.me()
