"""Child processes that start together and stop together, with all their own children.

A shell that starts us in the background lets us, and so all of them, ignore Ctrl-C; here it is obeyed again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

Service = subprocess.Popen[bytes]

_SIGNALS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_STOP = 15.0
_SECONDS_BETWEEN_LOOKS = 0.05


class ServiceEnded(Exception):
    """A service ended although nobody told it to; the text names it."""


@contextmanager
def services(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[tuple[Service, ...]]:
    """Run the commands in `folder` while the block lasts; then none of their processes is left.

    What they print goes to the file `log`, which is begun anew.

    Ctrl-C and the signals to end (SIGINT, SIGTERM, SIGHUP) raise KeyboardInterrupt in the block.
    """
    started: list[Service] = []
    with log.open("wb") as output, _signals_interrupt():
        try:
            for command in commands:
                started.append(_start(command, environment, folder, output))
            yield tuple(started)
        finally:
            _stop(started)


def _start(command: Sequence[str], environment: Mapping[str, str], folder: Path, output: BinaryIO) -> Service:
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a group of its own: no signal of the terminal reaches it past us
    )


def require_running(started: Sequence[Service]) -> None:
    """See that all services still run.

    Raises:
        ServiceEnded: one does not.
    """
    for process in started:
        code = process.poll()
        if code is not None:
            name = Path(process.args[0]).name  # type: ignore[index, arg-type]
            raise ServiceEnded(f"{name} ended by itself with exit code {code}")


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in _SIGNALS_TO_END
        if not (number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN)  # nohup
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(started: Sequence[Service]) -> None:
    # It takes seconds at most: a second Ctrl-C must not leave any behind.
    for number in _SIGNALS_TO_END:
        signal.signal(number, signal.SIG_IGN)
    _signal_groups(started, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS_TO_STOP
    while any(map(_group_lives, started)) and time.monotonic() < deadline:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    _signal_groups(started, signal.SIGKILL)
    for process in started:
        process.wait()


def _signal_groups(started: Sequence[Service], number: signal.Signals) -> None:
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _group_lives(process: Service) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
