"""The command line: `mlc ...`. It reads arguments, calls `mlc_pipeline.commands` and prints; nothing else.

Every error that a person can mend is one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
import sqlalchemy as sa

from mlc_pipeline.config import Configuration, Connection, load_configuration
from mlc_pipeline.settings import Settings


def _user() -> str:
    return getpass.getuser()


_CONNECTION = click.option(
    "--connection", "connection_name", required=True, help="Name of the connection in mlc.yaml."
)
_PERIOD = click.option("--period", "period_key", required=True, help="Start date of the period, YYYY-MM-DD.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
_WHO = click.option(
    "--by", "who", default=_user, help="Who does it, for the audit trail; the login name if left out."
)


@click.group()
@click.version_option(package_name="mlc-pipeline")
def cli() -> None:
    """Approved Expensify reports become Zoho Books documents, once, to the cent."""


@cli.command()
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def init(*, force: bool) -> None:
    """Write a commented mlc.yaml."""
    from mlc_pipeline.config import example_configuration

    path = Settings.from_environment().config_path
    if path.exists() and not force:
        raise click.ClickException(f"{path} exists already: edit it, or use --force to start anew.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(example_configuration(), encoding="utf-8")
    click.echo(f"Wrote {path}. Edit it, then store the credentials with `mlc connect`.")


@cli.command()
@click.argument("system", type=click.Choice(["expensify", "zoho"]))
@_CONNECTION
def connect(system: str, connection_name: str) -> None:
    """Store the credentials of a system in the vault: asks, or reads the MLC_* variables."""
    from mlc_pipeline.commands.connect import connect_expensify, connect_zoho
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    connection = _connection(settings, connection_name)
    store = connect_expensify if system == "expensify" else connect_zoho
    store(Database(settings), connection, _answer)
    click.echo(f"Stored. See whether they work with: mlc ping --connection {connection_name}")


@cli.command()
@click.option("--connection", "connection_name", help="Only this connection.")
@_JSON
def ping(connection_name: str | None, *, as_json: bool) -> None:
    """Reach both systems and say what works, what is missing and how to mend it; writes nothing."""
    from mlc_pipeline.commands.ping import ping as ping_connection
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    configuration = load_configuration(settings.config_path)
    chosen = [configuration.connection(connection_name)] if connection_name else list(_all(configuration))
    database = Database(settings)
    pings = [ping_connection(database, connection) for connection in chosen]
    ok = all(one.ok for one in pings)
    if as_json:
        click.echo(json.dumps({"ok": ok, "connections": [one.to_json() for one in pings]}, ensure_ascii=False))
    else:
        for one in pings:
            click.echo(one.connection)
            for check in one.checks:
                click.echo(f"  {'ok ' if check.ok else 'NOT'}  {check.system} {check.check}: {check.message}")
    sys.exit(0 if ok else 2)


@cli.command()
@_CONNECTION
@_PERIOD
@_JSON
def preview(connection_name: str, period_key: str, *, as_json: bool) -> None:
    """Show what would be posted: create, skip, change, review; writes nothing anywhere."""
    from mlc_pipeline.commands.preview import preview_period
    from mlc_pipeline.periods import approval_periods
    from mlc_pipeline.printing import print_preview
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    connection = _connection(settings, connection_name)
    period = approval_periods(connection.period).period(period_key)
    shown = preview_period(Database(settings), connection, period)
    _print(shown.to_json(), as_json=as_json, table=lambda: print_preview(shown))


@cli.command()
@_CONNECTION
@_PERIOD
@_JSON
def run(connection_name: str, period_key: str, *, as_json: bool) -> None:
    """Materialise one period: exit 0 all posted and reconciled, 1 some in review, 2 failed."""
    from mlc_pipeline.commands.run import run_period
    from mlc_pipeline.printing import print_run

    settings = Settings.from_environment()
    outcome = run_period(settings, _connection(settings, connection_name), period_key)
    _print(outcome.to_json(), as_json=as_json, table=lambda: print_run(outcome))
    if outcome.failure and not as_json:
        click.echo(outcome.failure, err=True)
    sys.exit(outcome.exit_code)


@cli.group()
def review() -> None:
    """What waits for a person, with its reason and its ways out."""


@review.command("list")
@click.option("--connection", "connection_name", help="Only this connection.")
@_JSON
def review_list(connection_name: str | None, *, as_json: bool) -> None:
    """Everything that waits for a person."""
    from mlc_pipeline.commands.review import entry, waiting
    from mlc_pipeline.printing import print_review

    settings = Settings.from_environment()
    configuration = load_configuration(settings.config_path)
    chosen = [configuration.connection(connection_name)] if connection_name else _all(configuration)
    entries = [entry(one) for one in waiting(_engine(settings), [connection.name for connection in chosen])]
    _print({"entries": entries}, as_json=as_json, table=lambda: print_review(entries))


@review.command("show")
@click.argument("name")
@_JSON
def review_show(name: str, *, as_json: bool) -> None:
    """One entry with its lines, transactions and ways out; NAME is its id, document number or report id."""
    from mlc_pipeline.commands.review import details, find
    from mlc_pipeline.printing import print_entry

    engine = _engine(Settings.from_environment())
    shown = details(engine, find(engine, name))
    _print(shown, as_json=as_json, table=lambda: print_entry(shown))


@review.command("retry")
@click.argument("name")
@click.option("--why", default="", help="What was mended.")
@_WHO
@_JSON
def review_retry(name: str, why: str, who: str, *, as_json: bool) -> None:
    """Try an entry again: runs its period, which posts what can be posted now and nothing twice."""
    from mlc_pipeline.commands.review import find, note_retry
    from mlc_pipeline.commands.run import run_period
    from mlc_pipeline.printing import print_run

    settings = Settings.from_environment()
    engine = _engine(settings)
    posting = find(engine, name)
    connection = _connection(settings, posting.connection)
    note_retry(engine, posting, who, why)
    outcome = run_period(settings, connection, posting.period)
    _print(outcome.to_json(), as_json=as_json, table=lambda: print_run(outcome))
    if outcome.failure and not as_json:
        click.echo(outcome.failure, err=True)
    sys.exit(outcome.exit_code)


@review.command("dismiss")
@click.argument("name")
@click.option("--why", required=True, help="Why it is not posted; kept in the audit trail.")
@_WHO
@_JSON
def review_dismiss(name: str, why: str, who: str, *, as_json: bool) -> None:
    """Close an entry for good: nothing is posted for it unless its report changes."""
    from mlc_pipeline.commands.review import dismiss, entry, find

    if not why.strip():
        raise click.ClickException("--why is empty: say why this is not posted; it is kept in the audit trail.")
    engine = _engine(Settings.from_environment())
    closed = dismiss(engine, find(engine, name), who, why.strip())
    _print(entry(closed), as_json=as_json, table=lambda: click.echo(f"{closed.report_id}: {closed.reason}"))


@cli.group()
def audit() -> None:
    """The audit trail: append-only and hash-chained."""


@audit.command("show")
@click.argument("report_id")
@_JSON
def audit_show(report_id: str, *, as_json: bool) -> None:
    """The whole story of one report, down to each transaction and line."""
    from mlc_pipeline.commands.audit import story, told

    events = story(_engine(Settings.from_environment()), report_id)

    def table() -> None:
        for event in events:
            for line in told(event):
                click.echo(line)

    _print({"report_id": report_id, "events": events}, as_json=as_json, table=table)


@audit.command("verify")
@_JSON
def audit_verify(*, as_json: bool) -> None:
    """Check the whole chain; names the first event that was changed, is missing or out of order."""
    from mlc_pipeline.database import explained
    from mlc_pipeline.posting.audit import verify

    engine = _engine(Settings.from_environment())
    with explained(engine):
        held, broken = verify(engine)
    told = f"{held} events hold." if broken is None else f"Broken at event {broken.sequence}: {broken.why}."
    value = {
        "ok": broken is None,
        "events": held,
        "broken_at": broken.sequence if broken else None,
        "why": broken.why if broken else None,
    }
    _print(value, as_json=as_json, table=lambda: click.echo(told))
    sys.exit(0 if broken is None else 2)


@audit.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, writable=True), default="-", help="A file; - is standard output."
)
def audit_export(form: str, output: str) -> None:
    """Write the whole trail as JSON Lines or CSV."""
    from mlc_pipeline.commands.audit import export

    with click.open_file(output, "w", encoding="utf-8") as file:
        count = export(_engine(Settings.from_environment()), file, form)
    click.echo(f"{count} events written.", err=True)


@cli.group()
def vault() -> None:
    """The encrypted credentials."""


@vault.command()
def rotate() -> None:
    """Encrypt every secret anew with the first key of MLC_VAULT_KEY."""
    from mlc_pipeline.resources import Database

    count = Database(Settings.from_environment()).vault.rotate()
    click.echo(f"{count} secrets are encrypted with the first key now.")


@cli.group()
def sandbox() -> None:
    """A local Expensify and Zoho Books."""


@sandbox.command()
@click.option("--port", default=8700, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--state", "state_file", type=click.Path(dir_okay=False, path_type=Path), help="Keep it here.")
@click.option("--seed", default=1, show_default=True, help="Seed of the generated company.")
def serve(port: int, state_file: Path | None, seed: int) -> None:
    """Serve a generated company's Expensify and Zoho Books on 127.0.0.1 until interrupted."""
    from mlc_pipeline.commands.sandbox import serve_company

    serve_company(port=port, state_file=state_file, seed=seed, say=click.echo)


