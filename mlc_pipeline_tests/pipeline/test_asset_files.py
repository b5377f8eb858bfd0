"""The files that assets are kept in: typed as they were, whole or not there, and nobody else's to read."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from mlc_pipeline.frames import frame_of
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.schemas import EXPENSES
from mlc_pipeline_tests.front_door import open_house, week

WEEKS = dg.StaticPartitionsDefinition(["2026-09-21"])
ROW = {
    "report_id": "R1",
    "report_name": "Trip “Köln”",
    "report_total_cents": 2**53 + 1,
    "approved_at": pd.Timestamp("2026-09-23T22:41:10.250Z"),
    "reimbursable": True,
    "problems": "[]",
}


def kept_and_read(folder: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """What the next asset gets of this frame."""
    got: list[pd.DataFrame] = []

    @dg.asset(partitions_def=WEEKS, name="expensify_reports", key_prefix="us")
    def write() -> pd.DataFrame:
        return frame

    @dg.asset(partitions_def=WEEKS, ins={"rows": dg.AssetIn(key=["us", "expensify_reports"])})
    def read(rows: pd.DataFrame) -> None:
        got.append(rows)

    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": ParquetIOManager(folder)}
        assert dg.materialize(
            [write, read], partition_key="2026-09-21", resources=resources, instance=instance
        ).success
    return got[0]


@pytest.mark.parametrize("rows", [[], [ROW, {"report_id": "R2", "problems": "[]"}]])
def test_a_frame_comes_back_with_its_types(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    frame = frame_of(EXPENSES, rows)
    pd.testing.assert_frame_equal(kept_and_read(tmp_path, frame), frame)


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    for _ in range(2):
        kept_and_read(tmp_path / "assets", frame_of(EXPENSES, [ROW]))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "assets").rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_an_asset_whose_input_was_never_materialized_says_so_in_a_sentence(
    tmp_path: Path, new_dagster_home: Path
) -> None:
    with open_house(tmp_path, dagster_home=new_dagster_home) as house:
        result = house.materialise(week(0), "category_mappings")
    (failure,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert failure.error is not None
    assert failure.user_failure_data is not None
    said = failure.user_failure_data.description or ""
    assert said.startswith("acme/")
    assert "has not been materialized yet. Materialize it first" in said


def test_two_containers_that_are_both_process_one_write_a_partition_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 1)
    key, frames = dg.AssetKey(["us", "many"]), [pd.DataFrame({"x": range(rows)}) for rows in (20_000, 30_000)]
    manager = ParquetIOManager(tmp_path)
    manager.keep(key, "2026-09-21", frames[0])

    def write_and_read(frame: pd.DataFrame) -> set[int]:
        seen = set()
        for _ in range(200):
            manager.keep(key, "2026-09-21", frame)
            read = manager.kept(key, "2026-09-21")
            assert read is not None
            seen.add(len(read))
        return seen

    with ThreadPoolExecutor(2) as containers:
        seen = set().union(*containers.map(write_and_read, frames))
    assert seen <= {20_000, 30_000}
    assert [path.name for path in (tmp_path / "us" / "many").iterdir()] == ["2026-09-21.parquet"]
