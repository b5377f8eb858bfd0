"""Work on columns in several threads: Arrow and numpy do it outside Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

One = TypeVar("One")
Answer = TypeVar("Answer")


def side_by_side(act: Callable[[One], Answer], each: Iterable[One]) -> list[Answer]:
    """What comes of each, in their order; the first error is raised."""
    # More threads than processors get in each other's way.
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        return [*threads.map(act, each)]
