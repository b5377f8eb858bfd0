"""What `make bench` writes, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.dagster_overhead import Share
from benchmarks.measuring import Row

REACHED = (Row("a", "b", 0.97, at_least=0.97), Row("c", "d", 1.05, at_most=1.05), Row("e", "f", 3))
SHARES = [Share("import", 1.234)]


def bench(page: Path, rows: Iterable[Row], *wanted: str) -> int:
    return main(wanted, {"One thing": lambda: rows, "Another": lambda: REACHED}, lambda: SHARES, page)


def test_the_page_has_a_table_for_each_measurement_with_the_machine_and_the_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "performance.md"
    assert bench(page, [Row("x", "y", 7)]) == 0
    lines = page.read_text(encoding="utf-8").splitlines()
    assert "cores" in lines[2]
    assert "Python" in lines[2]
    for line in (
        "## One thing",
        "| x | y | 7.00 |  |",
        "## Another",
        "| a | b | 0.97 | ≥ 0.97 |",
        "| import | 1.23 |",
    ):
        assert line in lines
    assert "| c | d | 1.05 | ≤ 1.05 |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (Row("x", "y", 0.969, at_least=0.97), "| x | y | 0.97 | ≥ 0.97, **missed** |"),
        (Row("x", "y", 1, at_most=0), "| x | y | 1.00 | ≤ 0, **missed** |"),
    ],
)
def test_a_row_that_misses_what_it_must_be_is_marked_and_ends_with_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: Row, told: str
) -> None:
    page = tmp_path / "performance.md"
    assert bench(page, [*REACHED, row]) == 1
    assert told in page.read_text(encoding="utf-8").splitlines()
    assert capsys.readouterr().err == "Rows that miss what they must be: 1\n"
    assert bench(page, [row], "ANOTHER") == 0


def test_a_part_of_the_measurements_is_not_written_down(tmp_path: Path) -> None:
    assert bench(tmp_path / "performance.md", REACHED, "one") == 0
    assert not (tmp_path / "performance.md").exists()
