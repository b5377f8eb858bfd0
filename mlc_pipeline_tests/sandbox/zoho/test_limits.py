"""Limits of the sandbox: a minute, a day, at once, each with Zoho's own body."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from mlc_pipeline.sandbox.zoho import Plan
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


def test_the_request_after_a_hundred_in_a_minute_is_refused_until_the_minute_is_over(zoho: Zoho) -> None:
    zoho.books.limits.requests_per_minute = 3
    for _ in range(3):
        assert zoho.call("GET", "/bills").status_code == 200
    refused = zoho.call("GET", "/bills")
    assert (refused.status_code, refused.json()["code"]) == (429, 44)
    assert refused.json()["message"].startswith("For security reasons your organization has been blocked")
    zoho.clock.move(seconds=60)
    assert zoho.call("GET", "/bills").status_code == 200


def test_time_can_be_scaled(zoho: Zoho) -> None:
    zoho.books.limits.requests_per_minute = 1
    zoho.books.limits.time_scale = 60
    assert zoho.call("GET", "/bills").status_code == 200
    assert zoho.call("GET", "/bills").status_code == 429
    zoho.clock.move(seconds=1)
    assert zoho.call("GET", "/bills").status_code == 200


def test_the_plan_sets_the_calls_per_day(zoho: Zoho) -> None:
    zoho.organization.plan = Plan.FREE
    zoho.call("GET", "/bills")
    zoho.books.usage[zoho.organization_id].calls_today = 1000
    refused = zoho.call("GET", "/bills")
    assert (refused.status_code, refused.json()) == (429, {
        "code": 45,
        "message": "The API call for this organization has exceeded the maximum call rate limit of 1000.",
    })  # fmt: skip
    zoho.clock.move(days=1)
    assert zoho.call("GET", "/bills").status_code == 401  # the token is a day old
    zoho.log_in()
    assert zoho.call("GET", "/bills").status_code == 200


def test_more_requests_at_once_than_the_plan_allows_are_refused(zoho: Zoho) -> None:
    zoho.organization.plan = Plan.FREE
    zoho.books.limits.latency = 0.3
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: zoho.call("GET", "/bills"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 3
    assert {answer.json()["code"] for answer in answers} == {0, 1070}
    assert zoho.books.usage[zoho.organization_id].most_in_process == 5


@pytest.mark.parametrize("sent", [True, False])
def test_rate_limit_headers_are_sent_or_not(zoho: Zoho, sent: bool) -> None:
    zoho.books.settings.rate_limit_headers = sent
    headers = zoho.call("GET", "/bills").headers
    assert headers.get("x-rate-limit-limit") == ("5000" if sent else None)
    assert headers.get("x-rate-limit-remaining") == ("4999" if sent else None)


def test_limits_can_be_switched_off(zoho: Zoho) -> None:
    zoho.books.limits.requests_per_minute = 1
    zoho.books.limits.enforced = False
    assert {zoho.call("GET", "/bills").status_code for _ in range(5)} == {200}
