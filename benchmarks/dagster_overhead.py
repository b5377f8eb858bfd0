"""What Dagster costs for one small period, from the command to its end, named per step."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from benchmarks.measuring import Row, side_by_side
from mlc_pipeline_tests.front_door import ACME, House, open_house, week

_ROUNDS = 3
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one run, in seconds."""

    what: str
    seconds: float


def measure() -> Iterator[Row]:
    """`mlc run` of a posted period, against the same assets with Dagster's default settings."""
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "home") as house:
        _mlc_run(house)
        yield side_by_side(
            ("one small period with `mlc run`", lambda: _mlc_run(house)),
            ("the same assets with Dagster's default executor", lambda: _naive_run(house)),
            rounds=_ROUNDS,
            at_most=0.5,
        )


def shares() -> list[Share]:
    """Where the seconds of one `mlc run` go."""
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "home") as house:
        _mlc_run(house)
        started = time.time()
        _mlc_run(house)
        ended = time.time()
        with house.dagster_instance() as instance:
            return list(_shares(instance, started, ended))


def _shares(instance: dg.DagsterInstance, started: float, ended: float) -> Iterator[Share]:
    run = instance.get_run_records(limit=1)[0]
    events = [
        record.event_log_entry
        for record in instance.get_records_for_run(run.dagster_run.run_id).records
        if record.event_log_entry.dagster_event
    ]
    begun = {entry.step_key: entry.timestamp for entry in events if _is(entry, dg.DagsterEventType.STEP_START)}
    done = {entry.step_key: entry.timestamp for entry in events if _is(entry, dg.DagsterEventType.STEP_SUCCESS)}
    first, last = min(begun.values()), max(done.values())
    yield Share("interpreter, imports, definitions, plan", first - started)
    for step, moment in begun.items():
        yield Share(f"step {str(step).removeprefix(f'{ACME}__')}", done[step] - moment)
    yield Share("between steps", last - first - sum(done[step] - begun[step] for step in begun))
    yield Share("reading back, printing, exit", ended - last)


def _is(entry: dg.EventLogEntry, kind: dg.DagsterEventType) -> bool:
    return entry.dagster_event is not None and entry.dagster_event.event_type == kind


def _mlc_run(house: House) -> None:
    _run([str(_BIN / "mlc"), "run", "--connection", ACME, "--period", week(0)], house, {0, 1})


def _naive_run(house: House) -> None:
    command = [str(_BIN / "dagster"), "asset", "materialize", "-m", "benchmarks.naive_project"]
    places = {"DAGSTER_HOME": str(house.settings.dagster_home), "PYTHONPATH": str(Path.cwd())}
    _run([*command, "--select", "*", "--partition", week(0)], house, {0}, places)


def _run(command: list[str], house: House, well: set[int], more: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=house.environment | (more or {}), capture_output=True, check=False)
    if done.returncode not in well:
        raise RuntimeError(done.stderr.decode()[-2000:])
