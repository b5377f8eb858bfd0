"""A real Dagster daemon with the shipped dagster.yaml, and what the UI asks of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from mlc_pipeline.settings import project_root
from mlc_pipeline_tests.front_door import ACME, House

PATIENCE_SECONDS = 150


@contextmanager
def daemon(house: House) -> Iterator[subprocess.Popen[bytes]]:
    """A Dagster daemon with its code server and the runs it starts: one group of processes."""
    with (house.home / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [_command("dagster-daemon"), "run", "-w", "workspace.yaml"],
            cwd=project_root(),
            env=house.environment | {"DAGSTER_HOME": str(house.settings.dagster_home)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with_all_its_runs(process)


def with_all_its_runs(process: subprocess.Popen[bytes]) -> None:
    """Kill a daemon as a machine that loses its power does: at once, and everything on it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask_for(house: House, period: str) -> None:
    """Queue a run of the period, as the UI does."""
    tags = json.dumps({"dagster/partition": period})
    _say(
        house, "dagster", "job", "launch", "-w", "workspace.yaml", "-j", f"{ACME}_approval_period", "--tags", tags
    )


def graphql(house: House, text: str, **variables: Any) -> Any:
    """Ask what the UI asks; the one field of the answer's data."""
    answer = house.home / "graphql.json"
    asked = ("-t", text, "-v", json.dumps(variables), "-o", str(answer))
    _say(house, "dagster-graphql", "-w", "workspace.yaml", *asked)
    (data,) = json.loads(answer.read_text(encoding="utf-8"))["data"].values()
    return data


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.25)


def runs(instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    """Oldest first."""
    return list(reversed(instance.get_run_records()))


def states(instance: dg.DagsterInstance) -> list[str]:
    return [record.dagster_run.status.value for record in runs(instance)]


def _say(house: House, command: str, *arguments: str) -> None:
    said = subprocess.run(
        [_command(command), *arguments],
        cwd=project_root(),
        env=house.environment | {"DAGSTER_HOME": str(house.settings.dagster_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def _command(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
