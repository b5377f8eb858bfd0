"""`mlc mapping ...`: what a period's values become in Zoho Books, what fits the others, overrides by the sheet."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlc_pipeline.cli.options import CONNECTION, JSON, OUTPUT, connection_named, tell, writing_to
from mlc_pipeline.settings import Settings

if TYPE_CHECKING:
    from mlc_pipeline.commands.mapping import Import
    from mlc_pipeline.commands.mapping.sheets import Format

_PERIOD = click.option(
    "--period", "period_key", help="Start date of the period, YYYY-MM-DD; the newest one with answers if left out."
)
_NOT_WRITTEN = 1


@click.group()
def mapping() -> None:
    """What categories, tags, taxes, cards and employees become in Zoho Books."""


@mapping.command("show")
@CONNECTION
@_PERIOD
@JSON
def mapping_show(connection_name: str, period_key: str | None, *, as_json: bool) -> None:
    """The answer of every value of a period, or the reason why there is none."""
    from mlc_pipeline.commands.mapping import answers_of
    from mlc_pipeline.printing.mapping import print_answers

    settings = Settings.from_environment()
    answers = answers_of(settings, connection_named(settings, connection_name), period_key)
    tell(answers.to_json(), as_json=as_json, table=lambda: print_answers(answers))


@mapping.command("suggest")
@CONNECTION
@_PERIOD
@JSON
def mapping_suggest(connection_name: str, period_key: str | None, *, as_json: bool) -> None:
    """For every value without an answer what in Zoho Books has a name like it; changes nothing."""
    from mlc_pipeline.commands.mapping import answers_of, suggestions_for
    from mlc_pipeline.commands.mapping.answers import reference_of
    from mlc_pipeline.printing.mapping import print_suggestions

    settings = Settings.from_environment()
    connection = connection_named(settings, connection_name)
    answers = answers_of(settings, connection, period_key)
    reference = reference_of(settings, connection).to_reference_data() if answers.unresolved else None
    found = suggestions_for(connection, answers, reference) if reference else []
    value = {
        "connection": answers.connection,
        "period": answers.period,
        "suggestions": [one.to_json() for one in found],
    }
    tell(value, as_json=as_json, table=lambda: print_suggestions(answers, found))


@mapping.command("export")
@CONNECTION
@_PERIOD
@click.option("--format", "form", type=click.Choice(["csv", "yaml"]), default="csv", show_default=True)
@OUTPUT
@JSON
def mapping_export(
    connection_name: str, period_key: str | None, form: Format, output: str, *, as_json: bool
) -> None:
    """Write every value of a period with its answer, and an empty column override to fill in."""
    from mlc_pipeline.commands.mapping import answers_of, sheet_rows, write_sheet

    settings = Settings.from_environment()
    answers = answers_of(settings, connection_named(settings, connection_name), period_key)
    rows = sheet_rows(answers)
    if output != "-":
        # Excel reads a CSV file as UTF-8 only if it begins with the mark.
        with writing_to(output):
            _write_private(Path(output), write_sheet(rows, form), "utf-8-sig" if form == "csv" else "utf-8")
    value = {"connection": answers.connection, "period": answers.period, "file": output, "rows": rows}
    tell(value, as_json=as_json, table=lambda: _print_sheet(write_sheet(rows, form), output, len(rows)))


@mapping.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@CONNECTION
@click.option("--format", "form", type=click.Choice(["csv", "yaml"]), help="By the file's name if left out.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@JSON
def mapping_import(file: Path, connection_name: str, form: Format | None, *, yes: bool, as_json: bool) -> None:
    """Bring the overrides of a filled-in export into mlc.yaml: all of them, or with any mistake none."""
    from mlc_pipeline.commands.mapping import plan_import

    planned = plan_import(Settings.from_environment(), connection_name, file, form)
    if not as_json:
        click.echo(planned.diff or f"{planned.path} says all of this already.")
    written = bool(planned.diff) and (yes or (not as_json and _agreed(planned)))
    if written:
        planned.write()
    value = {
        "connection": connection_name,
        "file": str(planned.path),
        "written": written,
        "changes": list(planned.changes),
        "diff": planned.diff,
    }
    tell(value, as_json=as_json, table=lambda: _tell_end(planned, connection_name, written=written))
    sys.exit(0 if written or not planned.diff else _NOT_WRITTEN)


def _agreed(planned: Import) -> bool:
    return sys.stdin.isatty() and click.confirm(f"Write this to {planned.path}?", err=True)


def _tell_end(planned: Import, connection: str, *, written: bool) -> None:
    if written:
        click.echo(f"Written. See what it does with: mlc preview --connection {connection} --period KEY", err=True)
    elif planned.diff:
        click.echo("Nothing was written: say --yes to write it.", err=True)


def _print_sheet(text: str, output: str, count: int) -> None:
    if output == "-":
        click.echo(text, nl=False)
    else:
        click.echo(f"{count} rows written to {output}.", err=True)


def _write_private(path: Path, text: str, encoding: str) -> None:
    """The sheet names people: only this user can read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(0o600)
    draft.write_text(text, encoding=encoding, newline="")
    draft.replace(path)
