"""The plain loop in a process of its own."""

from __future__ import annotations

import io

from benchmarks import plain_loop, workload
from benchmarks.plain_mapping import Key
from benchmarks.plain_reading import Fields
from benchmarks.processes import in_own_process


def planned(body: bytes) -> tuple[dict[Key, tuple[int, str]], list[Fields]]:
    """What must be mapped of a file of JSON objects, and its plans."""
    lines = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8")
    return plain_loop.documents(lines, workload.books())


if __name__ == "__main__":
    in_own_process(planned)
