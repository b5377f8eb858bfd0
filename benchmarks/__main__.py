"""Runs every measurement, prints its rows and writes docs/performance.md; a row that misses its bound fails it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

_MEASUREMENTS: Mapping[str, Callable[[], Iterable[Row]]] = {
    "Posting at the limit": posting_rate.measure,
    "Requests": requests.measure,
    "Access tokens": token_grants.measure,
    "Next to a plain loop over the API": singer_style.measure,
    "Many expenses": lambda: (*expenses.measure(), *documents.measure()),
    "Dagster": lambda: (*startup.measure(), *dagster_overhead.measure()),
}


def main(
    wanted: Sequence[str],
    measurements: Mapping[str, Callable[[], Iterable[Row]]] = _MEASUREMENTS,
    shares: Callable[[], Iterable[dagster_overhead.Share]] = dagster_overhead.shares,
    page: Path = _PAGE,
) -> int:
    """Measure what is wanted (by the beginnings of the titles; all by default); only all of it is written down.

    The exit status: 1 when a row misses what it must be.
    """
    parts, missed = [], 0
    for title, measure in measurements.items():
        if wanted and not any(title.casefold().startswith(word.casefold()) for word in wanted):
            continue
        rows = [*measure()]
        missed += sum(row.is_missed for row in rows)
        parts.append("\n".join([f"## {title}", "", *_table(rows), ""]))
        print(parts[-1], flush=True)
    if not wanted:
        parts.append("\n".join(["## Where the seconds of one `mlc run` go", "", *_seconds(shares()), ""]))
        page.write_text("\n".join([_head(), *parts]), encoding="utf-8")
    if missed:
        print(f"Rows that miss what they must be: {missed}", file=sys.stderr)
    return int(missed > 0)


def _table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| what | against | ratio | must be |"
    yield "|---|---|---|---|"
    for row in rows:
        must = f"{row.must}, **missed**" if row.is_missed else row.must
        yield f"| {row.what} | {row.against} | {row.ratio:.2f} | {must} |"


def _seconds(shares: Iterable[dagster_overhead.Share]) -> Iterator[str]:
    yield "| what | seconds |"
    yield "|---|---|"
    for share in shares:
        yield f"| {share.what} | {share.seconds:.2f} |"


def _head() -> str:
    machine = f"{cpu_count()} cores, {platform.machine()}, {platform.system()}"
    software = f"Python {platform.python_version()}, Dagster {version('dagster')}"
    return f"""# Performance

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine}, {software}.

Ratios, both sides measured in turn in one run. The sandbox enforces the documented limits; its minutes are short.
Seconds are of this machine and this day only.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
