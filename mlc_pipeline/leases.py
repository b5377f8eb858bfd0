"""Leases: at most one process at a time does a thing, over all processes and machines that share our database.

A lease ends by itself, so that a process that was killed blocks the others only for a while.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.tables import leases
from mlc_pipeline.transport import errands

_PAUSE_SECONDS = 0.1


class LeaseUnavailable(Exception):
    """Somebody else held the lease for longer than we were willing to wait."""


@contextmanager
def lease(
    engine: sa.Engine,
    name: str,
    *,
    seconds: float,
    wait_seconds: float,
    sleep: Callable[[float], None] = errands.sleep,
) -> Iterator[None]:
    """Hold `name` while the block runs, for `seconds` at the most.

    Raises:
        LeaseUnavailable: it was not free within `wait_seconds`.
    """
    holder = uuid.uuid4().hex
    deadline = time.monotonic() + wait_seconds
    while not _acquired(engine, name, holder, seconds):
        if time.monotonic() >= deadline:
            raise LeaseUnavailable(f"Another process has held “{name}” for {wait_seconds:.0f} s: run again later.")
        sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        with explained(engine), engine.begin() as database:
            database.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def _acquired(engine: sa.Engine, name: str, holder: str, seconds: float) -> bool:
    try:
        with explained(engine), engine.begin() as database:
            now = now_ms(database)
            database.execute(sa.delete(leases).where(leases.c.name == name, leases.c.until_ms < now))
            held = database.execute(sa.select(leases.c.name).where(leases.c.name == name)).one_or_none()
            if held is not None:
                return False
            until = now + int(seconds * 1000)
            database.execute(sa.insert(leases).values(name=name, holder=holder, until_ms=until))
            return True
    except sa.exc.IntegrityError:
        return False
