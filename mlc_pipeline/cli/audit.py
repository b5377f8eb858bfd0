"""`mlc audit ...`: the trail, its proof, and its export."""

from __future__ import annotations

import sys

import click

from mlc_pipeline.cli.options import JSON, OUTPUT, engine_of, tell, writing_to
from mlc_pipeline.settings import Settings


@click.group()
def audit() -> None:
    """The audit trail: append-only and hash-chained."""


@audit.command("show")
@click.argument("report_id")
@JSON
def audit_show(report_id: str, *, as_json: bool) -> None:
    """The whole story of one report, down to each transaction and line."""
    from mlc_pipeline.commands.audit import story, told

    events = story(engine_of(Settings.from_environment()), report_id)

    def table() -> None:
        for event in events:
            for line in told(event):
                click.echo(line)

    tell({"report_id": report_id, "events": events}, as_json=as_json, table=table)


@audit.command("verify")
@JSON
def audit_verify(*, as_json: bool) -> None:
    """Check the whole chain; names the first event that was changed, is missing or out of order."""
    from mlc_pipeline.database import explained
    from mlc_pipeline.posting.audit import verify

    engine = engine_of(Settings.from_environment())
    with explained(engine):
        held, broken = verify(engine)
    told = f"{held} events hold." if broken is None else f"Broken at event {broken.sequence}: {broken.why}."
    value = {
        "ok": broken is None,
        "events": held,
        "broken_at": broken.sequence if broken else None,
        "why": broken.why if broken else None,
    }
    tell(value, as_json=as_json, table=lambda: click.echo(told))
    sys.exit(0 if broken is None else 2)


@audit.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@OUTPUT
def audit_export(form: str, output: str) -> None:
    """Write the whole trail as JSON Lines or CSV."""
    from mlc_pipeline.commands.audit import export

    with writing_to(output), click.open_file(output, "w", encoding="utf-8") as file:
        count = export(engine_of(Settings.from_environment()), file, form)
    click.echo(f"{count} events written.", err=True)
