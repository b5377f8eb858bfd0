"""The commands of `mlc`: each reads its arguments, calls `mlc_pipeline.commands` and prints; nothing else."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from mlc_pipeline.cli.audit import audit
from mlc_pipeline.cli.ending import explained, fail, set_up_logging
from mlc_pipeline.cli.mapping import mapping
from mlc_pipeline.cli.options import CONNECTION, JSON, PERIOD, all_connections, connection_named, tell
from mlc_pipeline.cli.review import review
from mlc_pipeline.config import load_configuration
from mlc_pipeline.settings import Settings, prepare_dagster_home


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
    settings = Settings.from_environment()
    prepare_dagster_home(settings)
    click.echo(f"Wrote {path}. Edit it, then store the credentials with `mlc connect`.")
    click.echo(f"For Dagster's own commands: export DAGSTER_HOME={settings.dagster_home}")


@cli.command()
@click.argument("system", type=click.Choice(["expensify", "zoho"]))
@CONNECTION
def connect(system: str, connection_name: str) -> None:
    """Store the credentials of a system in the vault: asks, or reads variables.

    Of expensify: MLC_EXPENSIFY_PARTNER_USER_ID and MLC_EXPENSIFY_PARTNER_USER_SECRET.

    Of zoho: MLC_ZOHO_CLIENT_ID, MLC_ZOHO_CLIENT_SECRET, and MLC_ZOHO_GRANT_CODE or MLC_ZOHO_REFRESH_TOKEN.
    """
    from mlc_pipeline.commands.connect import connect_expensify, connect_zoho
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    connection = connection_named(settings, connection_name)
    store = connect_expensify if system == "expensify" else connect_zoho
    store(Database(settings), connection, _answer)
    click.echo(f"Stored. See whether they work with: mlc ping --connection {connection_name}")


@cli.command()
@click.option("--connection", "connection_name", help="Only this connection.")
@JSON
def ping(connection_name: str | None, *, as_json: bool) -> None:
    """Reach both systems and say what works, what is missing and how to mend it; writes nothing."""
    from mlc_pipeline.commands.ping import ping as ping_connection
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    configuration = load_configuration(settings.config_path)
    chosen = (
        [configuration.connection(connection_name)] if connection_name else list(all_connections(configuration))
    )
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
@CONNECTION
@PERIOD
@JSON
def preview(connection_name: str, period_key: str, *, as_json: bool) -> None:
    """Show what would be posted: create, skip, change, review; writes nothing anywhere."""
    from mlc_pipeline.commands.preview import preview_period
    from mlc_pipeline.periods import approval_periods
    from mlc_pipeline.printing.preview import print_preview
    from mlc_pipeline.resources import Database

    settings = Settings.from_environment()
    connection = connection_named(settings, connection_name)
    period = approval_periods(connection.period).period(period_key)
    shown = preview_period(Database(settings), connection, period)
    tell(shown.to_json(), as_json=as_json, table=lambda: print_preview(shown))


@cli.command()
@CONNECTION
@PERIOD
@JSON
def run(connection_name: str, period_key: str, *, as_json: bool) -> None:
    """Materialize one period: exit 0 all posted and reconciled, 1 some in review, 2 failed."""
    from mlc_pipeline.commands.run import run_period, without_a_run
    from mlc_pipeline.printing.tables import print_run

    settings = Settings.from_environment()
    try:
        outcome = run_period(settings, connection_named(settings, connection_name), period_key)
    except Exception as error:  # noqa: BLE001 - `main` would say the same, without the facts
        sentence = explained(error)
        fail(sentence, without_a_run(connection_name, period_key, sentence).to_json())
    tell(outcome.to_json(), as_json=as_json, table=lambda: print_run(outcome))
    if outcome.failure and not as_json:
        click.echo(outcome.failure, err=True)
    sys.exit(outcome.exit_code)


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
@click.option(
    "--state",
    "state_file",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="nothing is kept",
    help="File that keeps its state.",
)
@click.option("--seed", default=1, show_default=True, help="Seed of the generated company.")
def serve(port: int, state_file: Path | None, seed: int) -> None:
    """Serve a generated company's Expensify and Zoho Books on 127.0.0.1 until interrupted."""
    from mlc_pipeline.commands.sandbox import serve_company

    serve_company(port=port, state_file=state_file, seed=seed, say=click.echo)


@cli.command()
def demo() -> None:
    """Run several periods against the sandbox and print the reconciliation."""
    from mlc_pipeline.commands.demo import run_demo
    from mlc_pipeline.printing.tables import print_reconciliation

    sys.exit(run_demo(Settings.from_environment(), say=click.echo, show=print_reconciliation))


@cli.command()
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI on 127.0.0.1.")
def dev(port: int) -> None:
    """Open the Dagster UI with the sandbox behind it, until interrupted."""
    from mlc_pipeline.commands.demo import run_dev

    run_dev(Settings.from_environment(), port=port, say=click.echo)


cli.add_command(mapping)
cli.add_command(review)
cli.add_command(audit)


def main() -> None:
    """Run the command line; no traceback reaches a person."""
    try:
        set_up_logging(Settings.from_environment())
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        fail(error.format_message())
    except SystemExit:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, details in the log
        fail(explained(error))


def _answer(variable: str, question: str) -> str:
    """From the environment, else from the person at the terminal, without showing what is typed."""
    value = os.environ.get(variable, "")
    # A grant code in the environment answers the question for a refresh token: there is none.
    told = value or (variable == "MLC_ZOHO_REFRESH_TOKEN" and os.environ.get("MLC_ZOHO_GRANT_CODE"))
    if told or not sys.stdin.isatty():
        return value
    answer: str = click.prompt(question, default="", show_default=False, hide_input=True)
    return answer
