"""`mlc demo` and `mlc dev`: the whole product against the sandbox, in a home of its own beside the user's."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import httpx

from mlc_pipeline.accounting.reconciliation import Totals
from mlc_pipeline.commands.connect import connect_expensify, connect_zoho
from mlc_pipeline.commands.instances import dagster_instance
from mlc_pipeline.commands.run import FAILED, PeriodRun, run_period
from mlc_pipeline.commands.sandbox import FIRST_PERIOD, WEEKS, company_sandbox, connection_yaml, credentials
from mlc_pipeline.commands.services import Service, ServiceEnded, require_running, services
from mlc_pipeline.config import Connection, load_configuration
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.resources import Database
from mlc_pipeline.settings import Settings, project_root

Say = Callable[[str], None]
Show = Callable[[Mapping[str, Totals], Mapping[str, tuple[int, int]]], None]
"""Shows the totals of each period, and how many reports and documents it has."""

_HOST = "127.0.0.1"
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_ANSWER = 30.0
_SEED = 1
_TIME_SCALE = 1 / 60  # a minute of Expensify's limit lasts a second: nobody should wait for a demonstration


def run_demo(settings: Settings, say: Say, show: Show) -> int:
    """Run several periods against the sandbox and show what became of them; 0 only if all of it reconciles."""
    logging.getLogger("mlc_pipeline").setLevel(logging.WARNING)
    with _demo_connection(settings) as (demo, connection):
        runs = []
        for period in _periods(connection):
            run = run_period(demo, connection, period)
            say(_summary(run))
            runs.append(run)
    show(
        {run.period: run.reconciliation for run in runs},
        {run.period: (run.reports, len(run.documents)) for run in runs},
    )
    reconciled = all(run.reconciliation.balanced for run in runs)
    say("Every period reconciles to the cent." if reconciled else "Not every period reconciles.")
    say("See it in the Dagster UI with: make dev")
    return 0 if reconciled else FAILED


def run_dev(settings: Settings, port: int, say: Say) -> None:
    """Serve the Dagster UI and daemon over the sandbox until interrupted; port 0 takes a free one."""
    port = _free_port(port)
    with _demo_connection(settings) as (demo, _):
        dagster_instance(demo).dispose()
        log = demo.home / "dagster.log"
        with services(_commands(port), os.environ | _environment(demo), project_root(), log) as started:
            try:
                _wait_for_ui(port, started)
                say(f"The Dagster UI is at http://{_HOST}:{port} (its log: {log}). Stop with Ctrl-C.")
                while True:
                    require_running(started)
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
            except KeyboardInterrupt:
                say("Stopping.")
            except ServiceEnded as ended:
                raise click.ClickException(f"{ended}; what it said is in {log}.") from None


def _commands(port: int) -> list[list[str]]:
    binaries = Path(sys.executable).parent
    workspace = ["--workspace", str(project_root() / "workspace.yaml")]
    return [
        [str(binaries / "dagster-webserver"), "--host", _HOST, "--port", str(port), *workspace],
        [str(binaries / "dagster-daemon"), "run", *workspace],
    ]


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            raise click.BadParameter(
                f"{_HOST}:{port} cannot be used ({error}); choose another port, or 0 for a free one.",
                param_hint="--port",
            ) from None
        chosen: int = probe.getsockname()[1]
        return chosen


def _wait_for_ui(port: int, started: Sequence[Service]) -> None:
    while True:
        require_running(started)
        try:
            address = f"http://{_HOST}:{port}/server_info"
            httpx.get(address, timeout=_SECONDS_TO_ANSWER, trust_env=False).raise_for_status()  # past any proxy
        except httpx.HTTPError:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        else:
            return


@contextmanager
def _demo_connection(settings: Settings) -> Iterator[tuple[Settings, Connection]]:
    """The sandbox running, a configuration that points to it, and the credentials stored."""
    home = settings.home / "demo"
    home.mkdir(parents=True, exist_ok=True)
    demo = replace(
        settings,
        config_path=home / "mlc.yaml",
        home=home,
        database_url=f"sqlite:///{home / 'mlc.db'}",
        dagster_home=home / "dagster",
        sandbox_time_scale=_TIME_SCALE,
    )
    with (
        _only_one(home),
        company_sandbox(port=0, state_file=home / "sandbox.json", seed=_SEED, time_scale=_TIME_SCALE) as sandbox,
    ):
        demo.config_path.write_text(connection_yaml(sandbox), encoding="utf-8")
        connection = load_configuration(demo.config_path).connection("demo")
        database = Database(demo)
        secrets = credentials(sandbox)
        connect_expensify(database, connection, lambda variable, _: secrets[variable])
        connect_zoho(database, connection, lambda variable, _: secrets[variable])
        yield demo, connection


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Two sandboxes would overwrite each other's state and configuration."""
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"`mlc dev` or `mlc demo` already runs in {home}: stop it first, or set MLC_HOME to another one."
            ) from None
        yield


def _periods(connection: Connection) -> list[str]:
    periods = approval_periods(connection.period)
    key, keys = FIRST_PERIOD, []
    for _ in range(WEEKS):
        period = periods.period(key.isoformat())
        keys.append(period.key)
        key = period.end.date()
    return keys


def _summary(run: PeriodRun) -> str:
    states = [document["state"] for document in run.documents]
    told = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    failure = f" FAILED: {run.failure}" if run.failure else ""
    written = f"{'?' if run.writes is None else run.writes} requests wrote to Zoho Books"
    return f"Period {run.period}: {run.reports} reports; {told or 'nothing'}; {written}.{failure}"


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "MLC_CONFIG": str(settings.config_path),
        "MLC_HOME": str(settings.home),
        "MLC_DATABASE_URL": settings.database_url,
        "MLC_SANDBOX_TIME_SCALE": str(settings.sandbox_time_scale),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
