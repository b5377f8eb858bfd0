"""Sends no request before a budget, shared by all processes, has a place for it: nobody is ever refused.

The transport knows budgets only by what they do; the database behind them is none of its business.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

import httpx

from mlc_pipeline.transport import errands
from mlc_pipeline.transport.answers import answered
from mlc_pipeline.transport.retry import NEVER_SENT
from mlc_pipeline.transport.traffic import RetryLog

logger = logging.getLogger(__name__)

Kind = Literal["full", "pause", "day"]
FULL: Kind = "full"
PAUSE: Kind = "pause"
DAY: Kind = "day"

LONGEST_WAIT_SECONDS = 300.0
"""A longer wait is not slept: the run ends and says when to go on. As `RetryPolicy.seconds`."""

_LONGEST_QUEUE_SECONDS = 3600.0
_WORTH_A_WORD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Wait:
    """No place now: look again in `seconds`, at `until_ms` by the budget's clock.

    `kind` is "full" while others hold the places, "pause" when the other side asked for one, "day" when the
    requests of the day are used up.
    """

    seconds: float
    kind: Kind
    reason: str
    until_ms: int

    @property
    def until(self) -> datetime:
        """The instant, aware, in UTC."""
        return datetime.fromtimestamp(self.until_ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing may be sent for `seconds`; with `probe` one request goes then and the rest await its answer.

    `slows` says that requests came too fast, although they kept to the limits that we know.
    """

    seconds: float
    kind: Kind
    reason: str
    probe: bool = False
    slows: bool = False


@dataclass(frozen=True, slots=True)
class Remaining:
    """What an answer says is left: `left` of `limit` requests, for `seconds` more.

    `kind` is "day", or "full" for a while so short that its end is waited for.
    """

    limit: int
    left: int
    seconds: float
    kind: Kind = DAY


@dataclass(frozen=True, slots=True)
class Heard:
    """What one answer said of the limits."""

    pause: Pause | None = None
    remaining: Remaining | None = None


NOTHING = Heard()


class BudgetClosed(Exception):
    """There is no place, and it is too long until there is one. `wait` says why and until when."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(f"{wait.reason}, until {wait.until:%Y-%m-%d %H:%M} UTC")
        self.wait = wait


class Budget(Protocol):
    """A number of requests that many processes share.

    Of the threads of a process one stands in the `queue` and looks for a place; the others stand behind it.
    """

    queue: threading.Lock

    def take(self) -> str | Wait:
        """The ticket of a place, or how long until there may be one. Never sleeps."""

    def give_back(self, ticket: str) -> None:
        """End a place whose request was never sent."""

    def end(self, ticket: str, heard: Heard) -> None:
        """End a place by the answer to its request. Never raises for a database that is away."""


class Rules(Protocol):
    """What a system says of its limits, and how its client says it."""

    def budget(self, request: httpx.Request) -> Budget | None:
        """The budget that a request counts against."""

    def hear(self, response: httpx.Response) -> Heard:
        """What an answer, read to its end, says of the limits."""

    def longest_wait(self, request: httpx.Request) -> float:
        """For how many seconds a request may wait at a time; when it would be longer it is not sent."""

    def refusal(self, request: httpx.Request, wait: Wait) -> Exception:
        """The client's own error for a request that was not sent."""


def place(
    budget: Budget,
    *,
    host: str,
    longest_wait: float,
    sleep: Callable[[float], None],
    waited: Callable[[float], None],
) -> str:
    """Wait for a place and return its ticket; `waited` is told every wait.

    Each reason that makes it long is said once, also when the wait goes in steps of a glance: a person wonders.

    Raises:
        BudgetClosed: the day is used up, or there is no place for longer than `longest_wait` seconds.
    """
    queued = 0.0
    told: set[str] = set()
    while True:
        answer = budget.take()
        if isinstance(answer, str):
            return answer
        if answer.kind == DAY or answer.seconds > longest_wait or queued > _LONGEST_QUEUE_SECONDS:
            raise BudgetClosed(answer)
        if queued + answer.seconds > _WORTH_A_WORD_SECONDS and answer.reason not in told:
            told.add(answer.reason)
            logger.info("Waiting for a place for a request to %s: %s", host, _said(answer, queued))
        sleep(answer.seconds)
        waited(answer.seconds)
        queued += answer.seconds


def _said(wait: Wait, queued: float) -> str:
    if wait.seconds > _WORTH_A_WORD_SECONDS:
        return f"{wait.reason}, for {wait.seconds:.0f} s more"
    return f"{wait.reason}, {queued + wait.seconds:.0f} s so far"


class PacedTransport(httpx.BaseTransport):
    """Wraps the network; belongs inside RetryTransport, so that every try takes a place of its own.

    Answers are read to their end here: only then the place is free again.
    """

    def __init__(
        self,
        network: httpx.BaseTransport,
        rules: Rules,
        log: RetryLog | None = None,
        *,
        sleep: Callable[[float], None] = errands.sleep,
    ) -> None:
        self._network = network
        self._rules = rules
        self._log = log or RetryLog()
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` when there is a place for it, and its errand still stands."""
        budget = self._rules.budget(request)
        if budget is None:
            errands.confirm()
            response = answered(self._network, request)
            self._rules.hear(response)
            return response
        ticket = self._confirmed_place(budget, request)
        heard = NOTHING
        try:
            response = answered(self._network, request)
            heard = self._rules.hear(response)
        except NEVER_SENT:
            budget.give_back(ticket)
            raise
        except BaseException:
            budget.end(ticket, NOTHING)
            raise
        budget.end(ticket, heard)
        return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._network.close()

    def _confirmed_place(self, budget: Budget, request: httpx.Request) -> str:
        ticket = self._place(budget, request)
        try:
            errands.confirm()
        except BaseException:
            budget.give_back(ticket)
            raise
        return ticket

    def _place(self, budget: Budget, request: httpx.Request) -> str:
        longest = self._rules.longest_wait(request)
        try:
            with budget.queue:
                errands.confirm()  # who stood before us may have stopped all of us
                return place(
                    budget,
                    host=request.url.host,
                    longest_wait=longest,
                    sleep=self._sleep,
                    waited=self._log.note_wait,
                )
        except BudgetClosed as closed:
            raise self._rules.refusal(request, closed.wait) from closed
