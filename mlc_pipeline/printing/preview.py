"""The preview on the terminal: one block a document, with what an accountant looks at before it is posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mlc_pipeline.accounting.descriptions import beyond_the_report
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.commands.preview import Preview
from mlc_pipeline.commands.preview_documents import details
from mlc_pipeline.printing.console import console

_WIDTH = 100
_INDENT = 8
_DETAILS = 58
_COLORS = {"create": "green", "change": "yellow", "review": "magenta", "skip": "dim"}
_KINDS = {"bill": "bill", "journal": "journal", "vendor_credit": "vendor credit"}

Entry = Mapping[str, Any]


def print_preview(preview: Preview) -> None:
    """What would happen to every report: what is created or changed in full, what waits with all its reasons."""
    page = console(_WIDTH)
    page.print(Text(f"{preview.connection} · period {preview.period} · preview", style="bold"))
    page.print(_summary(preview.documents))
    for warning in preview.warnings:
        page.print(Text(warning, style="yellow"))
    was_skipped = False
    for entry in preview.documents:
        is_skipped = entry["action"] == "skip"
        if not (is_skipped and was_skipped):
            page.print()
        was_skipped = is_skipped
        page.print(_heading(entry))
        for part in _body(entry):
            page.print(Padding(part, (0, 0, 0, _INDENT)))


def _summary(entries: Sequence[Entry]) -> str:
    counts = Counter(entry["action"] for entry in entries)
    return " · ".join(f"{counts[action]} {action}" for action in _COLORS if counts[action]) or "Nothing to post."


def _heading(entry: Entry) -> Table:
    """What would happen to which document, and its amount."""
    action, shown = entry["action"], entry["document"]
    named = " ".join(filter(None, (_KINDS.get(entry["kind"]), entry["number"])))
    words = [named or f"report {entry['report_id']}"]
    words += [shown["date"]] if shown else []
    words += ["paid by the company"] if entry["part"] == "company_paid" else []
    words += [entry["reason"]] if action == "skip" else []
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(width=_INDENT - 2)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    precision = shown["precision"] if shown else 2
    amount = format_money(entry["total_cents"], entry["currency"], precision)
    style = "dim" if action == "skip" else "bold"
    grid.add_row(
        Text(action, style=_COLORS[action]), Text(" · ".join(words), style=style), Text(amount, style=style)
    )
    return grid


def _body(entry: Entry) -> Iterator[Text | Table]:
    shown = entry["document"]
    if shown is not None:
        yield from (Text(line, style="dim") for line in _facts(entry, shown))
        yield _journal(shown) if entry["kind"] == "journal" else _lines(shown, _sign(entry))
    if entry["action"] == "change":
        yield Text(f"instead of {entry['reason']}")
    if entry["action"] == "create" and entry["reason"]:
        yield Text(entry["reason"])
    yield from (Text(problem["message"]) for problem in entry["problems"])
    if entry["changes"]:
        yield _changes(entry["changes"], shown["precision"] if shown else 2, _sign(entry))
    yield from (Text(way, style="dim") for way in entry["ways_out"])


def _facts(entry: Entry, shown: Entry) -> Iterator[str]:
    """What holds for the whole document, a line each."""
    if shown["vendor"]:
        number = f" with the number {shown['vendor_number']}" if shown["vendor_number"] else ""
        yield f"to {shown['vendor']}" + (
            f", a vendor that will be created{number}" if shown["creates_vendor"] else ""
        )
    elif shown["employee"]:
        yield f"for {shown['employee']}"
    if shown["original_date"]:
        yield f"moved from {shown['original_date']}, which is in a closed period"
    if shown["exchange_rate"]:
        own, total = shown["base_currency"], _sign(entry) * Decimal(shown["base_total"])
        yield f"at 1 {entry['currency']} = {shown['exchange_rate']} {own}: {total:,} {own}"
    whole = [f"{tag['tag']}: {tag['option']}" for tag in shown["tags"]]
    whole += [f"location: {shown['location']}"] if shown["location"] else []
    if whole:
        yield " · ".join(whole)
    told = beyond_the_report(shown["notes"])
    yield from told[1:] if shown["original_date"] else told
    if shown["tolerance_cents"]:
        most = format_money(shown["tolerance_cents"], entry["currency"], shown["precision"])
        yield f"rounding of taxes up to {most} is adjusted"


def _lines(shown: Entry, sign: int) -> Table:
    grid = _grid(1)
    for line in shown["lines"]:
        amount = _money(sign * line["amount_cents"], shown["precision"])
        grid.add_row(*_account(line, details(line), shown, sign), amount)
    return grid


def _journal(shown: Entry) -> Table:
    """Both sides: debits in the first column of amounts, credits in the second."""
    grid = _grid(2)
    grid.add_row("", "", Text("debit", style="dim"), Text("credit", style="dim"))
    for lines, contact in ((shown["lines"], "customer"), (shown["offsets"], "contact")):
        for line in lines:
            amount = _money(line["amount_cents"], shown["precision"])
            sides = (amount, "") if line["side"] == "debit" else ("", amount)
            grid.add_row(*_account(line, details(line, contact), shown), *sides)
    return grid


def _changes(changes: Sequence[Entry], precision: int, sign: int) -> Table:
    grid = _grid(2)
    grid.add_row("", "", Text("before", style="dim"), Text("after", style="dim"))
    for line in changes:
        amounts = (_money(sign * line[f"{when}_cents"], precision) for when in ("before", "after"))
        grid.add_row(line["account_code"], _named(line["account"], line["details"]), *amounts)
    return grid


def _grid(amounts: int) -> Table:
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for _ in range(amounts):
        grid.add_column(justify="right", no_wrap=True, min_width=11)
    return grid


def _account(line: Entry, words: list[str], shown: Entry, sign: int = 1) -> tuple[str, Text]:
    if line["tax"]:
        words = [*words[:-1], f"{words[-1]} ({_money(sign * line['tax_cents'], shown['precision'])})"]
    return line["account_code"], _named(line["account"], words)


def _named(account: str, words: Sequence[str]) -> Text:
    """The account, and below it in calm letters what else the line says."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} · {word}" if lines else word
        if lines and cell_len(longer) <= _DETAILS:
            lines[-1] = longer
        else:
            lines.append(word)
    return Text("\n").join([Text(account), *(Text(line, style="dim") for line in lines)])


def _money(cents: int, precision: int) -> str:
    return format_money(cents, "", precision).strip()


def _sign(entry: Entry) -> int:
    """A vendor credit, which Zoho Books holds with amounts above zero, counts against what is owed."""
    return -1 if entry["kind"] == "vendor_credit" else 1
