"""Zoho Books' limits, and the transport that keeps to them.

Source: Zoho Books API introduction: 100 requests a minute, 5 to 10 at once, 1,000 to 10,000 a day by the plan;
Books OAuth page: 10 access tokens in ten minutes.
"""

import threading
import time
from collections.abc import Callable

import httpx

from mlc_pipeline.transport import errands
from mlc_pipeline.transport.occupancy import Limits, Window
from mlc_pipeline.transport.pacing import (
    DAY,
    FULL,
    LONGEST_WAIT_SECONDS,
    NOTHING,
    Budget,
    Heard,
    PacedTransport,
    Rules,
    Wait,
)
from mlc_pipeline.transport.retry import RetryPolicy, RetryTransport
from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline.zoho.errors import DailyLimitReached, RateLimited, TokenThrottled
from mlc_pipeline.zoho.limit_answers import (
    REQUESTS_PER_DAY,
    TOKEN_PATH,
    garbled,
    heard_of_tokens,
    least_wait,
    least_wait_when_paced,
    pause,
    plans,
    remaining,
)

TOKEN_GRANTS = Limits(windows=(Window(9, 600.0),), lease_seconds=60.0)
"""One less than Zoho's ten in ten minutes: the exchange of the grant code made the first."""

_LONGEST_WAIT_FOR_A_TOKEN = 5.0

_REQUESTS_PER_DAY_OF_A_PLAN_WITH_BILLS = 5000


def organization_limits(
    *,
    requests_per_minute: int,
    concurrency: int,
    requests_per_day: int | None,
    daily_reserve_percent: int,
    plan: str | None,
) -> Limits:
    """The limits of one organization; `plan` is the one it subscribed to, None when nobody knows.

    Without a number of our own and without a word from Zoho the plan's number holds (API introduction). An
    unknown plan counts as Professional, the smallest with bills: no other is of use to us.
    """
    usual = REQUESTS_PER_DAY.get((plan or "").upper(), _REQUESTS_PER_DAY_OF_A_PLAN_WITH_BILLS)
    return Limits(
        windows=(Window(requests_per_minute, 60.0),),
        at_once=concurrency,
        per_day=requests_per_day,
        usual_per_day=usual,
        reserve_percent=daily_reserve_percent,
    )


class BooksRules:
    """Which budget a request to Zoho Books counts against, and what its answers say of the limits.

    `open_budget(organization, plan)` opens an organization's budget; `organization` is the id of the usual one, if
    it is known, and `learned` is told it if not. A request that names no organization counts against that one:
    Zoho does not say whose it is. `grants` is the budget of the refresh token. `time_scale` shortens the pauses
    as it does a sandbox's minutes.
    """

    def __init__(
        self,
        open_budget: Callable[[str, str | None], Budget],
        *,
        organization: str | None = None,
        learned: Callable[[str], object] = str,
        grants: Budget | None = None,
        time_scale: float = 1.0,
    ) -> None:
        self._open_budget = open_budget
        self._usual = organization
        self._learned = learned
        self._grants = grants
        self._time_scale = time_scale
        self._uncounted = 0
        self._plans: dict[str, str] = {}
        self._budgets: dict[str, Budget] = {}
        self._lock = threading.Lock()

    def budget(self, request: httpx.Request) -> Budget | None:
        """The refresh token's for a token, else the organization's; None before any organization is known."""
        if request.url.path == TOKEN_PATH:
            return self._grants
        with self._lock:
            organization = request.url.params.get("organization_id") or self._usual
            if organization is None:
                self._uncounted += 1
                return None
            return self._budget_of(organization)

    def hear(self, response: httpx.Response) -> Heard:
        """What is left, and the pause that a refusal asks for; and the plans, from the organizations."""
        if response.request.url.path == TOKEN_PATH:
            return heard_of_tokens(response)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return Heard(pause(response, self._time_scale), remaining(response))
        if response.request.url.path.endswith("/organizations"):
            with self._lock:
                self._plans.update(plans(response))
                self._budgets.clear()
        return Heard(remaining=remaining(response))

    def longest_wait(self, request: httpx.Request) -> float:
        """A token is asked for under a lease, under which nobody should sleep."""
        return _LONGEST_WAIT_FOR_A_TOKEN if request.url.path == TOKEN_PATH else LONGEST_WAIT_SECONDS

    def refusal(self, request: httpx.Request, wait: Wait) -> Exception:
        """The error that says why nothing is sent, and when it goes on."""
        if request.url.path == TOKEN_PATH:
            return _no_token(wait)
        kind = DailyLimitReached if wait.kind == DAY else RateLimited
        return kind(f"No request was sent to Zoho: {wait.reason}", retry_after=wait.seconds)

    def _budget_of(self, organization: str) -> Budget:
        if organization not in self._budgets:
            opened = self._open_budget(organization, self._plans.get(organization))
            self._budgets[organization] = opened
            if self._usual is None:
                self._usual = organization
                self._learned(organization)
            while self._uncounted:
                self._uncounted -= 1
                _count(opened)
        return self._budgets[organization]


def _no_token(wait: Wait) -> TokenThrottled:
    if wait.kind != FULL:
        return TokenThrottled(f"No new access token was asked for: {wait.reason}", retry_after=wait.seconds)
    error = TokenThrottled(
        "No new access token was asked for: as many as Zoho gives in ten minutes were", retry_after=wait.seconds
    )
    error.what_to_do += (
        " If it comes again, see that the consent covers the scopes listed in the documentation, and that the "
        "user's role in Zoho Books has the permissions: a call that they do not allow asks for a new token too."
    )
    return error


def _count(budget: Budget) -> None:
    """Count a request that was answered before anybody knew whose it was."""
    ticket = budget.take()
    if isinstance(ticket, str):
        budget.end(ticket, NOTHING)


def books_transport(
    log: RetryLog | None = None,
    *,
    rules: Rules | None = None,
    network: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = errands.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RetryTransport:
    """The transport for Zoho Books: `network` (HTTPS by default), retries noted in `log`, paced by `rules`."""
    log = log or RetryLog()
    network = network or httpx.HTTPTransport()
    if rules is None:
        policy = RetryPolicy(least_wait=least_wait, garbled=garbled)
        return RetryTransport(network, policy, log, sleep=sleep, clock=clock)
    policy = RetryPolicy(least_wait=least_wait_when_paced, garbled=garbled)
    return RetryTransport(PacedTransport(network, rules, log, sleep=sleep), policy, log, sleep=sleep, clock=clock)
