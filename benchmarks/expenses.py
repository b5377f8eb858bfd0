"""What it costs to read and check an expense, of 10,000 and of 1,000,000, next to a plain loop; and the memory.

Each measurement runs in a process of its own, which reads its file, warms up on a small one, and says its time and
its peak memory. `python -m benchmarks.expenses 1000000` measures one size and prints absolute figures.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import plain_loop
from benchmarks.measuring import Row
from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.export_lines import CLOSING, EXPENSE_CELLS, REPORT_CELLS
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_frame

ZONE = ZoneInfo("Europe/Berlin")
EXPENSES_A_REPORT = 20
FEW, MANY, PLAIN = 10_000, 1_000_000, 50_000
_WARM_UP = 2_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_END = datetime(2027, 1, 1, tzinfo=UTC)
_STATES = ("APPROVED", "REIMBURSED")
_CATEGORIES = {"Meals": "6640", "Travel": "6650", "Office &amp; IT": "6660", "Fees": "6670", "Software": ""}
_AMOUNTS = {"amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount"}
_TRUTHS = {"billable", "reimbursable", "hasTax", "isDistance"}
_NO_EXPENSE: dict[str, Any] = {name: None if name in _AMOUNTS | _TRUTHS else "" for name in EXPENSE_CELLS}


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement: microseconds an expense, and GiB at the peak."""

    microseconds: float
    gibibytes: float


def measure(few: int = FEW, many: int = MANY, plain: int = PLAIN) -> Iterator[Row]:
    """Read and check: per expense at many against few, and the plain loop (all of its chain) against it."""
    at_few = statistics.median(measured("columns", few).microseconds for _ in range(5))
    at_many, loop = measured("columns", many), measured("loop", plain)
    each = "read and check, an expense of"
    yield Row(f"{each} {many:,}", f"of {few:,}", at_many.microseconds / at_few)
    yield Row(f"plain loop to the documents, an expense of {plain:,}", f"{each} {many:,}",
              loop.microseconds / at_many.microseconds)  # fmt: skip
    yield Row(f"peak memory of {many:,}", "2 GiB", at_many.gibibytes / 2)


