"""Expensify's limits, 5 requests in 10 seconds and 20 in 60, and the transport that keeps to them.

Source: Expensify manual. A refusal comes as HTTP 429 or as code 429 in the body of an HTTP 200; how long it
lasts is not documented, so a minute is waited, after which both windows are empty.
"""

from __future__ import annotations

import httpx

from mlc_pipeline.expensify.endpoint import is_by_another, refusal_in
from mlc_pipeline.expensify.errors import LimitsClosed, RateLimited
from mlc_pipeline.transport.occupancy import Limits, Window
from mlc_pipeline.transport.pacing import (
    LONGEST_WAIT_SECONDS,
    NOTHING,
    PAUSE,
    Budget,
    Heard,
    PacedTransport,
    Pause,
    Rules,
    Wait,
)
from mlc_pipeline.transport.retry import RetryPolicy, RetryTransport, asked_by_server, retry_after
from mlc_pipeline.transport.traffic import RetryLog

# An export blocks for minutes, but it was counted when it came in: its lease ends long before.
EXPENSIFY_LIMITS = Limits(windows=(Window(5, 10.0), Window(20, 60.0)), lease_seconds=30.0)

_PAUSE_SECONDS = 60.0


def refused_by_limit(response: httpx.Response) -> bool:
    """True when Expensify did nothing because of its limits."""
    return isinstance(refusal_in(response), RateLimited)


class ExpensifyRules:
    """All requests of one pair of credentials, downloads included, count against one budget."""

    def __init__(self, budget: Budget, *, time_scale: float = 1.0) -> None:
        self._budget = budget
        self._pause_seconds = _PAUSE_SECONDS * time_scale

    def budget(self, request: httpx.Request) -> Budget | None:
        """The one budget."""
        return self._budget

    def hear(self, response: httpx.Response) -> Heard:
        """A pause for everybody after a refusal."""
        if not refused_by_limit(response):
            return NOTHING
        asked = retry_after(response)
        seconds = self._pause_seconds if asked is None else asked
        return Heard(Pause(seconds, PAUSE, "Expensify's limit of requests was reached (429)"))

    def longest_wait(self, request: httpx.Request) -> float:
        """The same for all requests."""
        return LONGEST_WAIT_SECONDS

    def refusal(self, request: httpx.Request, wait: Wait) -> Exception:
        """The error that says until when nothing is sent."""
        return LimitsClosed(
            f"No request was sent to Expensify: {wait.reason}.",
            retry_after=wait.seconds,
            what_to_do=f"Nothing is lost. Run it again after {wait.until:%Y-%m-%d %H:%M} UTC.",
        )


def expensify_transport(
    log: RetryLog, *, rules: Rules | None = None, network: httpx.BaseTransport | None = None
) -> RetryTransport:
    """The transport for Expensify: `network` (HTTPS by default), retries noted in `log`, paced by `rules`."""
    network = network or httpx.HTTPTransport()
    if rules is None:
        policy = RetryPolicy(least_wait=_least_wait, refused=refused_by_limit, garbled=is_by_another)
        return RetryTransport(network, policy, log)
    # The budget makes everybody wait, so that the retry itself need not.
    policy = RetryPolicy(least_wait=lambda response: 0.0, refused=refused_by_limit, garbled=is_by_another)
    return RetryTransport(PacedTransport(network, rules, log), policy, log)


def _least_wait(response: httpx.Response) -> float:
    if not refused_by_limit(response):
        return asked_by_server(response)
    asked = retry_after(response)
    return _PAUSE_SECONDS if asked is None else asked
