"""Lists of Zoho Books that are kept between runs, one row each, so that only what is new has to be read.

A list is trusted for a day at most, and for none if the clock was set back, the organization or the login has
changed, or Zoho Books has refused something that may come of the list. Of two processes that read at the same time
the first keeps what it read; a refusal in between is never written over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.tables import kept_lists

_log = logging.getLogger(__name__)

A_DAY_MS = 24 * 60 * 60 * 1000

WHOLE, NEW, REFUSED = "whole", "new", "refused"
"""How a list was read last; or that Zoho Books has refused something since."""


class KeptList:
    """The list `name` of a connection, as one run reads it. `source` says of which books and by which login."""

    def __init__(self, engine: sa.Engine, connection: str, name: str, source: Callable[[], str]) -> None:
        self._engine = engine
        self._key = {"connection": connection, "name": name}
        self._find_source = source
        self._source = ""
        self._revision: int | None = None
        self._loaded_ms = 0
        self._lacks_proof = False

    def load(self) -> str | None:
        """What was kept last; None if nothing was, or if it may not be trusted any more."""
        self._source = self._find_source()
        with explained(self._engine), self._engine.connect() as database:
            row = database.execute(sa.select(kept_lists).filter_by(**self._key)).one_or_none()
            self._loaded_ms = now_ms(database)
        self._revision = row.revision if row else None
        if row is None or row.source != self._source or row.whole_ms is None:
            return None
        return row.content if 0 <= self._loaded_ms - row.whole_ms < A_DAY_MS else None

    def keep(self, content: str, *, is_whole: bool) -> None:
        """Keep a list that was just read, unless somebody else has kept or refused one since `load`."""
        self._lacks_proof = not is_whole
        values = {"content": content, "source": self._source, "read": WHOLE if is_whole else NEW}
        self._write(values | ({"whole_ms": self._loaded_ms} if is_whole else {}))

    def keep_nothing(self) -> None:
        """Say that the list was just read whole and is not to be kept."""
        self._lacks_proof = False
        if self._revision is not None:
            self._write({"content": None, "whole_ms": None, "read": WHOLE})

    @property
    def is_in_doubt(self) -> bool:
        """Whether what it lacks may be there: it was not read whole last, or something was refused since."""
        if self._lacks_proof:
            return True
        read = sa.select(kept_lists.c.read).filter_by(**self._key)
        with explained(self._engine), self._engine.connect() as database:
            return database.execute(read).scalar() in (NEW, REFUSED)

    def _write(self, values: dict[str, Any]) -> None:
        try:
            with explained(self._engine), self._engine.begin() as database:
                written = self._written(database, values)
        except sa.exc.IntegrityError:
            written = False
        if not written:
            _log.info("Another process has read the list “%s” at this moment.", self._key["name"])

    def _written(self, database: sa.Connection, values: dict[str, Any]) -> bool:
        if self._revision is None:
            row = {"source": self._source, **self._key, **values}
            database.execute(sa.insert(kept_lists).values(revision=1, **row))
            self._revision = 1
            return True
        mine = sa.update(kept_lists).filter_by(**self._key).where(kept_lists.c.revision == self._revision)
        self._revision += 1
        return database.execute(mine.values(revision=self._revision, **values)).rowcount == 1


def refuse_lists(engine: sa.Engine, connection: str) -> None:
    """Zoho Books has refused what may come of the kept lists of a connection: they are read whole next time."""
    values = {"content": None, "whole_ms": None, "read": REFUSED, "revision": kept_lists.c.revision + 1}
    with explained(engine), engine.begin() as database:
        database.execute(sa.update(kept_lists).filter_by(connection=connection).values(values))
