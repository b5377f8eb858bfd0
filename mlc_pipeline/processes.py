"""Processes: a name of this one by which others of the same machine can tell that it is gone.

What a process holds in our database outlives it when it is killed. Nobody here can tell what became of a process
of another machine, or of one that the system hides from us: what such a one holds ends by its lease.
"""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path
from typing import Literal

Fate = Literal["alive", "gone", "unknown"]

_GONE, _HIDDEN = "gone", "hidden"


@lru_cache(maxsize=1)
def this_process() -> str:
    """`host/pid/start of the process`. What begins with it and a slash is this process's own."""
    return f"{_host()}/{os.getpid()}/{_started(os.getpid())}"


os.register_at_fork(after_in_child=this_process.cache_clear)


def is_own(name: str) -> bool:
    """True for what begins with the name of this process."""
    return name.startswith(f"{this_process()}/")


def fate(name: str) -> Fate:
    """What became of the process that `name` begins with; a name of another form belongs to nobody we know."""
    if is_own(name):
        return "alive"
    host, pid, started = (*name.split("/"), "", "", "")[:3]
    if host != this_process().split("/")[0] or not pid.isdecimal():
        return "unknown"
    seen = _started(int(pid))
    if seen == _HIDDEN:
        return "unknown"
    return "alive" if seen == started else "gone"


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
        return "running" if _exists(pid) else _GONE
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        # /proc may be mounted so that it shows nobody the processes of other users.
        return _HIDDEN if _exists(pid) else _GONE
    return _GONE if fields[0] in ("Z", "X") else fields[19]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
