"""Who holds a posting: an identity of this process that others can tell to be dead or alive.

A claim has a lease. A claimant on the same machine whose process is gone is dead at once, so that a replay right
after a crash need not wait; one on another machine is dead when its lease has run out.
"""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path


def new_claimant() -> str:
    """`host/pid/start of the process/random`: unique to one run of the poster."""
    return f"{_host()}/{os.getpid()}/{_started(os.getpid())}/{uuid.uuid4().hex[:12]}"


def is_dead(claimant: str, claimed_until_ms: int, now_ms: int) -> bool:
    """True when nobody can still be acting under this claim."""
    if now_ms >= claimed_until_ms:
        return True
    host, _, rest = claimant.partition("/")
    pid, _, rest = rest.partition("/")
    started, _, _ = rest.partition("/")
    if host != _host() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


def _host() -> str:
    # The boot id tells containers that share a host name after a restart from one another.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        boot = "-"
    return f"{socket.gethostname()}:{boot}"


def _started(pid: int) -> str:
    """The start time of a process in clock ticks, "gone" when there is none (a zombie is gone too)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return "gone" if Path("/proc/self").exists() else _answers(pid)
    except (OSError, IndexError):
        return "unknown"
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
