"""`mlc demo` and `mlc dev`: the whole product against the sandbox, in a home of its own beside the user's."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mlc_pipeline.commands.connect import connect_expensify, connect_zoho
from mlc_pipeline.commands.run import FAILED, PeriodRun, run_period
from mlc_pipeline.commands.sandbox import FIRST_PERIOD, WEEKS, company_sandbox, connection_yaml, credentials
from mlc_pipeline.config import Connection, load_configuration
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.printing import print_reconciliation
from mlc_pipeline.resources import Database
from mlc_pipeline.settings import Settings, prepare_dagster_home, project_root

Say = Callable[[str], None]

_SEED = 1
_TIME_SCALE = 1 / 60  # a minute of Expensify's limit lasts a second: nobody should wait for a demonstration


def run_demo(settings: Settings, say: Say) -> int:
    """Run several periods against the sandbox and print what became of them; 0 only if all of it reconciles."""
    logging.getLogger("mlc_pipeline").setLevel(logging.WARNING)
    with _demo_connection(settings) as (demo, connection):
        runs = []
        for period in _periods(connection):
            run = run_period(demo, connection, period)
            say(_summary(run))
            runs.append(run)
    print_reconciliation(
        {run.period: run.reconciliation for run in runs},
        {run.period: (run.reports, len(run.documents)) for run in runs},
    )
    reconciled = all(run.reconciliation.balanced for run in runs)
    say("Every period reconciles to the cent." if reconciled else "Not every period reconciles.")
    say("See it in the Dagster UI with: make dev")
    return 0 if reconciled else FAILED


def run_dev(settings: Settings, port: int, say: Say) -> None:
    """Serve the Dagster UI and daemon over the sandbox until interrupted."""
    with _demo_connection(settings) as (demo, _):
        prepare_dagster_home(demo)
        workspace = str(project_root() / "workspace.yaml")
        services = (
            ["dagster-webserver", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)],
            ["dagster-daemon", "run", "-w", workspace],
        )
        environment = os.environ | _environment(demo)
        binaries = Path(sys.executable).parent
        processes = [
            subprocess.Popen([str(binaries / name), *arguments], env=environment, cwd=project_root())
            for name, *arguments in services
        ]
        say(f"The Dagster UI opens at http://127.0.0.1:{port} (stop with Ctrl-C).")
        try:
            while all(process.poll() is None for process in processes):
                _wait(processes[0])
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


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
    )
    with company_sandbox(port=0, state_file=home / "sandbox.json", seed=_SEED, time_scale=_TIME_SCALE) as sandbox:
        demo.config_path.write_text(connection_yaml(sandbox), encoding="utf-8")
        connection = load_configuration(demo.config_path).connection("demo")
        database = Database(demo)
        secrets = credentials(sandbox)
        connect_expensify(database, connection, lambda variable, _: secrets[variable])
        connect_zoho(database, connection, lambda variable, _: secrets[variable])
        yield demo, connection


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
    written = f"{run.writes} requests wrote to Zoho Books"
    return f"Period {run.period}: {run.reports} reports; {told or 'nothing'}; {written}.{failure}"


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "MLC_CONFIG": str(settings.config_path),
        "MLC_HOME": str(settings.home),
        "MLC_DATABASE_URL": settings.database_url,
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return
