"""Interruptions, as of somebody who presses Ctrl-C, or of Dagster that ends a run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from dagster._core.errors import DagsterExecutionInterruptedError, raise_execution_interrupts
from dagster._utils.interrupts import capture_interrupts


@contextmanager
def interrupted_when(error: type[BaseException], is_so: Callable[[], bool]) -> Iterator[None]:
    """The block is interrupted once, by this error, as soon as something is so."""

    def interrupt() -> None:
        deadline = time.monotonic() + 20
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    with ExitStack() as interruptible:
        if error is DagsterExecutionInterruptedError:
            interruptible.enter_context(capture_interrupts())
            interruptible.enter_context(raise_execution_interrupts())
        thread = threading.Thread(target=interrupt)
        interruptible.callback(thread.join)
        thread.start()
        yield
