"""The one place that decides what is safe to repeat, and how long to wait before it is repeated.

A read may be repeated whenever its answer was lost or the server stumbled. A write may be repeated only when
it certainly did nothing: the connection was never made, or a limit refused it (429). Every other lost write
is left to the posting ledger, which looks before it sends again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import tenacity

from mlc_pipeline.transport import errands
from mlc_pipeline.transport.answers import answered
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.transport.traffic import Retry, RetryLog

logger = logging.getLogger(__name__)

SAFE_TO_REPEAT = {"safe_to_repeat": True}
"""Request extension for a POST that changes nothing: `client.post(url, ..., extensions=SAFE_TO_REPEAT)`."""

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures after which the server has certainly not seen the request."""

_LOST = (
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    httpx.ProxyError,
    httpx.DecodingError,
)
_LONGEST_ASKED_SECONDS = 86_400.0
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def changes_nothing(request: httpx.Request) -> bool:
    """True for a read: by its method, or because its sender marked it SAFE_TO_REPEAT."""
    return request.method in _READS or bool(request.extensions.get("safe_to_repeat"))


def refused_by_status(response: httpx.Response) -> bool:
    """True for the answer of a limit, where HTTP's status says so."""
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS


def nothing_is_garbled(response: httpx.Response) -> bool:
    """For a server whose answers have no form of which the transport knows."""
    return False


def reason_to_repeat(
    request: httpx.Request,
    outcome: httpx.Response | BaseException,
    refused: Callable[[httpx.Response], bool] = refused_by_status,
    garbled: Callable[[httpx.Response], bool] = nothing_is_garbled,
) -> str | None:
    """Why `request` may be sent again after `outcome`; None when it must not or need not be."""
    if isinstance(outcome, NEVER_SENT):
        return f"no connection ({type(outcome).__name__})"
    if isinstance(outcome, httpx.Response) and refused(outcome):
        where = "HTTP 429" if refused_by_status(outcome) else "429 in the body"
        return f"refused by a limit ({where})"
    if not changes_nothing(request):
        return None
    if isinstance(outcome, _LOST):
        return f"answer lost ({type(outcome).__name__})"
    if isinstance(outcome, httpx.Response) and outcome.is_server_error:
        return f"server error (HTTP {outcome.status_code})"
    if isinstance(outcome, httpx.Response) and garbled(outcome):
        return f"no proper answer (HTTP {outcome.status_code})"
    return None


def retry_after(response: httpx.Response) -> float | None:
    """Seconds the server asks to wait (`Retry-After`: a number or a date), a day at most; None if it is silent."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_ASKED_SECONDS)
    moment = _moment(value)
    if moment is None:
        return None
    # By the server's own clock: ours may be another's.
    now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
    return min(max(0.0, (moment - now).total_seconds()), _LONGEST_ASKED_SECONDS)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def asked_by_server(response: httpx.Response) -> float:
    """The least wait in seconds for a server without rules of its own: `Retry-After`, else none."""
    return retry_after(response) or 0.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long one request is tried.

    `tries` and `seconds` bound one request, waits included. Pauses are exponential, fully jittered: between
    0 and `first_pause * 2**n` seconds, at most `longest_pause`, on top of `least_wait(response)`. A wait
    that does not fit the budget (`math.inf` never does) ends the tries: the refusal itself is the answer.
    `refused` says whether an answer is the refusal of a limit, after which nothing was done; `garbled`, whether
    one is not what the server answers when all is well, such as the page of a proxy, or half of it.
    """

    tries: int = 8
    seconds: float = 300.0
    first_pause: float = 0.5
    longest_pause: float = 20.0
    least_wait: Callable[[httpx.Response], float] = asked_by_server
    refused: Callable[[httpx.Response], bool] = refused_by_status
    garbled: Callable[[httpx.Response], bool] = nothing_is_garbled


class RetryTransport(httpx.BaseTransport):
    """Wraps another transport and repeats what `reason_to_repeat` allows, within the policy's budget.

    Answers are read to their end here, so an answer cut in its middle counts as lost and a read is repeated.
    When the budget is used up, the last answer is returned or the last error raised as it came.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        policy: RetryPolicy | None = None,
        log: RetryLog | None = None,
        *,
        sleep: Callable[[float], None] = errands.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._policy = policy or RetryPolicy()
        self._log = log or RetryLog()
        self._sleep = sleep
        self._clock = clock
        self._pause = tenacity.wait_random_exponential(
            multiplier=self._policy.first_pause, max=self._policy.longest_pause
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` until it is answered for good."""
        started = self._clock()

        def exhausted(state: tenacity.RetryCallState) -> bool:
            spent = self._clock() - started
            return (
                state.attempt_number >= self._policy.tries or spent + state.upcoming_sleep > self._policy.seconds
            )

        retrying = tenacity.Retrying(
            retry=lambda state: self._reason(request, state) is not None,
            wait=self._wait,
            stop=exhausted,
            sleep=self._sleep,
            before_sleep=lambda state: self._note(request, state),
            retry_error_callback=_as_it_came,
        )
        return retrying(self._send_once, request)

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()

    def _reason(self, request: httpx.Request, state: tenacity.RetryCallState) -> str | None:
        return reason_to_repeat(request, _outcome(state), self._policy.refused, self._policy.garbled)

    def _send_once(self, request: httpx.Request) -> httpx.Response:
        try:
            response = answered(self._transport, request)
        except httpx.HTTPError:
            self._log.note_sent()
            raise
        self._log.note_sent()
        return response

    def _wait(self, state: tenacity.RetryCallState) -> float:
        outcome = _outcome(state)
        least = self._policy.least_wait(outcome) if isinstance(outcome, httpx.Response) else 0.0
        return least + self._pause(state)

    def _note(self, request: httpx.Request, state: tenacity.RetryCallState) -> None:
        reason = self._reason(request, state) or ""
        retry = Retry(request.method, request.url.path, state.attempt_number, reason, state.upcoming_sleep)
        self._log.note(retry)
        logger.warning(
            "%s %s: %s; try %d in %.1f s",
            retry.method,
            redact(retry.path),
            retry.reason,
            retry.attempt + 1,
            retry.waited_seconds,
        )


def _outcome(state: tenacity.RetryCallState) -> httpx.Response | BaseException:
    outcome = state.outcome
    assert outcome is not None  # tenacity asks only after a try
    error = outcome.exception()
    answer: httpx.Response | BaseException = outcome.result() if error is None else error
    return answer


def _as_it_came(state: tenacity.RetryCallState) -> Any:
    assert state.outcome is not None
    return state.outcome.result()
