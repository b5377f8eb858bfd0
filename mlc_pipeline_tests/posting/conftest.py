"""A room on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlc_pipeline_tests.posting.receipts_desk import Desk, open_desk
from mlc_pipeline_tests.posting.room import Room, open_room


@pytest.fixture
def other_database_url(tmp_path: Path) -> str:
    """A second, empty database."""
    return f"sqlite:///{tmp_path / 'other.db'}"


@pytest.fixture
def room(database: sa.Engine, database_url: str) -> Iterator[Room]:
    """Empty books, an empty ledger."""
    with open_room(database, database_url) as opened:
        yield opened
        opened.engine.dispose()


@pytest.fixture
def desk(room: Room) -> Iterator[Desk]:
    """Where receipts are attached."""
    with open_desk(room) as opened:
        yield opened
