"""`mlc review ...`: what waits for a person."""

from __future__ import annotations

import sys

import click

from mlc_pipeline.cli.options import JSON, WHO, all_connections, connection_named, engine_of, tell
from mlc_pipeline.config import load_configuration
from mlc_pipeline.settings import Settings


@click.group()
def review() -> None:
    """What waits for a person, with its reason and its ways out."""


@review.command("list")
@click.option("--connection", "connection_name", help="Only this connection.")
@JSON
def review_list(connection_name: str | None, *, as_json: bool) -> None:
    """Everything that waits for a person."""
    from mlc_pipeline.commands.review import entry, waiting
    from mlc_pipeline.printing.tables import print_review

    settings = Settings.from_environment()
    configuration = load_configuration(settings.config_path)
    chosen = [configuration.connection(connection_name)] if connection_name else all_connections(configuration)
    entries = [entry(one) for one in waiting(engine_of(settings), [connection.name for connection in chosen])]
    tell({"entries": entries}, as_json=as_json, table=lambda: print_review(entries))


@review.command("show")
@click.argument("name")
@JSON
def review_show(name: str, *, as_json: bool) -> None:
    """One entry with its lines, transactions and ways out; NAME is its id, document number or report id."""
    from mlc_pipeline.commands.review import details, find
    from mlc_pipeline.printing.tables import print_entry

    engine = engine_of(Settings.from_environment())
    shown = details(engine, find(engine, name))
    tell(shown, as_json=as_json, table=lambda: print_entry(shown))


@review.command("retry")
@click.argument("name")
@click.option("--why", default="", help="What was mended.")
@WHO
@JSON
def review_retry(name: str, why: str, who: str, *, as_json: bool) -> None:
    """Try an entry again: runs its period, which posts what can be posted now and nothing twice."""
    from mlc_pipeline.commands.review import as_it_is_now, entry, find, note_retry
    from mlc_pipeline.commands.run import run_period
    from mlc_pipeline.printing.tables import print_retried, print_run

    settings = Settings.from_environment()
    engine = engine_of(settings)
    posting = find(engine, name)
    connection = connection_named(settings, posting.connection)
    note_retry(engine, posting, who, why)
    outcome = run_period(settings, connection, posting.period)
    tried = entry(as_it_is_now(engine, posting))

    def table() -> None:
        print_run(outcome)
        print_retried(tried)

    tell(outcome.to_json() | {"entry": tried}, as_json=as_json, table=table)
    if outcome.failure and not as_json:
        click.echo(outcome.failure, err=True)
    sys.exit(outcome.exit_code)


@review.command("dismiss")
@click.argument("name")
@click.option("--why", required=True, help="Why it is not posted; kept in the audit trail.")
@WHO
@JSON
def review_dismiss(name: str, why: str, who: str, *, as_json: bool) -> None:
    """Close an entry for good: nothing is posted for it. Should its report change, it waits again."""
    from mlc_pipeline.commands.review import dismiss, entry, find

    if not why.strip():
        raise click.ClickException("--why is empty: say why this is not posted; it is kept in the audit trail.")
    engine = engine_of(Settings.from_environment())
    closed = dismiss(engine, find(engine, name), who, why.strip())
    tell(entry(closed), as_json=as_json, table=lambda: click.echo(f"{closed.report_id}: {closed.reason}"))
