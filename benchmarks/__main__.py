"""Runs every measurement, prints its rows and writes docs/performance.md."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from benchmarks import (
    dagster_overhead,
    documents,
    expenses,
    posting_rate,
    requests,
    singer_style,
    startup,
    token_grants,
)
from benchmarks.measuring import Row

_PAGE = Path(__file__).parent.parent / "docs" / "performance.md"

_MEASUREMENTS: dict[str, Callable[[], Iterable[Row]]] = {
    "Posting at the limit": posting_rate.measure,
    "Requests": requests.measure,
    "Access tokens": token_grants.measure,
    "Next to a plain loop over the API": singer_style.measure,
    "Many expenses": lambda: (*expenses.measure(), *documents.measure()),
    "Dagster": lambda: (*startup.measure(), *dagster_overhead.measure()),
}


def main(wanted: list[str]) -> None:
    """Measure what is wanted (by the beginnings of the titles; all by default); only all of it is written down."""
    chosen = {
        title: measure
        for title, measure in _MEASUREMENTS.items()
        if not wanted or any(title.casefold().startswith(word.casefold()) for word in wanted)
    }
    parts = []
    for title, measure in chosen.items():
        table = "\n".join(_table(measure()))
        print(f"## {title}\n\n{table}\n", flush=True)
        parts.append(f"## {title}\n\n{table}\n")
    if wanted:
        return
    shares = "\n".join(f"| {share.what} | {share.seconds:.2f} |" for share in dagster_overhead.shares())
    parts.append(f"## Where the seconds of one `mlc run` go\n\n| what | seconds |\n|---|---|\n{shares}\n")
    _PAGE.write_text("\n".join([_head(), *parts]), encoding="utf-8")


def _table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| what | against | ratio | must be |"
    yield "|---|---|---|---|"
    for row in rows:
        yield f"| {row.what} | {row.against} | {row.ratio:.2f} | {row.must} |"


def _head() -> str:
    machine = f"{cpu_count()} cores, {platform.machine()}, {platform.system()}"
    software = f"Python {platform.python_version()}, Dagster {version('dagster')}"
    return f"""# Performance

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine}, {software}.

Ratios, both sides measured in turn in one run. The sandbox enforces the documented limits; its minutes are short.
Seconds are of this machine and this day only.
"""


if __name__ == "__main__":
    main(sys.argv[1:])
