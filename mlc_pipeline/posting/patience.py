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

    A request may be carried out by Zoho well after we gave up, or after the run that sent it was killed. So what
    is absent is looked for again before it is sent again: after `grace_seconds` where Zoho refuses a second one,
    and after `unguarded_grace_seconds` where nothing but looking keeps it from being done twice. `lease_seconds`
    must be longer than one document can take with all its retries. `others_seconds`: how long to wait for another
    run that is sending documents of the same period.
    """

    grace_seconds: float = 30.0
    unguarded_grace_seconds: float = 300.0
    lease_seconds: float = 900.0
    others_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def grace_of(self, posting: Posting, *, is_outdated: bool = False) -> float:
        """Seconds for which an absent document may still turn up after we gave up, or first looked."""
        # Zoho takes a bill's number once for each vendor, which helps if it is sent again. It takes two journals
        # of a reference, perhaps vendor credits too, and a change that is late undoes whatever came after it.
        is_guarded = posting.kind == "bill" and posting.amendment != "update" and not is_outdated
        return self.grace_seconds if is_guarded else self.unguarded_grace_seconds
