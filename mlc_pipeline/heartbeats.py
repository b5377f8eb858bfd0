"""Heartbeats: a run says every few seconds that it lives, so that one that died with its machine is found.

Dagster's own monitoring cannot know that: a run whose process, code server and daemon are all gone stays "started"
there. A heartbeat is a lease that its run renews. One that was not renewed in time is the mark of a dead run, or
of a clock that jumped, or of a machine that slept: so it has to stay late while somebody looks on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, explained, now_ms
from mlc_pipeline.tables import leases

logger = logging.getLogger(__name__)

SILENT_AFTER_SECONDS = 120.0
"""How long a run may be silent before it counts as dead: longer than our database may be away or locked."""

LOOKED_ON_SECONDS = 25.0
"""How long a late heartbeat is looked at before its run counts as dead: longer than from one beat to the next."""

_BEATS = 6  # in the time that a run may be silent
_PREFIX = "run "


@contextmanager
def heartbeat(
    engine: Callable[[], sa.Engine],
    run_id: str,
    *,
    seconds: float = SILENT_AFTER_SECONDS,
    with_each: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Say that the run lives while the block runs; its heartbeat is gone afterwards, however the block ends.

    `engine` is asked for at each beat: it may have to be opened, and fail to. `with_each` is called with each beat
    but the first.
    """
    ended = threading.Event()

    def beat_on() -> None:
        while not ended.wait(seconds / _BEATS):
            _noted(lambda: _beat(engine(), run_id, seconds))
            _noted(with_each)

    _noted(lambda: _beat(engine(), run_id, seconds))
    beating = threading.Thread(target=beat_on, name=f"heartbeat of {run_id}", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        _noted(lambda: forget(engine(), run_id))


Look = tuple[int, float]
"""A late heartbeat, and when it was first seen like that, in seconds of a clock that never jumps."""


def silent_runs(engine: sa.Engine) -> dict[str, int]:
    """The runs that neither ended nor said in time that they live, with their last heartbeat."""
    query = sa.select(leases.c.name, leases.c.until_ms).where(leases.c.name.startswith(_PREFIX))
    with explained(engine), engine.connect() as database:
        now = now_ms(database)
        # After the clock was set back, the heartbeat of a dead run would last as long as the jump.
        is_late = (leases.c.until_ms < now) | (leases.c.until_ms > now + int(2 * SILENT_AFTER_SECONDS * 1000))
        silent = database.execute(query.where(is_late).order_by(leases.c.name))
        return {name.removeprefix(_PREFIX): until for name, until in silent}


def looked_on(silent: Mapping[str, int], before: Mapping[str, Look]) -> tuple[list[str], dict[str, Look]]:
    """Of the silent runs those that are dead, and what is to be known at the next look."""
    now = time.monotonic()
    looks: dict[str, Look] = {}
    for run_id, until_ms in silent.items():
        known, since = before.get(run_id, (until_ms, now))
        # A first look that lies ahead is from before a restart of the machine.
        is_the_same = known == until_ms and since <= now
        looks[run_id] = (until_ms, since if is_the_same else now)
    dead = [run_id for run_id, (_, since) in looks.items() if now - since >= LOOKED_ON_SECONDS]
    return dead, {run_id: look for run_id, look in looks.items() if run_id not in dead}


def forget(engine: sa.Engine, run_id: str) -> None:
    """Delete the heartbeat of a run that has ended, or whose death was dealt with."""
    with explained(engine), engine.begin() as database:
        database.execute(sa.delete(leases).where(leases.c.name == _PREFIX + run_id))


def _noted(write: Callable[[], None]) -> None:
    """A database that is away is for the run's own steps to say; whatever it is, the next beat is tried."""
    try:
        write()
    except Exception as error:  # noqa: BLE001 - a run whose heart stopped would be ended although it lives
        why = error if isinstance(error, DatabaseError) else type(error).__name__
        logger.warning("The heartbeat of the run is not noted: %s", why)


def _beat(engine: sa.Engine, run_id: str, seconds: float) -> None:
    name = _PREFIX + run_id
    with explained(engine), engine.begin() as database:
        until = {"until_ms": now_ms(database) + int(seconds * 1000)}
        known = database.execute(sa.update(leases).where(leases.c.name == name).values(**until))
        if known.rowcount == 0:
            database.execute(sa.insert(leases).values(name=name, holder=run_id, **until))
