"""Mappings on the terminal: the answers as a table, suggestions with the lines to paste into mlc.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from mlc_pipeline.commands.mapping import Answers, Suggestion
from mlc_pipeline.printing.console import console


def print_answers(answers: Answers) -> None:
    """One row a value, those without an answer last."""
    title = f"{answers.connection} · period {answers.period} · {len(answers.rows)} values"
    table = Table(title=f"{title}, {len(answers.unresolved)} without an answer", title_justify="left")
    for column in ("kind", "name", "code", "how", "becomes in Zoho Books, or why not"):
        table.add_column(column, overflow="fold")
    rows = sorted(answers.rows, key=lambda one: bool(one["reason_code"]))
    cells = ((row["kind"], _named(row), row["code"] or "", row["how"] or "-", _target(row)) for row in rows)
    # What is the same in several workspaces is said once.
    for line in dict.fromkeys(cells):
        table.add_row(*line)
    console().print(table)


def print_suggestions(answers: Answers, suggestions: Sequence[Suggestion]) -> None:
    """For each value what is like it; the lines below it are for mlc.yaml."""
    page = console()
    if not suggestions:
        page.print(f"Every value of the period {answers.period} has an answer.")
    for one in suggestions:
        where = f" (level {one.level})" if one.kind == "tag" else f" ({one.level})" if one.level else ""
        expenses = f"{one.expenses} expense{'' if one.expenses == 1 else 's'}"
        page.print(f"{one.kind}{where} “{one.name or one.code}”, {expenses}: {one.reason}")
        for candidate in one.candidates:
            named = candidate.name if candidate.name == candidate.value else f"{candidate.value} {candidate.name}"
            page.print(f"  {candidate.score:3} %  {named}")
        for text in (*one.lines, one.advice):
            if text:
                page.print(f"    {text}", soft_wrap=True)


def _named(row: Mapping[str, Any]) -> str:
    name = row["name"] or "(none)"
    return f"{name} [{row['level']}]" if row["level"] else str(name)


def _target(row: Mapping[str, Any]) -> str:
    if row["reason_code"]:
        return f"[{row['reason_code']}] {row['reason']}"
    if row["how"] == "none":
        return "nothing is sent"
    if row["how"] == "to_create":
        return f"a new vendor, {row['target_name']}"
    return " ".join(part for part in (row["target_code"], row["target_name"]) if part)
