from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from mlc_pipeline.expensify import ExpensifyClient, Patience, ReportRecord
from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.reading import read_report
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.sandbox.freemarker import render
from mlc_pipeline_tests.expensify.server import ExpensifyServer, running_server
from mlc_pipeline_tests.freemarker_engine import FreemarkerEngine, missing_parts

BERLIN = ZoneInfo("Europe/Berlin")
SECRET = "a-very-secret-secret-0123456789"


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ExpensifyServer]:
    with running_server() as expensify:
        yield expensify


@pytest.fixture
def server(shared_server: ExpensifyServer) -> ExpensifyServer:
    shared_server.forget()
    return shared_server


@pytest.fixture
def client(server: ExpensifyServer) -> Iterator[ExpensifyClient]:
    with ExpensifyClient(
        server.url,
        "aa_ada_acme_example",
        SECRET,
        zone=BERLIN,
        http=httpx.Client(),
        downloads=Patience(attempts=3, first_wait=0.001, longest_wait=0.002),
    ) as expensify:
        yield expensify


@pytest.fixture(scope="session")
def freemarker() -> Iterator[FreemarkerEngine]:
    missing = missing_parts()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI must render with the real FreeMarker: {' '.join(missing)}")
    if missing:
        pytest.skip(f"the real FreeMarker is not here: {' '.join(missing)}")
    with FreemarkerEngine() as engine:
        yield engine


@pytest.fixture
def read() -> Callable[[dict[str, Any]], ReportRecord]:
    """The record that we make of one report of Expensify's data model, through our template."""

    def record(report: dict[str, Any]) -> ReportRecord:
        file = whole_file(render(export_template(), {"reports": [report]}).encode())
        return read_report(file.report(0), BERLIN)

    return record
