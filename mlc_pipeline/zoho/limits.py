"""Zoho Books' limits: which code means which limit, how long each asks to wait, and the transport that waits.

Source: Zoho Books API introduction (codes 44, 45, 1070, all HTTP 429); 43 was seen live, with an hour in
`Retry-After`. Zoho documents no other waiting times; ours are cautious ones.
"""

import math
import time
from collections.abc import Callable

import httpx

from mlc_pipeline.transport import json
from mlc_pipeline.transport.retry import RetryLog, RetryPolicy, RetryTransport, retry_after

TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 - a path

TOO_MANY_FROM_THIS_USER = 43
TOO_MANY_PER_MINUTE = 44
TOO_MANY_TODAY = 45
TOO_MANY_AT_ONCE = 1070

_LEAST_WAIT_SECONDS = {
    TOO_MANY_FROM_THIS_USER: 3600.0,
    TOO_MANY_PER_MINUTE: 60.0,
    TOO_MANY_AT_ONCE: 0.0,  # the policy's jittered pause alone
}
_A_DAY_SECONDS = 86_400.0


def limit_code(response: httpx.Response) -> int | None:
    """Zoho's code in a refused answer; None when the body is not Zoho's envelope."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
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


def resume_in(response: httpx.Response) -> float:
    """Seconds after which a refused call has a chance again, for people: finite, a day at most for code 45."""
    wait = least_wait(response)
    if math.isfinite(wait):
        return wait
    asked = retry_after(response) or _seconds(response.headers.get("X-Rate-Limit-Reset"))
    return min(asked or _A_DAY_SECONDS, _A_DAY_SECONDS)


def books_transport(
    log: RetryLog | None = None,
    *,
    network: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RetryTransport:
    """The transport for Zoho Books: `network` (HTTPS by default), with retries by Zoho's rules noted in `log`."""
    policy = RetryPolicy(least_wait=least_wait)
    return RetryTransport(network or httpx.HTTPTransport(), policy, log, sleep=sleep, clock=clock)


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
