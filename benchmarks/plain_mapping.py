"""What of the expenses Zoho Books must know, in a plain loop: each value, how often, and what it becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks.plain_books import NOTHING, Books
from benchmarks.plain_reading import Fields

Key = tuple[str, ...]


def mapped(reports: Iterable[Fields], books: Books) -> dict[Key, tuple[int, str]]:
    """By kind, workspace, level, name and code: how many expenses have it, and the id in Zoho Books."""
    counts: Counter[Key] = Counter()
    for report in reports:
        for row in report["expenses"]:
            counts.update(values(report, row))
    for level in ("1", "2"):
        counts["tag", "", level, "", ""] += 0
    return {key: (count, target(key, books)) for key, count in counts.items()}


def values(report: Fields, row: Fields) -> Iterator[Key]:
    """What of one expense must be known."""
    levels = [*row["levels"], ("", ""), ("", "")]
    yield "category", report["policyID"], "", row["category"], row["categoryGlCode"]
    yield "employee", "", "", report["accountEmail"], report["currency"]
    yield "currency", "", "", report["currency"], ""
    yield ("tag", "", "1", *levels[0])
    yield ("tag", "", "2", *levels[1])
    if row["reimbursable"] is False:
        yield "card", "", "", row["cardName"], row["bank"]
    if row["effective_tax_name"] or row["tax"]:
        yield "tax", "", row["taxRate"], row["effective_tax_name"], row["taxCode"]
        yield "tax_account", "", row["taxRate"], row["effective_tax_name"], row["taxCode"]


def target(key: Key, books: Books) -> str:
    """The id in Zoho Books; empty where there is none."""
    kind, _, level, name, code = key
    finders: dict[str, Callable[[], Any]] = {
        "category": lambda: books.accounts.get((name, code)),
        "employee": lambda: {"id": books.vendors.get((name, code), "")},
        "currency": lambda: {"id": name if name in books.decimals else ""},
        "tag": lambda: (books.options if level == "1" else books.projects).get(name),
        "card": lambda: books.cards.get(name or code),
        "tax": lambda: books.taxes.get(name),
        "tax_account": lambda: books.tax_account if name in books.taxes else None,
    }
    return str((finders[kind]() or NOTHING)["id"])
