"""From Expensify's file to the documents of a period: next to a plain loop, and per expense at every size.

Measured is the whole way: read, checked, mapped, added up, and every plan and document put into words, with its
descriptions, notes and the hash of its content. Each measurement has a process of its own, which warms up first.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from benchmarks import expenses as files
from benchmarks.measuring import Row
from mlc_pipeline.accounting.mapping import Account, CategoryRules, Currency, EmployeeRules, Vendor
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.period_mappings import CardRules, MappingRules, ReferenceData, resolve_period
from mlc_pipeline.accounting.planning import DocumentRules, Plans, plan_period
from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_table
from mlc_pipeline.frames import MAPPINGS, frame_of

_WARM_UP = 2_000
_START, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
_RULES = DocumentRules("2026-01-01", date(2026, 12, 31), files.ZONE.key, "bill", "category", "approved")


def measure() -> Iterator[Row]:
    """The chain against the loop, at two sizes, and its memory."""
    few = statistics.median(_measured(files.FEW).microseconds for _ in range(5))
    many, loop = _measured(files.MANY), files.measured("loop", files.PLAIN)
    chain = f"from the file to the last document in words, an expense of {files.MANY:,}"
    yield Row(f"plain loop over dicts with Decimal, an expense of {files.PLAIN:,}", chain,
              loop.microseconds / many.microseconds, "≥ 20")  # fmt: skip
    yield Row(chain, f"of {files.FEW:,}", many.microseconds / few, "≤ 1.2")
    yield Row(f"peak memory of {files.MANY:,}", "2 GiB", many.gibibytes / 2, "< 1")


def _measured(count: int) -> files.Figures:
    """The chain in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(Path(folder), size) for size in (_WARM_UP, count)]
        command = [sys.executable, "-m", "benchmarks.documents", *map(str, paths)]
        seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return files.Figures(seconds / count * 1e6, peak)


def _written(folder: Path, count: int) -> Path:
    path = folder / f"reports-{count}"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(files.as_lines(count))
    return path


def _documents(path: Path) -> int:
    """How many documents the file becomes; each is made, and gone when the next one is."""
    return sum(plan.document is not None for plan in _chain(path))


def _chain(path: Path) -> Plans:
    exported = ExportedReports([whole_file(path.read_bytes())], files.ZONE)
    expenses = expenses_table(exported.approved_within(_START, _END, ("APPROVED", "REIMBURSED")))
    mappings = read_mappings(_mapped(expenses))
    return plan_period(expenses, mappings, _RULES, replace(_RULES, kind="journal"), Organization("EUR"))


def _mapped(expenses: pa.Table) -> pd.DataFrame:
    books = files.books()
    accounts = [*books.accounts.values(), *books.cards.values()]
    reference = ReferenceData(
        accounts=tuple(Account(one["id"], one["name"], one["code"], "expense", True) for one in accounts),
        vendors=tuple(Vendor(one, email, email, "", True) for email, one in books.vendors.items()),
        currencies=tuple(Currency(code, code, precision) for code, precision in books.decimals.items()),
        gl_codes={},
    )
    cards = CardRules({name: account["code"] for name, account in books.cards.items()})
    rules = MappingRules(CategoryRules(), EmployeeRules(create=False), "v1", cards)
    return frame_of(MAPPINGS, resolve_period(expenses, reference, rules))


def _main(warm_up: Path, path: Path) -> None:
    _documents(warm_up)
    started = time.perf_counter()
    made = _documents(path)
    seconds = time.perf_counter() - started
    if not made:
        raise RuntimeError("the file became no documents, so nothing was measured")
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))


if __name__ == "__main__":
    _main(*map(Path, sys.argv[1:]))
