"""Parse, check, map and build documents in a plain loop over dicts with Decimal, to measure the columns against.

The rules are those of the product, written the way one writes them at first: one JSON object a report, one dict an
expense, one pass. What repeats (a category's account, a card's account) is looked up in a dict, not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks.plain_books import NOTHING, Books
from benchmarks.plain_mapping import Key, mapped
from benchmarks.plain_reading import Fields, each_once, read
from benchmarks.plain_taxes import wrong_tax, wrong_taxes
from benchmarks.plain_words import categories, content_hash, described, employee, notes, shortened, unbilled

NOT_FOR_EXPENSES = {"bank", "cash", "credit_card", "accounts_receivable", "accounts_payable", "income", "equity"}


def documents(lines: Iterable[str], books: Books) -> tuple[dict[Key, tuple[int, str]], list[Fields]]:
    """What must be mapped, and the plans of all reports: each with its documents or its problems."""
    reports = each_once(read(lines, books.zone))
    plans = []
    for report in reports:
        plans += [build(report, reimbursable, books) for reimbursable in (True, False)]
    return mapped(reports, books), sorted(plans, key=lambda plan: (plan["report_id"], plan["part"]))


def build(report: Fields, reimbursable: bool, books: Books) -> Fields:
    """The plan of one part of a report, with the document that is posted for it."""
    part = [expense for expense in report["expenses"] if (expense["reimbursable"] is not False) == reimbursable]
    part.sort(key=lambda expense: expense["transactionID"])
    plan: Fields = {
        "report_id": report["reportID"],
        "part": "reimbursable" if reimbursable else "company_paid",
        "total": sum((expense["effective"] or Decimal(0) for expense in part), Decimal(0)),
        "transactions": {expense["transactionID"]: expense["effective"] for expense in part},
        "currency": report["currency"],
        "approved_at": report["approved_at"].astimezone(UTC).isoformat(),
        "approver": report["managerEmail"],
        "content_hash": content_hash(report, part),
        "problems": [*report["problems"]],
        "document": None,
    }
    rows = [expense for expense in part if expense["effective"]]
    if not rows:
        return plan
    plan["problems"] += unmapped(report, rows, reimbursable, books)
    if plan["problems"]:
        return plan
    of_group = partial(expense_lines, report, reimbursable, books)
    is_credit = reimbursable and plan["total"] < 0
    lines = grouped(rows, lambda row: row["coding"][:-2] if is_credit else row["coding"], of_group)
    if plan["total"] == 0 and lines and reimbursable:
        plan["problems"].append("Spending and refunds sum to zero, and a bill of zero cannot be posted.")
    elif lines:
        plan["problems"] += wrong_taxes(rows, lines) if reimbursable else ()
        found = document(report, lines, rows, reimbursable, books)
        plan["problems"] += undated(found, books)
        plan["document"] = None if plan["problems"] else found
    return plan


def document(report: Fields, lines: list[Fields], rows: list[Fields], reimbursable: bool, books: Books) -> Fields:
    """A bill, or a vendor credit where money comes back; a journal for what the company paid."""
    kind = "journal"
    if reimbursable:
        kind = "bill" if sum(line["amount"] for line in lines) > 0 else "vendor_credit"
    if kind == "vendor_credit":
        for line in lines:
            line["amount"], line["tax"] = -line["amount"], -line["tax"]
            line["customer_id"], line["is_billable"] = "", False
    if not reimbursable:
        lines.sort(key=lambda line: (line["cost_center"], line["account_code"], line["account_id"]))
    approved = report["approved_at"].astimezone(books.zone)
    return {
        "kind": kind,
        "number": f"EXP-{report['reportID']}",
        "date": approved.date(),
        "currency": report["currency"],
        "currency_id": report["currency"],
        "precision": books.decimals[report["currency"]],
        "reference": report["reportID"],
        "vendor_id": books.vendors[report["accountEmail"], report["currency"]] if reimbursable else "",
        "employee_name": employee(report),
        "employee_email": report["accountEmail"],
        "notes": notes(report, approved, books.zone.key, books.period) + unbilled(report, rows, kind),
        "lines": lines,
        "offsets": [] if reimbursable else offsets(report, rows, books),
        "tolerance": sum(1 for line in lines if line["tax_id"]),
    }


def undated(document: Fields, books: Books) -> Iterator[str]:
    """A document has no day that is closed, and in a foreign currency the exchange rate of its day."""
    if books.closed_before and document["date"] < books.closed_before:
        yield f"Its day, {document['date']}, is closed."
    if document["currency"] != books.currency and (document["currency"], document["date"]) not in books.rates:
        yield f"There is no exchange rate of {document['currency']} for {document['date']}."


def unmapped(report: Fields, rows: list[Fields], reimbursable: bool, books: Books) -> Iterator[str]:
    """What has no place in Zoho Books or is refused there; each row that has one gets its coding."""
    if report["currency"] not in books.decimals:
        yield f"The currency {report['currency']} is unknown."
        return
    if reimbursable and (report["accountEmail"], report["currency"]) not in books.vendors:
        yield f"Nobody has the e-mail address {report['accountEmail']}."
    unit = Decimal(1).scaleb(-books.decimals[report["currency"]])
    for row in rows:
        yield from uncoded(row, reimbursable, books)
        if not reimbursable and (row["cardName"] or row["bank"]) not in books.cards:
            yield f"The card {row['cardName']} has no account."
        if row["tax_in_books"] is not None:
            yield from wrong_tax(report, row)
        for cents in (
            row["effective"],
            *([row["booked_tax"]] if row["tax_in_books"] and not reimbursable else []),
        ):
            amount = cents.scaleb(-2)
            if amount.quantize(unit) != amount:
                yield f"Expense {row['transactionID']}: {amount} has too many decimals."


def uncoded(row: Fields, reimbursable: bool, books: Books) -> Iterator[str]:
    """The account, the dimensions and the tax of an expense, or what is missing."""
    levels = [*row["levels"], ("", ""), ("", "")]
    account = books.accounts.get((row["category"], row["categoryGlCode"]))
    option, project = NOTHING, NOTHING
    row["tax_in_books"] = None
    if account is None:
        yield f"Category {row['category']} has no account."
        account = NOTHING
    elif not account["active"] or account["type"] in NOT_FOR_EXPENSES:
        yield f"The account {account['name']} takes no expenses."
    if levels[0][0] and (option := books.options.get(levels[0][0], NOTHING)) is NOTHING:
        yield f"Tag {levels[0][0]} is no option."
    if levels[1][0] and (project := books.projects.get(levels[1][0], NOTHING)) is NOTHING:
        yield f"Tag {levels[1][0]} is no project."
    if row["effective_tax_name"] or row["tax"]:
        row["tax_in_books"] = books.taxes.get(row["effective_tax_name"])
        if row["tax_in_books"] is None:
            yield f"Tax {row['effective_tax_name']} is unknown."
    billable = reimbursable and row["billable"] is True
    row["customer"] = f"customer of {levels[1][0]}" if project["customer_id"] else "no customer"
    if billable and not project["customer_id"]:
        yield f"Expense {row['transactionID']} is billable but names no customer."
    tax = row["tax_in_books"] or NOTHING
    row["account"], row["option"], row["project"], row["is_billable"] = account, option, project, billable
    row["coding"] = (
        option["name"], account["code"], account["id"], option["id"], tax["id"], project["id"],
        project["customer_id"], billable,
    )  # fmt: skip


def grouped(
    rows: list[Fields], key: Callable[[Fields], Any], lines: Callable[[list[Fields]], list[Fields]]
) -> list[Fields]:
    """The lines of the rows by key, in the order of the keys; what sums to zero is left out."""
    groups: dict[Any, list[Fields]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    chosen = [groups[found] for found in sorted(groups)]
    return [line for group in chosen if sum(row["effective"] for row in group) for line in lines(group)]


def expense_lines(report: Fields, reimbursable: bool, books: Books, group: list[Fields]) -> list[Fields]:
    """One line; a journal books the tax on a line of its own."""
    first, named, tail = group[0], categories(group), described(report, group)
    amount = sum((row["effective"] for row in group), Decimal(0))
    tax = first["tax_in_books"]
    if tax is None:
        return [line(first, group, first["account"], amount, shortened(named, 200 - len(tail)) + tail)]
    taxed = sum((row["booked_tax"] for row in group), Decimal(0))
    if reimbursable:
        text = shortened(named, 200 - len(tail)) + tail
        return [
            line(first, group, first["account"], amount, text)
            | {"tax_id": tax["id"], "rate": tax["rate"], "tax": taxed}
        ]
    texts = (shortened(text, 200 - len(tail)) + tail for text in (named, f"{tax['name']}: {named}"))
    parts = zip((first["account"], books.tax_account), (amount - taxed, taxed), texts, strict=True)
    return [line(first, group, account, cents, text) for account, cents, text in parts if cents]


def offsets(report: Fields, rows: list[Fields], books: Books) -> list[Fields]:
    """What was paid with: one line a card."""

    def card(row: Fields) -> Fields:
        return books.cards[row["cardName"] or row["bank"]]

    def lines(group: list[Fields]) -> list[Fields]:
        account, amount = card(group[0]), sum((row["effective"] for row in group), Decimal(0))
        text = f"Paid by {account['name']}{described(report, group)}"
        return [line({"option": NOTHING, "project": NOTHING, "is_billable": False}, group, account, amount, text)]

    return grouped(rows, lambda row: (card(row)["code"], card(row)["id"]), lines)


def line(coded: Fields, group: list[Fields], account: Fields, amount: Decimal, description: str) -> Fields:
    """One line of a document, with its transactions."""
    option, project = coded["option"], coded["project"]
    return {
        "account_id": account["id"],
        "account_code": account["code"],
        "account_name": account["name"],
        "cost_center": option["name"],
        "tags": ((option["tag_id"], option["id"]),) if option["id"] else (),
        "project_id": project["id"],
        "customer_id": project["customer_id"],
        "is_billable": coded["is_billable"],
        "amount": amount,
        "tax_id": "",
        "tax": Decimal(0),
        "description": description,
        "transaction_ids": [row["transactionID"] for row in group],
    }
