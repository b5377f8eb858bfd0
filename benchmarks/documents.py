"""From Expensify's file to the documents of a period: next to a plain loop, and per expense at every size.

In columns everything is read, checked, mapped, added up and decided for all reports at once; a document is put
into words (descriptions, notes, the hash of its content) when it is needed, just before it is sent. The plain
loop does both at once, so both are measured: up to where it is decided what every document books, and up to the
last word of all of them.
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

from benchmarks import expenses as files
from benchmarks.measuring import Row
from mlc_pipeline.accounting.mapping import Account, CategoryRules, Currency, EmployeeRules, Vendor
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.period_mappings import CardRules, MappingRules, ReferenceData, resolve_period
from mlc_pipeline.accounting.planning import DocumentRules, Plans, plan_period
from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.frames import MAPPINGS, frame_of

_START, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
_RULES = DocumentRules("2026-01-01", date(2026, 12, 31), files.ZONE.key, "bill", "category", "approved")


def measure() -> Iterator[Row]:
    """The chain at two sizes, the loop against it, and the memory."""
    few = statistics.median(_measured("chain", files.FEW).microseconds for _ in range(5))
    many, loop = _measured("chain", files.MANY), files.measured("loop", files.PLAIN)
    worded = _measured("words", files.PLAIN)
    chain = f"parse, check, map and work out the documents, an expense of {files.MANY:,}"
    plain = f"plain loop over dicts with Decimal, an expense of {files.PLAIN:,}"
    yield Row(plain, chain, loop.microseconds / many.microseconds, "≥ 20")
    yield Row(plain, f"the same with every document in words, of {files.PLAIN:,}",
              loop.microseconds / worded.microseconds)  # fmt: skip
    yield Row(chain, f"of {files.FEW:,}", many.microseconds / few, "≤ 1.2")
    yield Row(f"peak memory of {files.MANY:,}", "2 GiB", many.gibibytes / 2, "< 1")


def _measured(what: str, count: int) -> files.Figures:
    """One measurement in a process of its own; `what` is `chain` or `words`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(files.as_lines(count))
        command = [sys.executable, "-m", "benchmarks.documents", what, str(path)]
        seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return files.Figures(seconds / count * 1e6, peak)


def _chain(path: Path) -> Plans:
    exported = ExportedReports([whole_file(path.read_bytes())], files.ZONE)
    expenses = expenses_frame(exported.approved_within(_START, _END, ("APPROVED", "REIMBURSED")))
    mappings = read_mappings(_mapped(expenses))
    return plan_period(expenses, mappings, _RULES, replace(_RULES, kind="journal"), Organization("EUR"))


def _mapped(expenses: pd.DataFrame) -> pd.DataFrame:
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


def _main(what: str, path: Path) -> None:
    started = time.perf_counter()
    plans = _chain(path)
    documents = sum(1 for plan in plans if plan.document) if what == "words" else 0
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
    del plans, documents


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
