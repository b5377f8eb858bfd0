"""The plain loop in a process of its own."""

from __future__ import annotations

from pathlib import Path

from benchmarks import plain_loop, workload
from benchmarks.plain_reading import Fields
from benchmarks.processes import in_own_process


def plans(path: Path) -> list[Fields]:
    """The plans of a file of JSON objects."""
    with path.open(encoding="utf-8") as lines:
        return plain_loop.documents(lines, workload.books())


if __name__ == "__main__":
    in_own_process(plans)
