"""What it costs to load the definitions, next to importing Dagster alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, side_by_side, within

_CONNECTION = "  - {{name: c{n}, period: {{cadence: weekly, start: 2025-01-06, timezone: Europe/Berlin}}}}\n"
_IMPORT = "import mlc_pipeline.definitions as definitions"
_LOAD = f"{_IMPORT}; definitions.defs.get_repository_def()"


def measure() -> Iterator[Row]:
    """Definitions of 1 and of 50 connections, imported, and made into the repository that Dagster serves."""
    with tempfile.TemporaryDirectory() as folder:
        one, fifty = (_environment(Path(folder), connections) for connections in (1, 50))
        dagster = ("import dagster", lambda: _python("import dagster", {}))
        imported = ("definitions of 50 connections", lambda: _python(_IMPORT, fifty))
        loaded = ("definitions of 50 connections, with Dagster's repository", lambda: _python(_LOAD, fifty))
        yield side_by_side(("definitions of 1 connection", lambda: _python(_IMPORT, one)), dagster, rounds=5)
        yield side_by_side(imported, dagster, rounds=5)
        yield within(imported, seconds=2, rounds=5)
        yield within(loaded, seconds=2, rounds=5)


def _environment(folder: Path, connections: int) -> dict[str, str]:
    config = folder / f"{connections}.yaml"
    config.write_text("connections:\n" + "".join(_CONNECTION.format(n=n) for n in range(connections)))
    return {"MLC_CONFIG": str(config), "MLC_HOME": str(folder)}


def _python(statement: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", statement], check=True, env=os.environ | environment)