@cli.command()
def demo() -> None:
    """Run several periods against the sandbox and print the reconciliation."""
    from mlc_pipeline.commands.demo import run_demo

    sys.exit(run_demo(Settings.from_environment(), say=click.echo))


@cli.command()
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI on 127.0.0.1.")
def dev(port: int) -> None:
    """Open the Dagster UI with the sandbox behind it, until interrupted."""
    from mlc_pipeline.commands.demo import run_dev

    run_dev(Settings.from_environment(), port=port, say=click.echo)


def main() -> None:
    """Run the command line; no traceback reaches a person."""
    try:
        _set_up_logging(Settings.from_environment())
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        _fail(error.format_message())
    except SystemExit:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, details in the log
        _fail(_explained(error))


def _fail(sentence: str) -> NoReturn:
    """Exit code 2 with one sentence; whoever asked for JSON gets it as JSON too."""
    click.echo(sentence, err=True)
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": sentence}, ensure_ascii=False))
    sys.exit(2)


def _explained(error: Exception) -> str:
    from mlc_pipeline.commands.audit import NoTrail
    from mlc_pipeline.commands.connect import CredentialsMissing
    from mlc_pipeline.commands.review import NoSuchEntry
    from mlc_pipeline.failures import EXPLAINED
    from mlc_pipeline.transport.redaction import redact

    if isinstance(error, (*EXPLAINED, CredentialsMissing, NoSuchEntry, NoTrail)):
        return redact(str(error))
    if isinstance(error, OSError) and error.filename is not None:
        return redact(
            f"{error.filename} cannot be used: {error.strerror}. Give this user the right to it, or set MLC_HOME, "
            "MLC_CONFIG or DAGSTER_HOME to another place."
        )
    logging.getLogger(__name__).debug("Unexpected error", exc_info=error)
    return redact(
        f"Something unexpected went wrong: {type(error).__name__}: {error}. Nothing more was done. Please report "
        "it; MLC_LOG_LEVEL=DEBUG shows the details."
    )


