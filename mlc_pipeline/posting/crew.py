"""The crew: threads that work through a list, each taking the next piece when it has finished one.

The first error stops the crew: what is in hand is finished, nothing new is begun, then the error is raised. So
does anything that is raised in the thread that waits for the crew, such as an interruption of the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

TICK_SECONDS = 10.0

Piece = TypeVar("Piece")


class Crew:
    """So many threads; `on_tick` is called about every `tick` seconds, in the thread that waits."""

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
        for hand in hands:
            hand.result()

    def _work(self, rest: Iterator[Piece], act: Callable[[Piece], object]) -> None:
        try:
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
