"""Tables for people at the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.reconciliation import Totals
from mlc_pipeline.commands.run import PeriodRun
from mlc_pipeline.printing.console import console


def print_run(run: PeriodRun) -> None:
    """What became of each document of the period, and whether it balances."""
    page = console()
    table = Table(title=f"{run.connection} · period {run.period} · {run.reports} reports", title_justify="left")
    for column in ("document", "report", "state", "amount", "in Zoho Books", "reason"):
        table.add_column(column, justify="right" if column == "amount" else "left", overflow="fold")
    for document in run.documents:
        table.add_row(
            document["number"] or "",
            document["report_id"],
            document["state"],
            format_money(document["total_cents"], document["currency"] or ""),
            document["zoho_id"] or "",
            document["reason"] or "",
        )
    if run.reports == 0 and run.failure is None:
        page.print(f"No report was approved in the period {run.period}: there is nothing to post.")
        return
    page.print(table)
    if run.reconciliation.expensify_total_cents:
        print_reconciliation({run.period: run.reconciliation}, {run.period: (run.reports, len(run.documents))})
    for one in run.afterwards:
        page.print(f"{one.asset}: {one.states}.", *([one.failure] if one.failure else []), markup=False)


def print_reconciliation(periods: Mapping[str, Totals], counts: Mapping[str, tuple[int, int]]) -> None:
    """One row a period and currency: what was approved, all that it is made of, and what Zoho Books holds."""
    table = Table(title="Reconciliation", title_justify="left")
    for column in ("period", "reports", "documents", "currency"):
        table.add_column(column)
    columns = ("approved", "posted", "in review", "dismissed", "not yet posted", "Zoho Books holds", "difference")
    for column in columns:
        table.add_column(column, justify="right")
    for period, totals in periods.items():
        reports, documents = counts[period]
        for currency in totals.expensify_total_cents or {"": 0}:
            table.add_row(period, str(reports), str(documents), currency, *_amounts(totals, currency))
    console().print(table)


def print_review(entries: Sequence[Mapping[str, Any]]) -> None:
    """Everything that waits, one row an entry."""
    table = Table(title=f"{len(entries)} wait for a person", title_justify="left")
    for column in ("id", "connection", "period", "report", "amount", "why", "reason"):
        table.add_column(column, justify="right" if column == "amount" else "left", overflow="fold")
    for entry in entries:
        amount = format_money(entry["total_cents"], entry["currency"] or "")
        named = (str(entry["id"]), entry["connection"], entry["period"], entry["report_id"])
        table.add_row(*named, amount, entry["reason_code"] or "", entry["reason"] or "")
    console().print(table)


def print_entry(entry: Mapping[str, Any]) -> None:
    """One entry with everything that is known of it."""
    page = console()
    currency = entry["currency"] or ""
    for name in ("id", "connection", "period", "report_id", "revision", "state", "number", "zoho_id", "employee"):
        page.print(f"{name.replace('_', ' '):12} {entry[name] if entry[name] is not None else '-'}", markup=False)
    page.print(f"{'amount':12} {format_money(entry['total_cents'], currency)}")
    why = ": ".join(filter(None, (entry["reason_code"], entry["reason"])))
    page.print(f"{'why':12} {why or '-'}", markup=False)
    for line in entry["lines"]:
        amount = format_money(line["amount_cents"], currency)
        page.print(f"  {line['account_code']} {line['account']}: {amount} ({line['description']})", markup=False)
    for transaction, cents in entry["transactions"].items():
        page.print(f"    expense {transaction}: {format_money(cents, currency)}")
    for way in entry["ways_out"]:
        page.print(f"  {way}")


def print_retried(entry: Mapping[str, Any]) -> None:
    """What became of an entry that was tried again."""
    state, reason = entry["state"], entry["reason"] or ""
    became = {
        "posted": f"is posted now, in Zoho Books as {entry['zoho_id']}.",
        "review": f"still waits for a person: {reason}",
        "planned": "was not sent: the run stopped before it.",
        "superseded": f"is closed: {reason}" if reason else "is closed: its report has changed.",
    }.get(state, "was sent, and it is not known yet whether it arrived: run the period again.")
    named = entry["number"] or f"report {entry['report_id']}"
    console().print(f"Entry {entry['id']} ({named}) {became}", markup=False)


def _amounts(totals: Totals, currency: str) -> list[str]:
    columns = (
        totals.expensify_total_cents,
        totals.posted_total_cents,
        totals.in_review_total_cents,
        totals.dismissed_total_cents,
        totals.not_yet_posted_total_cents,
        totals.zoho_total_cents,
        totals.difference_cents,
    )
    return [format_money(column.get(currency, 0), "").strip() for column in columns]
