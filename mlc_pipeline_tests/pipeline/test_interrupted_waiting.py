"""A run that waits for a document that may still turn up is interrupted at once, and holds nothing meanwhile."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mlc_pipeline.sandbox.zoho import Fault, FaultKind
from mlc_pipeline_tests.front_door import ACME, House, week


@contextmanager
def waiting_run(house: House) -> Iterator[subprocess.Popen[str]]:
    """`mlc run` in a process of its own, at the moment when it waits."""
    house.sandbox.zoho_books.faults.append(Fault(FaultKind.CUT_BEFORE_COMMIT, path=r"/bills$"))
    with subprocess.Popen(
        [str(Path(sys.executable).with_name("mlc")), "run", "--connection", ACME, "--period", week(0), "--json"],
        env=house.environment,
        cwd=house.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            assert process.stderr is not None
            assert any("may still turn up: 1, looked for again in 30 s" in line for line in process.stderr)
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def leases(house: House) -> list[str]:
    with closing(sqlite3.connect(house.home / "mlc.db")) as database:
        return [name for (name,) in database.execute("select name from leases order by name")]


def half_a_minute_passes(house: House) -> None:
    with closing(sqlite3.connect(house.home / "mlc.db")) as database, database:
        database.execute("update postings set sent_ms = sent_ms - 30000 where state = 'unknown'")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_wait_at_once_and_the_next_run_goes_on(
    house: House, sent: signal.Signals
) -> None:
    with waiting_run(house) as process:
        (heartbeat,) = leases(house)
        assert heartbeat.startswith("run ")
        began = time.monotonic()
        process.send_signal(sent)
        told = json.loads(process.communicate()[0])
        assert (told["writes"], process.returncode) == (None, 2)
        assert "interrupted" in told["failure"]
        assert time.monotonic() - began < 10
    assert leases(house) == []
    half_a_minute_passes(house)
    assert house.run(week(0)).reconciliation.balanced
    numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(numbers) == len(set(numbers)) > 0
