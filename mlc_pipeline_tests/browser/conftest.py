"""One `mlc dev` for the module that looks at it, and a browser window on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlc_pipeline_tests.browser.chromium import chromium, missing
from mlc_pipeline_tests.browser.dagster_ui import DagsterUI
from mlc_pipeline_tests.browser.dev_server import DevServer, dev_server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `MLC_HOME` of the module's server."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[DevServer]:
    """A running `mlc dev`."""
    with dev_server(home) as running:
        yield running


@pytest.fixture
def ui(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterUI]:
    """A window on the module's server; where it cannot be opened, CI fails and a person's machine skips."""
    if programs := missing():
        reason = f"{' and '.join(programs)} missing: install Debian's packages chromium and chromium-driver"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")  # the driver is asked over HTTP
    server: DevServer = request.getfixturevalue("server")
    with chromium(tmp_path) as driver:
        yield DagsterUI(driver, server.url)
