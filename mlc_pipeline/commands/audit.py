"""`mlc audit`: the trail of one report, the proof that nothing in it was changed, and the trail as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import IO, Any

import sqlalchemy as sa

from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.database import explained
from mlc_pipeline.posting import audit
from mlc_pipeline.tables import audit_events

_COLUMNS = tuple(column.name for column in audit_events.columns)


class NoTrail(Exception):
    """There is no event of that report."""


def story(engine: sa.Engine, report_id: str) -> list[dict[str, Any]]:
    """All events of one report, oldest first, with their details as JSON values.

    Raises:
        NoTrail: there are none.
    """
    with explained(engine):
        events = [_opened(event) for event in audit.events(engine, report_id)]
    if not events:
        raise NoTrail(f"The audit trail knows no report {report_id}. Report ids are compared letter by letter.")
    return events


def told(event: dict[str, Any]) -> Iterator[str]:
    """One event as lines for people, down to each line and transaction."""
    details = event["details"]
    revision = "" if event["revision"] is None else f"revision {event['revision']}  "
    yield f"{event['at']}  {event['event']}  {revision}by {event['actor']}"
    for name in (
        "number",
        "how",
        "zoho_id",
        "file_name",
        "sha256",
        "label",
        "reason",
        "why",
        "answer_code",
        "approved_at",
        "approver",
        "content_hash",
    ):
        if details.get(name) not in (None, ""):
            yield f"    {name.replace('_', ' ')}: {details[name]}"
    if event["run_id"]:
        yield f"    run: {event['run_id']}"
    document = details.get("document")
    for line in document["lines"] if document else ():
        amount = format_money(line["amount_cents"], document["currency"])
        yield f"    line {line['account_code']} {line['account_name']}: {amount} ({line['description']})"
        for transaction in line["transaction_ids"]:
            cents = details["transactions"].get(transaction)
            told_cents = format_money(cents, document["currency"]) if cents is not None else "?"
            yield f"        expense {transaction}: {told_cents}"
    yield from _left_out(details, document)


def _left_out(details: dict[str, Any], document: dict[str, Any] | None) -> Iterator[str]:
    """The approved transactions that stand in no line: those of zero, those that cancel out, all that waits."""
    lines = document["lines"] if document else ()
    told = {transaction for line in lines for transaction in line["transaction_ids"]}
    left_out = {name: cents for name, cents in details.get("transactions", {}).items() if name not in told}
    if left_out:
        yield "    in no line:"
    for transaction, cents in left_out.items():
        yield f"        expense {transaction}: {format_money(cents, details.get('currency') or '')}"


def export(engine: sa.Engine, file: IO[str], form: str) -> int:
    """Write all events to a file, as `jsonl` or `csv`; returns how many."""
    write = _write_csv if form == "csv" else _write_json_lines
    with explained(engine):
        return write(audit.events(engine), file)


def _write_json_lines(events: Iterator[dict[str, Any]], file: IO[str]) -> int:
    count = 0
    for event in events:
        file.write(json.dumps(_opened(event), ensure_ascii=False) + "\n")
        count += 1
    return count


def _write_csv(events: Iterator[dict[str, Any]], file: IO[str]) -> int:
    writer = csv.DictWriter(file, fieldnames=_COLUMNS)
    writer.writeheader()
    count = 0
    for event in events:
        writer.writerow({name: _harmless(value) for name, value in event.items()})
        count += 1
    return count


def _opened(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"details": json.loads(event["details"])}


def _harmless(value: object) -> object:
    # A spreadsheet takes a cell that begins with one of these for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
