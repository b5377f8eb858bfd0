"""How long posting waits: for answers that may turn up late, and for other runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_ATTEMPTS = 5
"""After so many sendings without an answer or a trace in Zoho Books, a person has to look."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an unknown outcome may still turn up, and how long a claim holds.

    `grace_seconds`: a request that timed out may be committed by Zoho well after we gave up, so an absent
    document is looked for again after this time before it is sent again. `lease_seconds` must be longer than one
    document can take with all its retries. `others_seconds`: how long to wait for another run that is sending
    documents of the same period.
    """

    grace_seconds: float = 30.0
    journal_grace_seconds: float = 60.0
    lease_seconds: float = 900.0
    others_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep
