"""The plain loop reads: one JSON object a report, one dict an expense, each value read and checked."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

Fields = dict[str, Any]

STATES = {"approved": "APPROVED", "reimbursed": "REIMBURSED", "paid": "REIMBURSED", "closed": "ARCHIVED"}
TEXTS = (
    "merchant", "modifiedMerchant", "category", "categoryGlCode", "tag", "tagGlCode", "comment", "bank",
    "cardName", "taxName", "taxRate", "taxRateName", "taxCode", "receiptFilename", "receiptURL",
    *(f"ntag{level}{suffix}" for level in range(1, 6) for suffix in ("", "GlCode")),
)  # fmt: skip
AMOUNTS = ("amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount")


def read(lines: Iterable[str], zone: tzinfo) -> Iterator[Fields]:
    """The reports, each value read and each report checked."""
    for line in lines:
        report = json.loads(line, parse_float=Decimal)
        problems: list[str] = []
        report["problems"] = problems
        for name in ("reportName", "accountEmail", "submitterFullName", "employeeCustomField1", "managerEmail"):
            report[name] = text(report[name])
        report["customField"] = {name: text(value) for name, value in report["customField"].items()}
        report["currency"] = report["currency"].strip().upper()
        report["total"] = cents(report["total"], "total", problems)
        report["state"] = STATES.get(report["status"].lower()) or STATES.get(report["displayStatus"].lower())
        for name in ("created", "submitted", "approved"):
            report[name] = instant(report[name], zone, problems)
        report["approved_at"] = report["approved"] or report["submitted"] or report["created"]
        for expense in report["expenses"]:
            read_expense(expense, report)
        check(report)
        yield report


def read_expense(expense: Fields, report: Fields) -> None:
    """The values of one expense, the effective ones among them."""
    problems = report["problems"]
    for name in TEXTS:
        expense[name] = text(expense[name])
    for name in AMOUNTS:
        expense[name] = cents(expense[name], name, problems)
    expense["currency"] = expense["currency"].strip().upper()
    created, modified = day(expense["created"], problems), day(expense["modifiedCreated"], problems)
    expense["date"] = modified or created
    expense["effective"] = first(expense["convertedAmount"], expense["modifiedAmount"], expense["amount"])
    expense["tax"] = first(expense["modifiedTaxAmount"], expense["taxAmount"])
    expense["effective_merchant"] = expense["modifiedMerchant"] or expense["merchant"]
    expense["effective_tax_name"] = expense["taxRateName"] or expense["taxName"]
    expense["levels"] = levels(expense)
    if not expense["transactionID"]:
        problems.append("An expense has no transactionID.")
    if expense["reimbursable"] is None:
        problems.append(f"Expense {expense['transactionID']}: it is unknown who paid.")
    if expense["effective"] is None:
        problems.append(f"Expense {expense['transactionID']}: it has no readable amount.")


def check(report: Fields) -> None:
    """The report against its own total, its currency, its state, and itself."""
    problems, expenses = report["problems"], report["expenses"]
    amounts = [expense["effective"] for expense in expenses]
    if report["total"] is None:
        problems.append("It has no readable total.")
    elif None not in amounts and sum(amounts) != report["total"]:
        problems.append(f"Its expenses sum to {sum(amounts)} cents, its own total is {report['total']} cents.")
    for expense in expenses:
        if expense["currency"] not in ("", report["currency"]) and expense["convertedAmount"] is None:
            problems.append(f"Expense {expense['transactionID']} is in {expense['currency']} and not converted.")
    for transaction_id, times in Counter(expense["transactionID"] for expense in expenses).items():
        if times > 1:
            problems.append(f"Expense {transaction_id} is {times} times on it.")
    if not report["reportID"] or not report["currency"]:
        problems.append("The report has no reportID or no currency.")
    if report["state"] is None:
        problems.append(f"Its status {report['status']!r} is none that Expensify documents.")
    if report["state"] in ("APPROVED", "REIMBURSED") and report["approved"] is None:
        problems.append("It has no approval date.")


def each_once(reports: Iterable[Fields]) -> list[Fields]:
    """Copies of a report count once, and are a problem where they differ."""
    kept: dict[str, Fields] = {}
    for report in reports:
        if kept.setdefault(report["reportID"], report) != report:
            kept[report["reportID"]]["problems"].append("The file holds it more than once.")
    return sorted(kept.values(), key=lambda report: (report["approved_at"], report["reportID"]))


def levels(expense: Fields) -> list[tuple[str, str]]:
    """The tag level by level: the numbered ones up to the last that is set, else the tag cut at its colons."""
    numbered = [(expense[f"ntag{level}"], expense[f"ntag{level}GlCode"]) for level in range(1, 6)]
    while numbered and not numbered[-1][0]:
        numbered.pop()
    if numbered or not expense["tag"]:
        return numbered
    names = [name.replace("\\:", ":") for name in re.split(r"(?<!\\):", expense["tag"])]
    return [(name, expense["tagGlCode"] if len(names) == 1 else "") for name in names]


def text(value: str) -> str:
    """A text with its HTML entities replaced."""
    return html.unescape(value) if "&" in value else value


def cents(value: Any, name: str, problems: list[str]) -> Decimal | None:
    """Minor units, exactly."""
    if value is None or value == "":
        return None
    if isinstance(value, int) or re.fullmatch(r"[+-]?[0-9]{1,18}", str(value).strip()):
        return Decimal(value)
    problems.append(f"{name} {value!r} is not a whole number of cents.")
    return None


def day(value: str, problems: list[str]) -> date | None:
    """A day."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        problems.append(f"{value!r} is not a date.")
        return None


def instant(value: str, zone: tzinfo, problems: list[str]) -> datetime | None:
    """An instant: a time is UTC, a day alone begins in the connection's zone."""
    try:
        parsed = datetime.fromisoformat(value) if value else None
    except ValueError:
        problems.append(f"{value!r} is not a date.")
        return None
    if parsed is None or parsed.tzinfo is not None:
        return parsed
    return parsed.replace(tzinfo=zone if len(value) == len("2026-01-01") else UTC)


def first(*amounts: Decimal | None) -> Decimal | None:
    """The first amount that is there; 0 counts."""
    return next((amount for amount in amounts if amount is not None), None)
