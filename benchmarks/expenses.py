"""What it costs to read and check an expense, of 10,000 and of 1,000,000; and the memory.

Each measurement runs in a process of its own, which reads its file, warms up on a small one, and says its time and
its peak memory.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from benchmarks import workload
from benchmarks.measuring import Row
from benchmarks.processes import in_own_process, measured, written
from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_table

FEW, MANY = 10_000, 1_000_000


def measure(few: int = FEW, many: int = MANY) -> Iterator[Row]:
    """Read and check: per expense at many against few, and the memory."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (written(Path(folder), workload.as_lines, size) for size in (few, many))
        at_few = statistics.median(measured("benchmarks.expenses", small).microseconds for _ in range(5))
        at_many = measured("benchmarks.expenses", large)
    yield Row(f"read and check, an expense of {many:,}", f"of {few:,}", at_many.microseconds / at_few, at_most=1.2)
    yield Row(f"peak memory of reading and checking {many:,}", "2 GiB", at_many.gibibytes / 2, at_most=1)


def read(body: bytes) -> pa.Table:
    """The expenses of a file as our template prints them."""
    exported = ExportedReports([whole_file(body)], workload.ZONE)
    return expenses_table(exported.approved_within(workload.START, workload.END, workload.STATES))


if __name__ == "__main__":
    in_own_process(read)