def _set_up_logging(settings: Settings) -> None:
    from mlc_pipeline.transport.redaction import RedactingFilter

    handler = logging.StreamHandler()
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("mlc_pipeline")
    logger.addHandler(handler)
    try:
        logger.setLevel(settings.log_level)
    except ValueError:
        levels = "DEBUG, INFO, WARNING or ERROR"
        raise click.ClickException(f"MLC_LOG_LEVEL is {settings.log_level}: set it to {levels}.") from None


def _engine(settings: Settings) -> sa.Engine:
    from mlc_pipeline.resources import Database

    return Database(settings).engine


def _connection(settings: Settings, name: str) -> Connection:
    return load_configuration(settings.config_path).connection(name)


def _all(configuration: Configuration) -> tuple[Connection, ...]:
    for problem in configuration.problems:
        click.echo(str(problem), err=True)
    if not configuration.connections:
        raise click.ClickException("No connection can be used; `mlc init` writes a commented mlc.yaml.")
    return configuration.connections


def _answer(variable: str, question: str) -> str:
    """From the environment, else from the person at the terminal, without showing what is typed."""
    value = os.environ.get(variable, "")
    # A grant code in the environment answers the question for a refresh token: there is none.
    told = value or (variable == "MLC_ZOHO_REFRESH_TOKEN" and os.environ.get("MLC_ZOHO_GRANT_CODE"))
    if told or not sys.stdin.isatty():
        return value
    answer: str = click.prompt(question, default="", show_default=False, hide_input=True)
    return answer


def _print(value: dict[str, Any], *, as_json: bool, table: Callable[[], None]) -> None:
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        table()
