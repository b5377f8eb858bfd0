"""Zoho Books' limits: which code means which limit, what each asks for, and the transport that keeps to them.

Source: Zoho Books API introduction (100 requests a minute, codes 44, 45, 1070, all HTTP 429); 43 was seen live,
with an hour in `Retry-After`; `X-Rate-Limit-*` were seen by some. Zoho documents no waiting times; ours are
cautious ones.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from mlc_pipeline.transport import errands, json
from mlc_pipeline.transport.occupancy import Limits, Window
from mlc_pipeline.transport.pacing import (
    DAY,
    FULL,
    LONGEST_WAIT_SECONDS,
    NOTHING,
    PAUSE,
    Budget,
    Heard,
    PacedTransport,
    Pause,
    Remaining,
    Rules,
    Wait,
)
from mlc_pipeline.transport.retry import RetryPolicy, RetryTransport, retry_after
from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline.zoho.errors import DailyLimitReached, RateLimited, TokenThrottled

TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 - a path

TOO_MANY_FROM_THIS_USER = 43
TOO_MANY_PER_MINUTE = 44
TOO_MANY_TODAY = 45
TOO_MANY_AT_ONCE = 1070

TOKEN_GRANTS = Limits(windows=(Window(9, 600.0),), lease_seconds=60.0)
"""One less than Zoho's ten in ten minutes: the exchange of the grant code made the first."""

THROTTLE_SECONDS = 600.0
_LONGEST_WAIT_FOR_A_TOKEN = 5.0

_REQUESTS_PER_DAY = {
    "FREE": 1000,
    "STANDARD": 2000,
    "PROFESSIONAL": 5000,
    "PREMIUM": 10_000,
    "ELITE": 10_000,
    "ULTIMATE": 10_000,
}
_REQUESTS_PER_DAY_OF_A_PLAN_WITH_BILLS = 5000

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_CUT_OFF = 1.0  # Zoho says whole seconds
_LEAST_WAIT_SECONDS = {
    TOO_MANY_FROM_THIS_USER: _HOUR,
    TOO_MANY_PER_MINUTE: _MINUTE,
    TOO_MANY_AT_ONCE: 0.0,  # the policy's jittered pause alone
}


def limit_code(response: httpx.Response) -> int | None:
    """Zoho's code in a refused answer; None when the body is not Zoho's envelope."""
    code = _body(response).get("code")
    return code if isinstance(code, int) else None


def least_wait(response: httpx.Response) -> float:
    """The least seconds to wait before this call is repeated; `math.inf` when repeating makes it worse."""
    asked = retry_after(response)
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return asked or 0.0
    code = limit_code(response)
    if code == TOO_MANY_TODAY or response.request.url.path == TOKEN_PATH:
        return math.inf
    return asked if asked is not None else _LEAST_WAIT_SECONDS.get(code or 0, 0.0)


