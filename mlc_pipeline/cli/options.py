"""The options that commands share, and how they come to a connection, a database and an answer."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from mlc_pipeline.config import Configuration, Connection, load_configuration
from mlc_pipeline.settings import Settings

CONNECTION = click.option(
    "--connection", "connection_name", required=True, help="Name of the connection in mlc.yaml."
)
PERIOD = click.option("--period", "period_key", required=True, help="Start date of the period, YYYY-MM-DD.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
WHO = click.option(
    "--by",
    "who",
    default=lambda: getpass.getuser(),
    help="Who does it, for the audit trail; the login name if left out.",
)


def engine_of(settings: Settings) -> sa.Engine:
    """Our database, with its schema up to date."""
    from mlc_pipeline.resources import Database

    return Database(settings).engine


def connection_named(settings: Settings, name: str) -> Connection:
    """The connection of this name; raises ConfigurationError that says why there is none."""
    return load_configuration(settings.config_path).connection(name)


def all_connections(configuration: Configuration) -> tuple[Connection, ...]:
    """The connections that can be used; what is wrong with the others is said on standard error."""
    for problem in configuration.problems:
        click.echo(str(problem), err=True)
    if not configuration.connections:
        raise click.ClickException("No connection can be used; `mlc init` writes a commented mlc.yaml.")
    return configuration.connections


OUTPUT = click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True),
    default="-",
    show_default=True,
    help="A file; - is standard output.",
)


@contextmanager
def writing_to(output: str) -> Iterator[None]:
    """What cannot be written to a file that a person has named is said of that file."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).parent != Path(output).parent:
            raise
        mend = "Name a file in a folder that exists and that this user may write to."
        raise click.ClickException(f"{output} cannot be written: {error.strerror}. {mend}") from None


def tell(value: dict[str, Any], *, as_json: bool, table: Callable[[], None]) -> None:
    """Print one JSON object, or a table for people."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        table()
