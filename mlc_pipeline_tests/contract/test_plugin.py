"""The suite-wide fixture: a wrong request fails its test, also one the sandbox answered politely."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

SUITE = """
import httpx
import pytest

from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import ZohoBooks, create_zoho_app

def ask(path):
    with serve_app(create_zoho_app(ZohoBooks())) as url:
        assert httpx.get(f"{url}/books/v3{path}").status_code >= 400


def test_right():
    ask("/organizations")


def test_wrong():
    ask("/organizations?colour=red")


@pytest.mark.usefixtures("outside_the_contract")
def test_wrong_on_purpose():
    ask("/organizations?colour=red")
"""


def test_a_test_with_a_wrong_request_fails_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    options = ["-p", "no:cacheprovider", "-p", "mlc_pipeline_tests.contract.plugin", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_suite.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed, 1 error" in done.stdout
    assert "GET /organizations: query parameter colour is not in the OpenAPI files" in done.stdout
