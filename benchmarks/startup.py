"""What it costs to load the definitions, next to importing Dagster alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measuring import Row, side_by_side

_CONNECTION = "  - {{name: c{n}, period: {{cadence: weekly, start: 2025-01-06, timezone: Europe/Berlin}}}}\n"


def measure() -> Iterator[Row]:
    """Definitions of 1 and of 50 connections, and the latter against the former."""
    with tempfile.TemporaryDirectory() as folder:
        one, fifty = (_loading(Path(folder), connections) for connections in (1, 50))
        dagster = ("import dagster", lambda: _python("import dagster", {}))
        yield side_by_side(("definitions of 1 connection", one), dagster, rounds=5)
        yield side_by_side(("definitions of 50 connections", fifty), dagster, rounds=5)


def _loading(folder: Path, connections: int) -> Callable[[], None]:
    config = folder / f"{connections}.yaml"
    config.write_text("connections:\n" + "".join(_CONNECTION.format(n=n) for n in range(connections)))
    environment = {"MLC_CONFIG": str(config), "MLC_HOME": str(folder)}
    return lambda: _python("import mlc_pipeline.definitions", environment)


def _python(statement: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", statement], check=True, env=os.environ | environment)
