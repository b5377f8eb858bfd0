"""Whether our database was held by somebody, or away, a moment ago.

The threads of a process stand behind one another for it. When the first has waited in vain, those behind it would
wait for as long again, one after the other: instead each tries once and waits for a moment only.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy import event

from mlc_pipeline.database.errors import passes

_REMEMBERED_SECONDS = 5.0


class Contention:
    """What the connections of an engine met last. Safe between threads."""

    PATIENCE_SECONDS = 0.5
    """How long who comes behind waits."""

    def __init__(self, engine: sa.Engine) -> None:
        self._until = 0.0
        event.listen(engine, "handle_error", self._heard)

    @property
    def is_known(self) -> bool:
        """Whether somebody waited in vain in the last seconds."""
        return time.monotonic() < self._until

    def forget(self) -> None:
        """Say that the database can be used again."""
        self._until = 0.0

    def _heard(self, context: sa.engine.ExceptionContext) -> None:
        # A ping that fails is of a connection that broke earlier: a new one is made in its place.
        if not context.is_pre_ping and passes(context.original_exception):
            self._until = time.monotonic() + _REMEMBERED_SECONDS
