"""The reports of an invented company with tags, projects, taxes, cards and foreign currencies, and its books.

The same reports as JSON, as export templates usually print them, and as the lines that our template prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.plain_books import Books
from mlc_pipeline.expensify.export_lines import CLOSING, EXPENSE_CELLS, REPORT_CELLS

ZONE = ZoneInfo("Europe/Berlin")
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
STATES = ("APPROVED", "REIMBURSED")
EXPENSES_A_REPORT = 20

_CATEGORIES = {"Meals": "6640", "Travel": "6650", "Office &amp; IT": "6660", "Fees": "6670", "Software": ""}
_TAXES = {"Meals": 7, "Office &amp; IT": 19, "Software": 19}
_AMOUNTS = {"amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount"}
_TRUTHS = {"billable", "reimbursable"}
_NO_EXPENSE: dict[str, Any] = {name: None if name in _AMOUNTS | _TRUTHS else "" for name in EXPENSE_CELLS}


def reports(expenses: int) -> Iterator[dict[str, Any]]:
    """Approved reports; every 500th does not add up."""
    for number in range(expenses // EXPENSES_A_REPORT):
        spent = [_expense(number * EXPENSES_A_REPORT + place) for place in range(EXPENSES_A_REPORT)]
        total = sum(expense["convertedAmount"] or expense["amount"] for expense in spent)
        approved = START + timedelta(seconds=number * 7919 % 31_000_000)
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


def books() -> Books:
    """Where everything of these reports belongs in Zoho Books."""
    names = {name.replace("&amp;", "&"): code for name, code in _CATEGORIES.items()}
    return Books(
        accounts={
            (name, code): {"id": f"A{name}", "code": code, "name": name, "type": "expense", "active": True}
            for name, code in names.items()
        },
        cards={f"Card {n}": {"id": f"C{n}", "code": f"21{n:02d}", "name": f"Card {n}"} for n in range(50)},
        vendors={(f"person.{n}@acme.example", "EUR"): f"V{n}" for n in range(500)},
        decimals={"EUR": 2},
        options={f"Team {n}": {"tag_id": "CC", "id": f"O{n}", "name": f"Team {n}"} for n in range(40)},
        projects={f"Project {n}": {"id": f"P{n}", "customer_id": f"K{n % 7}"} for n in range(20)},
        taxes={f"VAT {rate}%": {"id": f"X{rate}", "name": f"VAT {rate}%", "rate": rate} for rate in (7, 19)},
        tax_account={"id": "A1570", "code": "1570", "name": "Input tax"},
        period="2026-01-01",
        zone=ZONE,
        currency="EUR",
    )


def as_json(expenses: int) -> Iterator[str]:
    """One JSON object a report."""
    for report in reports(expenses):
        yield json.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_lines(expenses: int) -> Iterator[str]:
    """As our template prints them. No value of these needs an escape."""
    count = 0
    for report in reports(expenses):
        count += 1
        nested = {name: json.dumps(report[name], separators=(",", ":")) for name in ("approvers", "customField")}
        yield _line("report", [(report | nested)[name] for name in REPORT_CELLS])
        for expense in report["expenses"]:
            yield _line("expense", [expense[name] for name in EXPENSE_CELLS])
    yield _line("end", [count, count * EXPENSES_A_REPORT])


def _expense(number: int) -> dict[str, Any]:
    report = number // EXPENSES_A_REPORT
    category = [*_CATEGORIES][number % len(_CATEGORIES)]
    foreign, by_company, rate = number % 17 == 0, number % 5 == report % 5, _TAXES.get(category)
    amount = 1000 + number % 9973
    team, project = f"Team {(report if number % 7 else number) % 40}", f"Project {(report + number % 3) % 20}"
    receipt = f"w_{number:032x}.jpg"
    return _NO_EXPENSE | {
        "transactionID": str(4056343049275634494 + number * 2654435761 % 2**40),  # in no order
        "amount": amount,
        "convertedAmount": 900 + number % 7001 if foreign else None,
        "currency": "USD" if foreign else "EUR",
        "created": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "merchant": f"Merchant &amp; Co. {number % 1000}" if number % 10 == 0 else f"Merchant {number % 1000}",
        "category": category,
        "categoryGlCode": _CATEGORIES[category],
        "tag": f"{team}:{project}",
        "ntag1": team,
        "ntag2": project,
        "comment": "Lunch with a customer" if number % 4 == 0 else "",
        "billable": number % 11 == 0,
        "reimbursable": not by_company,
        "bank": "Example Bank" if by_company else "",
        "cardName": f"Card {report % 25 + 25 * (number % 2)}" if by_company else "",
        "taxAmount": None if rate is None else (2 * amount * rate + 100 + rate) // (2 * (100 + rate)),
        "taxName": "" if rate is None else f"VAT {rate}%",
        "taxRate": "" if rate is None else f"{rate}%",
        "receiptID": str(10**15 + number),
        "receiptFilename": receipt,
        "receiptURL": f"https://receipts.example.com/{receipt}",
    }


def _line(kind: str, values: list[Any]) -> str:
    return "\t".join([kind, *map(_cell, values), CLOSING]) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
