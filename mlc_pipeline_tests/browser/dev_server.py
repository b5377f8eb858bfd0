"""`mlc dev` as a process of its own: started on a free port, and told to stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlc_pipeline_tests.front_door import clean_environment

MLC = str(Path(sys.executable).with_name("mlc"))
SECONDS_TO_START = 90
SECONDS_TO_STOP = 30

_ADDRESS = re.compile(r"UI is at (http://127\.0\.0\.1:\d+)")
_SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True, slots=True)
class DevServer:
    """A running `mlc dev` and where its UI is."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str

    @property
    def said(self) -> str:
        """What it and its services printed so far."""
        return self.log.read_text(encoding="utf-8")

    def stop(self, number: signal.Signals) -> int:
        """Send it a signal and wait for its end; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS_TO_STOP)


@contextmanager
def dev_server(
    home: Path, *, environment: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> Iterator[DevServer]:
    """`mlc dev` on a free port with its state in `home`, ready to be looked at.

    Args:
        home: `MLC_HOME`.
        environment: all its variables; by default those of a person who set nothing but the home.
        through: a program that is given the command to run.
    """
    log = home / "dev.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*through, MLC, "dev", "--port", "0"],
            env=environment or clean_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield DevServer(process, log, _address(process, log))
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(SECONDS_TO_STOP)


def processes_of(home: Path) -> list[str]:
    """The command lines of all processes whose `MLC_HOME` is in `home`, from Linux' /proc."""
    mark, found = f"MLC_HOME={home}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has just ended, or is somebody else's
    return found


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        found = _ADDRESS.search(log.read_text(encoding="utf-8"))
        if found:
            return found.group(1)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    raise AssertionError(f"`mlc dev` did not say where its UI is:\n{log.read_text(encoding='utf-8')}")
