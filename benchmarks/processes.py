"""Measurements in processes of their own: the time of one side after it has warmed up, and its peak memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_WARM_UP = 2_000


@dataclass(frozen=True, slots=True)
class Expenses:
    """A file of expenses, and a small one of the same kind to warm up on."""

    path: Path
    warm_up: Path
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement: microseconds an expense, and GiB at the peak."""

    microseconds: float
    gibibytes: float


def written(folder: Path, write: Callable[[int], Iterator[str]], count: int) -> Expenses:
    """The files of this many expenses."""
    file, warm_up = (folder / f"{write.__name__}-{size}" for size in (count, _WARM_UP))
    for path, size in ((file, count), (warm_up, _WARM_UP)):
        if not path.exists():
            with path.open("w", encoding="utf-8") as opened:
                opened.writelines(write(size))
    return Expenses(file, warm_up, count)


def measured(module: str, expenses: Expenses) -> Figures:
    """What the module, whose main is `in_own_process`, takes for them."""
    command = [sys.executable, "-m", module, str(expenses.warm_up), str(expenses.path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, gibibytes = json.loads(answer)
    return Figures(seconds / expenses.count * 1e6, gibibytes)


def in_own_process(act: Callable[[bytes], object]) -> None:
    """Act on the bytes of the two files of the command line, and print what the second took."""
    body, warm_up = (Path(path).read_bytes() for path in reversed(sys.argv[1:]))
    act(warm_up)
    bodies = [body]
    del body
    started = time.perf_counter()
    kept = act(bodies.pop())
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
    del kept
