"""What the plain loop says in words, and the hash of what was approved."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from decimal import Decimal

from benchmarks.plain_reading import Fields

UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def described(report: Fields, group: list[Fields]) -> str:
    """What a description ends in: the employee and how many expenses."""
    count = f"{len(group)} expense" + ("s" if len(group) > 1 else "")
    return f" · {shortened(employee(report), 80)} · {count}"


def categories(group: list[Fields]) -> str:
    """The names of the categories of a line."""
    return ", ".join(dict.fromkeys(one_line(row["category"]) or "no category" for row in group))


def employee(report: Fields) -> str:
    """The submitter's name, else the address."""
    return one_line(report["submitterFullName"]) or one_line(report["accountEmail"])


def notes(report: Fields, approved: datetime, zone: str, period: str) -> str:
    """What a document says of its report."""
    return (
        f"Expensify report {report['reportID']}: {shortened(one_line(report['reportName']), 500)}\n"
        f"Employee: {employee(report)} <{one_line(report['accountEmail'])}>\n"
        f"Approved: {approved.isoformat(timespec='seconds')} ({zone}) by {report['managerEmail']}\n"
        f"Period: {period}"
    )


def unbilled(report: Fields, rows: list[Fields], kind: str) -> str:
    """What notes say of what is billable on a document that cannot say so itself."""
    amounts: dict[str, Decimal] = {}
    for row in rows:
        if row["billable"] is True and kind != "bill":
            amounts[row["customer"]] = amounts.get(row["customer"], Decimal(0)) + row["effective"]
    told = [
        f"{name} {amounts[name].scaleb(-2):,.2f} {report['currency']}" for name in sorted(amounts) if amounts[name]
    ]
    if not told:
        return ""
    why = "a vendor credit in Zoho Books names no customer; bill or refund it by hand"
    if kind == "journal":
        why = "a journal in Zoho Books bills nobody; bill it by hand"
    return f"\nBillable, but {why}: {'; '.join(told)}"


def content_hash(report: Fields, part: list[Fields]) -> str:
    """What a re-approval must change to be a new revision."""
    content = [
        [
            row["transactionID"], int(row["effective"] or 0), row["category"], row["categoryGlCode"], row["tag"],
            None if row["tax"] is None else int(row["tax"]), row["effective_tax_name"],
            *([] if row["reimbursable"] is not False else [row["cardName"], row["bank"]]),
        ]
        for row in part
    ]  # fmt: skip
    head = [report["reportID"], report["currency"], report["accountEmail"].casefold()]
    fields = json.dumps(dict(sorted(report["customField"].items())), ensure_ascii=False)
    added = [
        [row["transactionID"], row["date"].isoformat() if row["date"] else "", row["billable"] is True]
        for row in part
    ]
    tags = [levels for _, *levels in sorted(map(of_tags, part))]
    texts = map(json.dumps, ([head, sorted(content, key=str)], [fields, sorted(added, key=str)], tags))
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def of_tags(row: Fields) -> list[str]:
    """Its id, the GL code of its tag, and the levels with theirs."""
    levels = [*row["levels"], *[("", "")] * 5][:5]
    return [row["transactionID"], row["tagGlCode"], *(text for level in levels for text in level)]


def one_line(text: str) -> str:
    """Printable, in one line."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def shortened(text: str, longest: int) -> str:
    """Cut with an ellipsis where it is too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
