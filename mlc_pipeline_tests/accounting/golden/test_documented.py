"""The worked examples of docs/mapping.md: the settings load, and the reports become what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlc_pipeline.config import load_configuration
from mlc_pipeline_tests.accounting.golden.company import told

PAGE = Path(__file__).parents[3] / "docs" / "mapping.md"
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
CASES = [case for block in BLOCKS if isinstance(block, list) for case in block]
SETTINGS = [block for block in BLOCKS if isinstance(block, dict)]
NAMED = {
    "name": "firm",
    "period": {"cadence": "weekly", "start": "2026-01-05", "timezone": "Europe/Berlin"},
}


def test_there_is_a_us_a_german_and_an_indian_firm() -> None:
    assert (len(SETTINGS), len(CASES)) == (3, 4)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_report_becomes_what_the_page_says(case: dict[str, Any]) -> None:
    assert told(case).strip() == case["becomes"].strip()


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_settings_are_valid(tmp_path: Path, settings: dict[str, Any]) -> None:
    file = tmp_path / "mlc.yaml"
    file.write_text(yaml.safe_dump({"connections": [NAMED | settings]}), encoding="utf-8")
    assert load_configuration(file).problems == ()


def test_every_test_that_the_page_names_is_there() -> None:
    """With its case, where one of several is meant: cases stand beside the test, or in the golden set."""
    golden = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("*.yaml"))
    written = {
        name: text
        for file in PAGE.parents[1].glob("mlc_pipeline_tests/**/test_*.py")
        for text in (file.read_text("utf-8"),)
        for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)
    }
    named = re.findall(r"`(test_\w+)(?:\[([^`]+)\])?`", PAGE.read_text("utf-8"))
    assert len(named) >= 16
    for name, case in named:
        assert name in written
        assert not case or f'"{case}"' in written[name] or f"- why: {case}\n" in golden
