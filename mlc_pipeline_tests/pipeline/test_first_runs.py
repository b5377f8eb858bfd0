"""Commands that are started together where nothing is there yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_OPEN = (
    "from mlc_pipeline.commands.instances import dagster_instance;"
    "from mlc_pipeline.settings import Settings;"
    "dagster_instance(Settings.from_environment()).dispose()"
)


def test_the_dagster_instance_is_made_once_though_several_need_it(tmp_path: Path) -> None:
    environment = {**os.environ, "MLC_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path / "dagster")}
    started = [
        subprocess.Popen([sys.executable, "-c", _OPEN], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
