"""Who holds a posting: an identity of one run of the poster that others can tell to be dead or alive.

A claim has a lease. A claimant of the same machine whose process is gone, or whose run has ended, is dead at once,
so that a replay right after a crash need not wait; while its process lives, no clock that was set forward makes it
look dead. One on another machine is dead when its lease has run out, or would last for longer than any does: then
the clock was set back meanwhile.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST_RUN_MS = 24 * 3600 * 1000
_LONGEST_CLAIM_MS = 3600 * 1000
"""Longer than any claim holds before it is renewed."""

_at_work: set[str] = set()
"""The claimants of this process whose run goes on."""


@contextmanager
def claimant() -> Iterator[str]:
    """An identity, `host/pid/start of the process/random`, that is alive while the block runs."""
    name = f"{_host()}/{os.getpid()}/{_started(os.getpid())}/{uuid.uuid4().hex[:12]}"
    _at_work.add(name)
    try:
        yield name
    finally:
        _at_work.discard(name)


def is_dead(name: str, claimed_until_ms: int, now_ms: int) -> bool:
    """True when nobody can still be acting under this claim."""
    host, pid, started = (*name.split("/"), "", "", "")[:3]
    if host != _host() or not pid.isdigit():
        return not now_ms < claimed_until_ms <= now_ms + _LONGEST_CLAIM_MS
    if now_ms >= claimed_until_ms + _LONGEST_RUN_MS:
        return True
    if int(pid) == os.getpid() and started == _started(os.getpid()):
        return name not in _at_work
    return _started(int(pid)) != started


def _host() -> str:
    # The boot id tells apart machines that share a name, and a machine from itself before a restart; the
    # namespace, containers that share both: a process number means nothing outside its own.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        namespace = "".join(filter(str.isdigit, str(Path("/proc/self/ns/pid").readlink())))
    except OSError:
        boot = namespace = "-"
    return f"{socket.gethostname()}:{boot}:{namespace}"


def _started(pid: int) -> str:
    """The start time of a process in clock ticks; "gone" when there is none (a zombie is gone too)."""
    if not Path("/proc/self/stat").exists():
        return _answers(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "gone"
    return "gone" if fields[0] in ("Z", "X") else fields[19]


def _answers(pid: int) -> str:
    """Where there is no /proc: only whether a process of that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except OSError:
        return "running"
    return "running"
