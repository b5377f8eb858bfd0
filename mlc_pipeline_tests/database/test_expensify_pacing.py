"""Expensify's two windows: all requests of one pair of credentials keep to them; a refusal pauses everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.expensify import ExpensifyClient
from mlc_pipeline.expensify.errors import LimitsClosed
from mlc_pipeline.expensify.limits import EXPENSIFY_LIMITS, ExpensifyRules
from mlc_pipeline.sandbox.expensify import ENDPOINT, ExpensifyAccount, RequestLimit, create_expensify_app
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline_tests.transport.servers import answer, raw_server

TIME_SCALE = 1 / 30
POLICIES = answer(200, '{"responseCode":200,"policyList":[]}')
REFUSED_BY_STATUS = answer(429, "slow down")
REFUSED_IN_THE_BODY = answer(200, '{"responseMessage":"You have been rate-limited","responseCode":429}')


@pytest.fixture
def account() -> ExpensifyAccount:
    return ExpensifyAccount("aa_ada_example", "secret-of-ada-example", limit=RequestLimit(time_scale=TIME_SCALE))


@pytest.fixture
def url(account: ExpensifyAccount) -> Iterator[str]:
    with serve_app(create_expensify_app(account)) as address:
        yield address + ENDPOINT


def client(url: str, engine: sa.Engine, time_scale: float = TIME_SCALE) -> ExpensifyClient:
    budget = SharedBudget(engine, "expensify", EXPENSIFY_LIMITS.scaled(time_scale))
    rules = ExpensifyRules(budget, time_scale=time_scale)
    return ExpensifyClient(
        url, "aa_ada_example", "secret-of-ada-example", zone=ZoneInfo("Europe/Berlin"), rules=rules
    )


def test_clients_side_by_side_keep_to_both_windows(
    account: ExpensifyAccount, url: str, database: sa.Engine
) -> None:
    started = time.monotonic()
    with client(url, database) as one, client(url, database) as other, ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(each.policy_list) for each in [one, other] * 13]:
            future.result()
        assert (one.traffic.retried, other.traffic.retried) == (0, 0)
        assert one.traffic.requests + other.traffic.requests == 26
    assert len(account.received) == 26
    assert 60 * TIME_SCALE <= time.monotonic() - started < 6


@pytest.mark.parametrize("refusal", [REFUSED_BY_STATUS, REFUSED_IN_THE_BODY])
def test_a_refusal_pauses_everybody_and_is_then_asked_again(database: sa.Engine, refusal: bytes) -> None:
    with raw_server(refusal, POLICIES, POLICIES) as (url, script):
        started = time.monotonic()
        with client(url, database) as one, client(url, database) as other, ThreadPoolExecutor(2) as pool:
            assert one.policy_list() == ()
            assert time.monotonic() - started >= 60 * TIME_SCALE
            assert pool.submit(other.policy_list).result() == ()
            assert one.traffic.retried == 1
    assert len(script.requests) == 3


def test_a_pause_that_is_too_long_to_wait_for_ends_with_the_time(database: sa.Engine) -> None:
    limited = answer(429, "slow down", "Retry-After: 4000")
    with raw_server(limited) as (url, script), client(url, database) as one, client(url, database) as other:
        for each in (one, other):
            with pytest.raises(
                LimitsClosed, match=r"No request was sent.*Run it again after \d{4}-\d\d-\d\d \d\d:\d\d UTC"
            ):
                each.policy_list()
    assert len(script.requests) == 1
