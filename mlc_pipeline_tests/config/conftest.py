"""Files to load: tests write YAML as a user would and read what comes back."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from mlc_pipeline.config import Configuration, load_configuration

Load = Callable[[str], Configuration]

SOUND = """\
connections:
  - name: us
    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes the text as mlc.yaml and loads it."""

    def write_and_load(text: str) -> Configuration:
        path = tmp_path / "mlc.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        return load_configuration(path)

    return write_and_load


@pytest.fixture
def problems_of(load: Load) -> Callable[[str], dict[str, str]]:
    """The problems, key to message, of a connection `us` with these lines added to it."""

    def complain(lines: str) -> dict[str, str]:
        text = SOUND + "".join(f"    {line}\n" for line in dedent(lines).strip().splitlines())
        return {problem.key.removeprefix("connections[0]."): problem.message for problem in load(text).problems}

    return complain
