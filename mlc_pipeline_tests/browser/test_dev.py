"""`mlc dev` from its start to its end, and what a person sees and does in between."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import dagster as dg
import httpx
import pandas as pd
import pytest

from mlc_pipeline_tests.browser.dagster_ui import DagsterUI
from mlc_pipeline_tests.browser.dev_server import MLC, DevServer, dev_server, processes_of
from mlc_pipeline_tests.front_door import clean_environment, run_command

PERIOD = "2025-01-13"
LINEAGE = ("expensify_reports", "category_mappings", "zoho_bills", "reconciliation")

DAEMONS = {"SCHEDULER", "BACKFILL", "QUEUED_RUN_COORDINATOR", "MONITORING"}
SECONDS_FOR_DAEMONS = 60

IGNORING_CTRL_C = ("sh", "-c", """trap '' INT; exec "$0" "$@" """)
"""As a script starts a command in the background."""


@pytest.mark.browser
def test_a_period_is_materialized_by_clicking_and_tells_what_became_of_it(ui: DagsterUI, home: Path) -> None:
    ui.open_lineage()
    for asset in LINEAGE:
        assert "partitions" in ui.asset_box(asset)

    ui.materialize_all(PERIOD)
    ui.wait_for_the_run()

    for asset in LINEAGE:
        ui.open_partition(f"demo/{asset}", PERIOD)
        ui.wait_until_green()
        written = pd.read_parquet(home / "demo" / "assets" / "demo" / asset / f"{PERIOD}.parquet")
        assert int(ui.metadata("dagster/row_count")) == len(written) > 0, asset

    assert ui.metadata("balanced") == "true"
    totals = ui.metadata("totals")
    assert "EUR" in totals
    assert "USD" in totals
    ui.open_partition("demo/zoho_bills", PERIOD)
    assert int(ui.metadata("writes_to_zoho")) > 0


def test_its_dagster_instance_is_the_projects_with_telemetry_off_and_all_daemons(
    server: DevServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "demo" / "dagster"))
    deadline = time.monotonic() + SECONDS_FOR_DAEMONS
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False
        while not set(instance.get_daemon_statuses()) >= DAEMONS and time.monotonic() < deadline:
            time.sleep(0.2)
        statuses = instance.get_daemon_statuses()
    assert {name for name, status in statuses.items() if status.healthy} >= DAEMONS


def test_beside_it_a_second_one_and_a_demo_are_refused_in_one_sentence(
    server: DevServer, home: Path, tmp_path: Path
) -> None:
    port = server.url.rpartition(":")[2]
    taken = run_command([MLC, "dev", "--port", port], clean_environment(tmp_path))
    assert taken.exit_code == 2
    assert taken.err.startswith(f"Invalid value for --port: 127.0.0.1:{port} cannot be used")
    assert len(taken.err.splitlines()) == 1

    for arguments in (["dev", "--port", "0"], ["demo"]):
        refused = run_command([MLC, *arguments], clean_environment(home))
        assert refused.exit_code == 2
        assert refused.err.startswith(f"`mlc dev` or `mlc demo` already runs in {home / 'demo'}: stop it first")
        assert len(refused.err.splitlines()) == 1


def test_it_starts_and_stops_again_and_again_and_leaves_no_process(tmp_path: Path) -> None:
    with dev_server(tmp_path, through=IGNORING_CTRL_C) as first:
        assert httpx.get(first.url, trust_env=False).status_code == 200
        assert len(processes_of(tmp_path)) >= 3
        assert first.stop(signal.SIGINT) == 0
        assert processes_of(tmp_path) == []
    with dev_server(tmp_path) as second:
        assert second.stop(signal.SIGTERM) == 0
        assert processes_of(tmp_path) == []
    assert "Traceback" not in second.said
