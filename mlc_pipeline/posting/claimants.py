"""Who holds a posting: an identity of one run of the poster that others can tell to be dead or alive.

A claim has a lease. A claimant of the same machine whose process is gone, or whose run has ended, is dead at once,
so that a replay right after a crash need not wait; while its process lives, no clock that was set forward makes it
look dead. One on another machine is dead when its lease has run out, or would last for longer than any does: then
the clock was set back meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from mlc_pipeline.processes import fate, is_own, this_process

_LONGEST_RUN_MS = 24 * 3600 * 1000
_LONGEST_CLAIM_MS = 3600 * 1000
"""Longer than any claim holds before it is renewed."""

_at_work: set[str] = set()
"""The claimants of this process whose run goes on."""


@contextmanager
def claimant() -> Iterator[str]:
    """An identity, the process and something random, that is alive while the block runs."""
    name = f"{this_process()}/{uuid.uuid4().hex[:12]}"
    _at_work.add(name)
    try:
        yield name
    finally:
        _at_work.discard(name)


def is_dead(name: str, claimed_until_ms: int, now_ms: int) -> bool:
    """True when nobody can still be acting under this claim."""
    became = fate(name)
    if became == "unknown":
        return not now_ms < claimed_until_ms <= now_ms + _LONGEST_CLAIM_MS
    if became == "gone" or now_ms >= claimed_until_ms + _LONGEST_RUN_MS:
        return True
    return is_own(name) and name not in _at_work