def least_wait_when_paced(response: httpx.Response) -> float:
    """As `least_wait`, where a budget makes everybody wait already after a refusal for the minute."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and limit_code(response) == TOO_MANY_PER_MINUTE:
        return 0.0
    return least_wait(response)


def resume_in(response: httpx.Response) -> float:
    """Seconds after which a refused call has a chance again, for people: finite, a day at most.

    After code 45 without a word about the reset it is an hour: then one request asks whether the day is over.
    """
    wait = least_wait(response)
    if math.isfinite(wait):
        return wait
    asked = retry_after(response) or _until_reset(response)
    return min(asked or _HOUR, _DAY)


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
    usual = _REQUESTS_PER_DAY.get((plan or "").upper(), _REQUESTS_PER_DAY_OF_A_PLAN_WITH_BILLS)
    return Limits(
        windows=(Window(requests_per_minute, _MINUTE),),
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
            return _heard_of_tokens(response)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return Heard(self._pause(response), _remaining(response))
        if response.request.url.path.endswith("/organizations"):
            with self._lock:
                self._plans.update(_plans(_body(response)))
                self._budgets.clear()
        return Heard(remaining=_remaining(response))

    def longest_wait(self, request: httpx.Request) -> float:
        """A token is asked for under a lease, under which nobody should sleep."""
        return _LONGEST_WAIT_FOR_A_TOKEN if request.url.path == TOKEN_PATH else LONGEST_WAIT_SECONDS

    def refusal(self, request: httpx.Request, wait: Wait) -> Exception:
        """The error that says why nothing is sent, and when it goes on."""
        kind = DailyLimitReached if wait.kind == DAY else RateLimited
        if request.url.path == TOKEN_PATH:
            kind = TokenThrottled
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

    def _pause(self, response: httpx.Response) -> Pause | None:
        code, asked = limit_code(response), retry_after(response)
        if code == TOO_MANY_TODAY:
            reset = asked or _until_reset(response)
            reason = "the limit of the day is reached, by us or by others (code 45)"
            if reset is None:
                return Pause(_HOUR * self._time_scale, DAY, reason, probe=True)
            return Pause(reset + _CUT_OFF, DAY, reason)
        if code == TOO_MANY_AT_ONCE:
            return Pause(asked, PAUSE, "too many requests at once (code 1070)") if asked else None
        usual = _LEAST_WAIT_SECONDS.get(code or 0, _MINUTE) * self._time_scale
        reason = f"Zoho has blocked the organization for a while (code {code or 'unknown'})"
        return Pause(usual if asked is None else asked, PAUSE, reason, slows=code == TOO_MANY_PER_MINUTE)


def _count(budget: Budget) -> None:
    """Count a request that was answered before anybody knew whose it was."""
    ticket = budget.take()
    if isinstance(ticket, str):
        budget.end(ticket, NOTHING)


def _heard_of_tokens(response: httpx.Response) -> Heard:
    throttled = response.status_code == httpx.codes.TOO_MANY_REQUESTS or tokens_are_denied(_body(response))
    if not throttled:
        return NOTHING
    reason = "Zoho gives no new access tokens for now (Access Denied)"
    return Heard(Pause(retry_after(response) or THROTTLE_SECONDS, PAUSE, reason))


def tokens_are_denied(body: Mapping[str, Any]) -> bool:
    """True when the token endpoint's answer means that too many tokens were asked for."""
    return str(body.get("error") or "").lower().replace("_", " ") == "access denied"


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
        return RetryTransport(network, RetryPolicy(least_wait=least_wait), log, sleep=sleep, clock=clock)
    paced = PacedTransport(network, rules, log, sleep=sleep)
    return RetryTransport(paced, RetryPolicy(least_wait=least_wait_when_paced), log, sleep=sleep, clock=clock)


def _remaining(response: httpx.Response) -> Remaining | None:
    limit = _whole(response.headers.get("X-Rate-Limit-Limit"))
    left = _whole(response.headers.get("X-Rate-Limit-Remaining"))
    if not limit or left is None:
        return None
    # They were seen for the day, but it is not documented that they always are. Without a reset the word holds for
    # an hour, or for a minute when so few are a day's of no plan: later answers will say it again.
    reset = _until_reset(response)
    if reset is None:
        reset = _HOUR if limit >= min(_REQUESTS_PER_DAY.values()) else _MINUTE
    kind = DAY if reset > LONGEST_WAIT_SECONDS else FULL
    return Remaining(limit, left, reset + _CUT_OFF, kind)


def _until_reset(response: httpx.Response) -> float | None:
    """Seconds until the day begins anew; a moment is understood too."""
    value = _whole(response.headers.get("X-Rate-Limit-Reset"))
    if value is None:
        return None
    if value > 10 * _DAY:
        value = max(0, value - int(datetime.now(UTC).timestamp()))
    return min(float(value), _DAY)


def _plans(body: Mapping[str, Any]) -> dict[str, str]:
    """Plan by organization id, of `GET /organizations`."""
    rows = body.get("organizations")
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {
        str(row.get("organization_id")): row["plan_name"]
        for row in known
        if isinstance(row.get("plan_name"), str) and row["plan_name"]
    }


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
