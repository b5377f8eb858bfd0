"""Parse, check, map and build documents in a plain loop over dicts with Decimal, to measure the columns against.

The rules are those of the product, written the way one writes them at first: one JSON object a report, one dict an
expense, one pass. What repeats (a category's account, a card's account) is looked up in a dict, not searched.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Fields = dict[str, Any]

STATES = {"approved": "APPROVED", "reimbursed": "REIMBURSED", "paid": "REIMBURSED", "closed": "ARCHIVED"}
TEXTS = (
    "merchant", "modifiedMerchant", "category", "categoryGlCode", "tag", "tagGlCode", "comment", "bank",
    "cardName", "taxName", "taxRate", "taxRateName", "taxCode", "receiptFilename", "receiptURL",
    *(f"ntag{level}{suffix}" for level in range(1, 6) for suffix in ("", "GlCode")),
)  # fmt: skip
AMOUNTS = ("amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount")


@dataclass(frozen=True)
class Books:
    """What a script keeps in dicts: accounts by (category, GL code) and by card, vendors by e-mail, decimals."""

    accounts: Mapping[tuple[str, str], Fields]
    cards: Mapping[str, Fields]
    vendors: Mapping[str, str]
    decimals: Mapping[str, int]
    period: str
    zone: ZoneInfo


def documents(lines: Iterable[str], books: Books) -> list[Fields]:
    """The plans of all reports: each with its documents or its problems."""
    plans = []
    for report in each_once(read(lines, books.zone)):
        plans += [build(report, reimbursable, books) for reimbursable in (True, False)]
    return sorted(plans, key=lambda plan: (plan["report_id"], plan["part"]))


def read(lines: Iterable[str], zone: tzinfo) -> Iterator[Fields]:
    """The reports, each value read and each report checked."""
    for line in lines:
        report = json.loads(line, parse_float=Decimal)
        problems = report["problems"] = []
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


def build(report: Fields, reimbursable: bool, books: Books) -> Fields:
    """The plan of one part of a report, with the document that is posted for it."""
    part = [expense for expense in report["expenses"] if (expense["reimbursable"] is not False) == reimbursable]
    plan: Fields = {
        "report_id": report["reportID"],
        "part": "reimbursable" if reimbursable else "company_paid",
        "total": sum((expense["effective"] or Decimal(0) for expense in part), Decimal(0)),
        "transactions": {expense["transactionID"]: expense["effective"] for expense in part},
        "content_hash": content_hash(report, part),
        "problems": [*report["problems"]],
        "document": None,
    }
    rows = [expense for expense in part if expense["effective"]]
    if plan["problems"] or not rows:
        return plan
    plan["problems"] += unmapped(report, rows, reimbursable, books)
    if plan["problems"]:
        return plan
    approved = report["approved_at"].astimezone(books.zone)
    by_category = grouped(rows, lambda row: books.accounts[row["category"], row["categoryGlCode"]])
    plan["document"] = {
        "kind": "bill" if reimbursable else "journal",
        "number": f"EXP-{report['reportID']}",
        "date": approved.date(),
        "vendor_id": books.vendors[report["accountEmail"]] if reimbursable else "",
        "notes": notes(report, approved, books),
        "lines": [line(report, account, group, categories(group)) for account, group in by_category],
        "offsets": [] if reimbursable else offsets(report, rows, books),
    }
    return plan


def unmapped(report: Fields, rows: list[Fields], reimbursable: bool, books: Books) -> Iterator[str]:
    """What has no place in Zoho Books, and amounts with more decimals than their currency has there."""
    if report["currency"] not in books.decimals:
        yield f"The currency {report['currency']} is unknown."
        return
    if reimbursable and report["accountEmail"] not in books.vendors:
        yield f"Nobody has the e-mail address {report['accountEmail']}."
    unit = Decimal(1).scaleb(-books.decimals[report["currency"]])
    for row in rows:
        if (row["category"], row["categoryGlCode"]) not in books.accounts:
            yield f"Category {row['category']} has no account."
        if not reimbursable and (row["cardName"] or row["bank"]) not in books.cards:
            yield f"The card {row['cardName']} has no account."
        amount = row["effective"].scaleb(-2)
        if amount.quantize(unit) != amount:
            yield f"Expense {row['transactionID']}: {amount} has too many decimals."


def offsets(report: Fields, rows: list[Fields], books: Books) -> list[Fields]:
    """What was paid with: one line a card."""
    by_card = grouped(rows, lambda row: books.cards[row["cardName"] or row["bank"]])
    return [line(report, account, group, f"Paid by {account['name']}") for account, group in by_card]


def grouped(rows: list[Fields], account_of: Any) -> list[tuple[Fields, list[Fields]]]:
    """The rows by account, in the order of the account codes."""
    groups: dict[str, tuple[Fields, list[Fields]]] = {}
    for row in rows:
        account = account_of(row)
        groups.setdefault(account["code"], (account, []))[1].append(row)
    return [groups[code] for code in sorted(groups)]


def line(report: Fields, account: Fields, group: list[Fields], what: str) -> Fields:
    """One line of a document, with its transactions."""
    count = f"{len(group)} expense" + ("s" if len(group) > 1 else "")
    return {
        "account_id": account["id"],
        "amount": sum((row["effective"] for row in group), Decimal(0)),
        "description": f"{what} · {report['submitterFullName'] or report['accountEmail']} · {count}",
        "transaction_ids": [row["transactionID"] for row in group],
    }


def categories(group: list[Fields]) -> str:
    """The names of the categories of a line."""
    return ", ".join(dict.fromkeys(row["category"] or "no category" for row in group))[:200]


def notes(report: Fields, approved: datetime, books: Books) -> str:
    """What a document says of its report."""
    return (
        f"Expensify report {report['reportID']}: {report['reportName']}\n"
        f"Employee: {report['submitterFullName']} <{report['accountEmail']}>\n"
        f"Approved: {approved.isoformat(timespec='seconds')} ({books.zone.key}) by {report['managerEmail']}\n"
        f"Period: {books.period}"
    )


def content_hash(report: Fields, part: list[Fields]) -> str:
    """What a re-approval must change to be a new revision."""
    content = [
        [
            row["transactionID"], str(row["effective"]), row["category"], row["categoryGlCode"], row["tag"],
            None if row["tax"] is None else str(row["tax"]), row["effective_tax_name"],
            *([] if row["reimbursable"] is not False else [row["cardName"], row["bank"]]),
        ]
        for row in part
    ]  # fmt: skip
    head = [report["reportID"], report["currency"], report["accountEmail"].casefold()]
    return hashlib.sha256(json.dumps([head, sorted(content, key=str)]).encode()).hexdigest()


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
