"""Heartbeats: a run says every few seconds that it lives, so that one that died with its machine is found.

Dagster's own monitoring cannot know that: a run whose process, code server and daemon are all gone stays "started"
there. A heartbeat is a lease that its run renews; one that was not renewed in time is the mark of a dead run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, explained, now_ms
from mlc_pipeline.tables import leases

logger = logging.getLogger(__name__)

SILENT_AFTER_SECONDS = 120.0
"""How long a run may be silent before it counts as dead: longer than our database may be away or locked."""

_BEATS = 6  # in that time
_PREFIX = "run "


@contextmanager
def heartbeat(engine: sa.Engine, run_id: str, *, seconds: float = SILENT_AFTER_SECONDS) -> Iterator[None]:
    """Say that the run lives while the block runs; its heartbeat is gone afterwards, however the block ends."""
    ended = threading.Event()

    def beat_on() -> None:
        while not ended.wait(seconds / _BEATS):
            _noted(lambda: _beat(engine, run_id, seconds))

    _noted(lambda: _beat(engine, run_id, seconds))
    beating = threading.Thread(target=beat_on, name=f"heartbeat of {run_id}", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        _noted(lambda: forget(engine, run_id))


def silent_runs(engine: sa.Engine) -> tuple[str, ...]:
    """The ids of the runs that died: they neither ended nor said in time that they live."""
    query = sa.select(leases.c.name).where(leases.c.name.startswith(_PREFIX))
    with explained(engine), engine.connect() as database:
        silent = database.execute(query.where(leases.c.until_ms < now_ms(database)).order_by(leases.c.name))
        return tuple(name.removeprefix(_PREFIX) for name in silent.scalars())


def forget(engine: sa.Engine, run_id: str) -> None:
    """Delete the heartbeat of a run that has ended, or whose death was dealt with."""
    with explained(engine), engine.begin() as database:
        database.execute(sa.delete(leases).where(leases.c.name == _PREFIX + run_id))


def _noted(write: Callable[[], None]) -> None:
    """A database that is away is for the run's own steps to say, each in its own words."""
    try:
        write()
    except DatabaseError as error:
        logger.warning("The heartbeat of the run is not noted: %s", error)


def _beat(engine: sa.Engine, run_id: str, seconds: float) -> None:
    name = _PREFIX + run_id
    with explained(engine), engine.begin() as database:
        until = {"until_ms": now_ms(database) + int(seconds * 1000)}
        known = database.execute(sa.update(leases).where(leases.c.name == name).values(**until))
        if known.rowcount == 0:
            database.execute(sa.insert(leases).values(name=name, holder=run_id, **until))
