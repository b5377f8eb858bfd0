"""Budgets of requests that all processes and machines share through our database.

One row a budget, locked for the moment in which a place is taken or ended; nobody sleeps while holding it.
A ticket begins with the name of its process, so that the places of one that was killed are free at once.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, explained, now_ms
from mlc_pipeline.processes import fate, this_process
from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport.occupancy import Limits, Occupancy
from mlc_pipeline.transport.pacing import Heard, Wait

logger = logging.getLogger(__name__)

_A_JUMP_MS = 1000


def secret_name(*parts: str) -> str:
    """A name for the budget of a secret, from which nobody learns the secret."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class SharedBudget:
    """The budget `name`; every process that opens it by this name shares its places. Safe between threads.

    `limits` are this process's own: they may differ between processes, and each keeps to its own then.
    """

    def __init__(
        self,
        engine: sa.Engine,
        name: str,
        limits: Limits,
        *,
        clock_ms: Callable[[sa.Connection], int] = now_ms,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.limits = limits
        self.queue = threading.Lock()
        self._engine = engine
        self._clock_ms = clock_ms
        self._monotonic = monotonic
        self._last_look: tuple[int, float] | None = None
        self._made = False

    def take(self) -> str | Wait:
        """The ticket of a place, or how long until there may be one.

        Raises:
            DatabaseError: our database cannot be used.
        """
        ticket = f"{this_process()}/{uuid.uuid4().hex[:12]}"
        with self._locked() as occupancy:
            # Kept even when there is no place yet: they have to leave the windows some time.
            occupancy.abandon([held for held in occupancy.in_flight if fate(held) == "gone"])
            wait = occupancy.take(ticket, self.limits)
        return wait or ticket

    def give_back(self, ticket: str) -> None:
        """End a place whose request was never sent."""
        self._end(lambda occupancy: occupancy.give_back(ticket, self.limits))

    def end(self, ticket: str, heard: Heard) -> None:
        """End a place by the answer to its request."""
        self._end(lambda occupancy: occupancy.end(ticket, heard))

    def _end(self, change: Callable[[Occupancy], None]) -> None:
        try:
            with self._locked() as occupancy:
                change(occupancy)
        except DatabaseError as error:
            # The answer is worth more than its place, which ends with its lease.
            logger.warning("A place of “%s” was not given back: %s", self.name, error)

    @contextmanager
    def _locked(self) -> Iterator[Occupancy]:
        if not self._made:
            _make(self._engine, self.name)
            self._made = True
        mine = sa.select(rate_budgets.c.state).where(rate_budgets.c.name == self.name).with_for_update()
        with explained(self._engine), self._engine.begin() as database:
            kept = database.execute(mine).scalar_one()
            occupancy = Occupancy.read(kept) if kept else Occupancy()
            now = self._clock_ms(database)
            jumped = self._jumped(now)
            occupancy.move_to(now, self.limits, jumped=jumped)
            before = kept if jumped else occupancy.written()  # a jump is seen once only
            yield occupancy
            after = occupancy.written()
            if after != before:
                changed = sa.update(rate_budgets).where(rate_budgets.c.name == self.name)
                database.execute(changed.values(state=after))

    def _jumped(self, now: int) -> int:
        """By how much the database's clock was set forward since our last look, in milliseconds."""
        monotonic = self._monotonic()
        last, self._last_look = self._last_look, (now, monotonic)
        if last is None:
            return 0
        too_far = (now - last[0]) - round((monotonic - last[1]) * 1000)
        return too_far if too_far > _A_JUMP_MS else 0


class Remembered:
    """A word that all processes share, kept beside the budgets; None until somebody wrote it."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    def read(self) -> str | None:
        """The word that was written last."""
        known = sa.select(rate_budgets.c.state).where(rate_budgets.c.name == self._name)
        with explained(self._engine), self._engine.connect() as database:
            return database.execute(known).scalar() or None

    def write(self, word: str) -> None:
        """Keep the word for everybody."""
        _make(self._engine, self._name)
        changed = sa.update(rate_budgets).where(rate_budgets.c.name == self._name).values(state=word)
        with explained(self._engine), self._engine.begin() as database:
            database.execute(changed)


def _make(engine: sa.Engine, name: str) -> None:
    """Make the row `name`, empty, unless there is one."""
    try:
        with explained(engine), engine.begin() as database:
            known = sa.select(rate_budgets.c.name).where(rate_budgets.c.name == name)
            if database.execute(known).one_or_none() is None:
                database.execute(sa.insert(rate_budgets).values(name=name, state=""))
    except sa.exc.IntegrityError:
        logger.debug("Another process made “%s” at this moment.", name)
