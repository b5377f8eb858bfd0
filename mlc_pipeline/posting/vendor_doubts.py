"""Vendors that may be in the making, known to all processes: noted before the request leaves and until its answer.

Where Zoho Books lets names be taken twice, nothing but looking keeps an employee from getting two vendors.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from mlc_pipeline.budgets import Remembered, secret_name
from mlc_pipeline.posting.ledger_view import LedgerView
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.transport import errands
from mlc_pipeline.zoho.errors import OutcomeUnknown

_log = logging.getLogger(__name__)

_GLANCE_SECONDS = 0.25


class VendorDoubts:
    """The doubts of one organization. Safe between threads."""

    def __init__(self, ledger: LedgerView, patience: Patience) -> None:
        self._ledger = ledger
        self._grace_seconds = patience.grace_seconds  # by default Zoho Books takes a name once

    @contextmanager
    def making(self, *whose: str) -> Iterator[None]:
        """Note that a vendor is asked for while the block runs, and afterwards unless its outcome is known."""
        note = self._note(whose)
        note.write(str(self._ledger.now_ms()))
        try:
            yield
        except OutcomeUnknown:
            note.write(str(self._ledger.now_ms()))
            raise
        except Exception:
            note.write("")
            raise
        note.write("")

    def waited_for(self, *whose: str) -> bool:
        """Wait until a vendor that was asked for cannot turn up any more; False where none was."""
        note = self._note(whose)
        left = self._left(note)
        if left <= 0:
            return False
        _log.warning("A vendor that may still turn up is waited for: %.0f s at the most", left)
        while left > 0:
            errands.sleep(min(left, _GLANCE_SECONDS))
            left = self._left(note)
        return True

    def _left(self, note: Remembered) -> float:
        since = note.read()
        if not since:
            return 0.0
        passed = (self._ledger.now_ms() - int(since)) / 1000
        # A moment that lies in the future is from before the clock was set back.
        return min(self._grace_seconds, self._grace_seconds - passed)

    def _note(self, whose: tuple[str, ...]) -> Remembered:
        name = secret_name(self._ledger.actor.organization_id, *whose)
        return Remembered(self._ledger.engine, f"zoho vendor {name}")
