"""How long posting waits: for answers that may turn up late, and for other runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from mlc_pipeline.posting.postings import Posting

MOST_ATTEMPTS = 5
"""After so many sendings without an answer or a trace in Zoho Books, a person has to look."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an unknown outcome may still turn up, and how long a claim holds.

    `grace_seconds`: a request that timed out may be committed by Zoho well after we gave up, so an absent
    document is looked for again after this time before it is sent again. `lease_seconds` must be longer than one
    document can take with all its retries. `overdue_journal_seconds`: the grace of a journal that Zoho had in hand
    when we stopped waiting for its answer; no run sleeps that long. `others_seconds`: how long to wait for another
    run that is sending documents of the same period.
    """

    grace_seconds: float = 30.0
    journal_grace_seconds: float = 60.0
    overdue_journal_seconds: float = 300.0
    lease_seconds: float = 900.0
    others_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def longest_sleep(self) -> float:
        """For how long a run waits for an outcome; what takes longer is left to the next run."""
        return max(self.grace_seconds, self.journal_grace_seconds)

    def grace_of(self, posting: Posting) -> float:
        """Seconds for which an absent document may still turn up after it was sent."""
        if posting.kind == "bill":
            return self.grace_seconds
        # Zoho refuses a second bill of the same number, but knows no double journals.
        is_overdue = posting.kind == "journal" and posting.is_overdue
        return self.overdue_journal_seconds if is_overdue else self.journal_grace_seconds
