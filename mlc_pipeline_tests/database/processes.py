"""Real processes that do the same thing at the same moment, to see who wins."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from textwrap import dedent
from typing import IO

_WAIT = "print('ready', flush=True); sys.stdin.readline()"


@contextmanager
def python(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process with `sys` and its arguments; it is killed if it outlives the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys\n{dedent(code)}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def at_once(imports: str, code: str, *arguments: str, processes: int = 2) -> list[str]:
    """What each of the processes printed; all of them have imported before any of them begins.

    Raises:
        AssertionError: one of them failed; the text is its standard error.
    """
    script = "\n".join([dedent(imports), _WAIT, dedent(code)])
    with ExitStack() as running:
        started = [running.enter_context(python(script, *arguments)) for _ in range(processes)]
        for process in started:
            read_line(process)
        for process in started:
            _stream(process.stdin).write("go\n")
            _stream(process.stdin).flush()
        return _outputs(started)


def read_line(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    line = _stream(process.stdout).readline()
    assert line, process.communicate()[1]
    return line.strip()


def _outputs(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    outputs = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        outputs.append(output.strip())
    return outputs


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