def measured(what: str, expenses: int) -> Figures:
    """One measurement in a process of its own; `what` is `columns` or `loop`."""
    with tempfile.TemporaryDirectory() as folder:
        files = [_written(Path(folder), what, number) for number in (_WARM_UP, expenses)]
        command = [sys.executable, "-m", "benchmarks.expenses", what, *map(str, files)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(answer)
    return Figures(seconds / expenses * 1e6, peak)


def reports(expenses: int) -> Iterator[dict[str, Any]]:
    """Approved reports of an invented company; every 500th does not add up."""
    for number in range(expenses // EXPENSES_A_REPORT):
        spent = [_expense(number * EXPENSES_A_REPORT + place) for place in range(EXPENSES_A_REPORT)]
        total = sum(expense["convertedAmount"] or expense["amount"] for expense in spent)
        approved = _START + timedelta(seconds=number * 7919 % 31_000_000)
        yield {
            "reportID": f"R{number:011d}",
            "oldReportID": str(10**15 + number),
            "reportName": f"Trip no. {number}" + " &amp; back" * (number % 10 == 0),
            "status": "Approved",
            "displayStatus": "Approved",
            "policyID": "0810E551A5F2A9C2",
            "policyName": "Acme GmbH",
            "currency": "EUR",
            "total": total + (number % 500 == 50),
            "accountEmail": f"person.{number % 500}@acme.example",
            "submitterFullName": f"Person {number % 500}",
            "employeeCustomField1": str(number % 500),
            "employeeCustomField2": "",
            "created": f"{approved - timedelta(days=5):%Y-%m-%d %H:%M:%S}",
            "submitted": f"{approved - timedelta(days=2):%Y-%m-%d %H:%M:%S}",
            "approved": f"{approved:%Y-%m-%d %H:%M:%S}",
            "reimbursed": "",
            "managerEmail": "boss@acme.example",
            "managerFullName": "Boss Example",
            "approvers": [{"email": "boss@acme.example", "date": f"{approved:%Y-%m-%d %H:%M:%S}"}],
            "customField": {"Cost_Center": f"C{number % 30}"},
            "expenses": spent,
        }


def _expense(number: int) -> dict[str, Any]:
    category = [*_CATEGORIES][number % len(_CATEGORIES)]
    foreign, by_company = number % 17 == 0, number % 5 == 0
    receipt = f"w_{number:032x}.jpg"
    return _NO_EXPENSE | {
        "transactionID": str(4056343049275634494 + number),
        "type": "expense",
        "amount": 1000 + number % 9973,
        "convertedAmount": 900 + number % 7001 if foreign else None,
        "currency": "USD" if foreign else "EUR",
        "currencyConversionRate": "0.9" if foreign else "1",
        "created": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "inserted": "2026-09-15 11:03:20",
        "merchant": f"Merchant &amp; Co. {number % 1000}" if number % 10 == 0 else f"Merchant {number % 1000}",
        "category": category,
        "categoryGlCode": _CATEGORIES[category],
        "tag": f"Team {number % 40}",
        "ntag1": f"Team {number % 40}",
        "ntag1GlCode": f"T{number % 40}",
        "comment": "Lunch with a customer" if number % 4 == 0 else "",
        "billable": number % 7 == 0,
        "reimbursable": not by_company,
        "bank": "Example Bank" if by_company else "",
        "cardName": f"Card {number % 50}" if by_company else "",
        "hasTax": False,
        "receiptID": str(10**15 + number),
        "receiptFilename": receipt,
        "receiptURL": f"https://receipts.example.com/{receipt}",
        "receiptType": "jpg",
    }


def books() -> plain_loop.Books:
    """Where everything of these reports belongs in Zoho Books."""
    names = {name.replace("&amp;", "&"): code for name, code in _CATEGORIES.items()}
    accounts = {
        (name, code): {"id": f"A{name}", "code": code or "6999", "name": name} for name, code in names.items()
    }
    cards = {f"Card {n}": {"id": f"C{n}", "code": f"21{n:02d}", "name": f"Card {n}"} for n in range(50)}
    vendors = {f"person.{n}@acme.example": f"V{n}" for n in range(500)}
    return plain_loop.Books(accounts, cards, vendors, {"EUR": 2}, "2026-01-01", ZONE)


def _written(folder: Path, what: str, expenses: int) -> Path:
    path = folder / f"{what}-{expenses}"
    write = as_json if what == "loop" else as_lines
    with path.open("w", encoding="utf-8") as file:
        file.writelines(write(expenses))
    return path


def as_json(expenses: int) -> Iterator[str]:
    """One JSON object a report, as export templates usually print them."""
    for report in reports(expenses):
        yield json.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_lines(expenses: int) -> Iterator[str]:
    """The same reports as our template prints them. No value of these needs an escape."""
    count = 0
    for report in reports(expenses):
        count += 1
        nested = {name: json.dumps(report[name], separators=(",", ":")) for name in ("approvers", "customField")}
        yield _line("report", [(report | nested)[name] for name in REPORT_CELLS])
        for expense in report["expenses"]:
            yield _line("expense", [expense[name] for name in EXPENSE_CELLS])
    yield _line("end", [count, count * EXPENSES_A_REPORT])


def _line(kind: str, values: list[Any]) -> str:
    return "\t".join([kind, *map(_cell, values), CLOSING]) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _columns(path: Path) -> object:
    exported = ExportedReports([whole_file(path.read_bytes())], ZONE)
    return expenses_frame(exported.approved_within(_START, _END, _STATES))


def _loop(path: Path) -> object:
    with path.open(encoding="utf-8") as lines:
        return plain_loop.documents(lines, books())


def _in_own_process(read: Callable[[Path], object], warm_up: Path, path: Path) -> None:
    read(warm_up)
    started = time.perf_counter()
    kept = read(path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([seconds, peak]))
    del kept


def main(arguments: list[str]) -> None:
    """`python -m benchmarks.expenses [N]`: absolute figures of N expenses, both ways."""
    if arguments[:1] in (["columns"], ["loop"]):
        read = {"columns": _columns, "loop": _loop}[arguments[0]]
        _in_own_process(read, *map(Path, arguments[1:]))
        return
    expenses = int(arguments[0]) if arguments else FEW
    for what in ("columns", "loop"):
        figures = measured(what, expenses)
        print(f"{what}: {figures.microseconds:.2f} µs an expense, {figures.gibibytes:.2f} GiB at the peak")


if __name__ == "__main__":
    main(sys.argv[1:])
