"""The crew: threads that work through a list, each taking the next piece when it has finished one.

The first error stops the crew: what has left is waited for, nothing new is begun or sent, then the error is
raised. So does anything that is raised in the thread that waits for the crew, such as an interruption of the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from mlc_pipeline.transport import errands
from mlc_pipeline.zoho.errors import ZohoError

TICK_SECONDS = 10.0

Piece = TypeVar("Piece")


class Stopped(ZohoError):
    """The crew was stopped before a request could leave."""


class Crew:
    """So many threads; `on_tick` is called about every `tick` seconds, in the thread that waits.

    It is the errand of what its threads send: their waits end at once when it stops.
    """

    def __init__(
        self, workers: int, on_tick: Callable[[], None] = lambda: None, tick: float = TICK_SECONDS
    ) -> None:
        self._workers = workers
        self._on_tick = on_tick
        self._tick = tick
        self._last_tick = time.monotonic()
        self._stopping = threading.Event()
        self._turn = threading.Lock()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing new may be begun any more."""
        return self._stopping.is_set()

    def work_through(self, pieces: Iterable[Piece], act: Callable[[Piece], object]) -> None:
        """Act on each piece, several at once; returns when all is done."""
        rest = iter(pieces)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="posting") as threads:
            hands = [threads.submit(self._work, rest, act) for _ in range(self._workers)]
            try:
                self._watch(hands)
            except BaseException:
                self._stopping.set()
                raise
        errors = [error for hand in hands if (error := hand.exception())]
        for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
            raise error

    def sleep(self, seconds: float) -> None:
        """Wait; raises Stopped when the crew stops meanwhile."""
        self._stopping.wait(seconds)
        self.confirm()

    def confirm(self) -> None:
        """Raise Stopped once nothing new may be sent."""
        if self.is_stopping:
            raise Stopped("The run is being stopped.")

    def _work(self, rest: Iterator[Piece], act: Callable[[Piece], object]) -> None:
        try:
            with errands.on(self):
                while not self.is_stopping and (taken := self._next(rest)):
                    act(taken[0])
        except BaseException:
            self._stopping.set()
            raise

    def _next(self, rest: Iterator[Piece]) -> tuple[Piece] | None:
        with self._turn:
            for piece in rest:
                return (piece,)
        return None

    def _watch(self, hands: list[Future[None]]) -> None:
        busy = set(hands)
        while busy:
            until_tick = self._last_tick + self._tick - time.monotonic()
            if until_tick <= 0:
                self._last_tick = time.monotonic()
                self._on_tick()
                continue
            done, busy = wait(busy, timeout=until_tick, return_when=FIRST_EXCEPTION)
            if any(hand.exception() for hand in done):
                return
