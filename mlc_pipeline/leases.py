"""Leases: at most one process at a time does a thing, over all processes and machines that share our database.

A lease says which process holds it: when that is known to be gone, the lease has ended. It ends by itself too, so
that a machine that vanished blocks the others only for a while. That holds when the clock is set back meanwhile: a
lease that would last for much longer than it was given for has ended.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, explained, now_ms
from mlc_pipeline.processes import fate, this_process
from mlc_pipeline.tables import leases
from mlc_pipeline.transport import errands

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.1
_WORTH_A_WORD_SECONDS = 5.0


class LeaseUnavailable(Exception):
    """Somebody else held the lease for longer than we were willing to wait."""

    temporary = True


@contextmanager
def lease(
    engine: sa.Engine,
    name: str,
    *,
    seconds: float,
    wait_seconds: float,
    sleep: Callable[[float], None] = errands.sleep,
) -> Iterator[None]:
    """Hold `name` while the block runs, for `seconds` at the most; all who ask for a name give it as many.

    Raises:
        LeaseUnavailable: it was not free within `wait_seconds`.
    """
    holder = f"{this_process()}/{uuid.uuid4().hex}"
    began, told = time.monotonic(), False
    while not _acquired(engine, name, holder, seconds):
        waited = time.monotonic() - began
        if waited >= wait_seconds:
            raise LeaseUnavailable(f"Another process has held “{name}” for {wait_seconds:.0f} s: run again later.")
        if waited >= _WORTH_A_WORD_SECONDS and not told:
            told = True
            logger.info("Waiting for “%s”: another process holds it, %.0f s so far", name, waited)
        sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        _release(engine, name, holder)


def _release(engine: sa.Engine, name: str, holder: str) -> None:
    try:
        with explained(engine), engine.begin() as database:
            database.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))
    except DatabaseError as error:
        # The work is done, and worth more than its lease, which ends by itself.
        logger.warning("“%s” was not given back: %s", name, error)


def _acquired(engine: sa.Engine, name: str, holder: str, seconds: float) -> bool:
    try:
        with explained(engine), engine.begin() as database:
            now = now_ms(database)
            # A clock that is corrected by a little must not end the lease of one who lives.
            is_over = (leases.c.until_ms < now) | (leases.c.until_ms > now + int(2 * seconds * 1000))
            database.execute(sa.delete(leases).where(leases.c.name == name, is_over))
            other = database.execute(sa.select(leases.c.holder).where(leases.c.name == name)).scalar_one_or_none()
            if other is not None:
                if fate(other) != "gone":
                    return False
                database.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == other))
            until = now + int(seconds * 1000)
            database.execute(sa.insert(leases).values(name=name, holder=holder, until_ms=until))
            return True
    except sa.exc.IntegrityError:
        return False
