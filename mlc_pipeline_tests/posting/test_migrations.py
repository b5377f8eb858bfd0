"""From each released schema to the newest, with data in the tables: everything is there, reads and goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import mlc_pipeline.posting.migrations
from mlc_pipeline import tables
from mlc_pipeline.database import current_revision, open_database
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.postings import of_connection, transactions_of
from mlc_pipeline_tests.posting.reports import Expense, Report, plan_of, report
from mlc_pipeline_tests.posting.room import Room, open_room
from mlc_pipeline_tests.posting.runs import CONNECTION, ORGANIZATION_ID, PERIOD

OLDEST = "0001"
POSTED, PLANNED, WAITING = report("R1", 1000, Expense(2000, "Travel")), report("R2", 300), report("R3", 70)


@pytest.fixture
def old_room(database_url: str) -> Iterator[Room]:
    """A room whose database has the oldest schema, and in it what a period left behind."""
    engine = sa.create_engine(database_url)
    with open_room(engine, database_url) as room:
        with engine.begin() as connection:
            command.upgrade(_alembic(connection), OLDEST)
            _fill(connection, room)
        engine.dispose()
        yield room


def test_every_row_of_the_oldest_schema_is_there_and_reads(old_room: Room, database_url: str) -> None:
    engine = open_database(database_url)
    assert current_revision(engine) == tables.SCHEMA_REVISION
    postings = {one.report_id: one for one in of_connection(engine, CONNECTION, PERIOD)}
    assert {name: one.state for name, one in postings.items()} == {"R1": "posted", "R2": "planned", "R3": "review"}
    assert postings["R1"].zoho_id == "982000000000099001"
    assert postings["R1"].document == plan_of(POSTED, old_room.organization).document
    assert postings["R3"].reason == "No account."
    assert {(one.replaces_id, one.amendment, one.mapping_version) for one in postings.values()} == {(None,) * 3}
    assert transactions_of(engine, postings["R1"]) == {"R1-T1": 1000, "R1-T2": 2000}
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.vault_secrets.c.ciphertext)).scalars().all() == ["gAAAA"]
        assert connection.execute(sa.select(tables.leases.c.holder)).scalars().all() == ["somebody"]
    engine.dispose()


def test_the_trail_of_the_oldest_schema_holds_and_is_still_protected(old_room: Room, database_url: str) -> None:
    engine = open_database(database_url)
    assert audit.verify(engine) == (3, None)
    for statement in ("update audit_events set actor = 'x'", "delete from audit_events"):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_a_period_goes_on_where_the_oldest_schema_left_it(old_room: Room, database_url: str) -> None:
    old_room.engine = open_database(database_url)
    outcome = old_room.run(POSTED, PLANNED, WAITING)
    assert outcome["R2"].state == outcome["R3"].state == "posted"
    # What it called posted is not in these books: that is told, not posted again.
    assert (outcome["R1"].state, outcome["R1"].reason_code) == ("review", "foreign_document")
    assert old_room.held().keys() == {"R2", "R3"}
    old_room.assert_trail_holds()
    old_room.engine.dispose()


def _fill(connection: sa.Connection, room: Room) -> None:
    for table, values in (
        ("vault_secrets", {"connection": CONNECTION, "name": "zoho", "ciphertext": "gAAAA", "updated_ms": 1}),
        ("leases", {"name": "zoho token of us", "holder": "somebody", "until_ms": 1}),
    ):
        _insert(connection, table, values)
    for number, (one, state) in enumerate(
        ((POSTED, "posted"), (PLANNED, "planned"), (WAITING, "review")), start=1
    ):
        _insert(connection, "postings", _posting(number, one, state, room))
        for transaction_id, expense in one.expenses.items():
            row = {"posting_id": number, "transaction_id": transaction_id, "cents": expense.cents}
            _insert(connection, "posting_transactions", row | {"organization_id": ORGANIZATION_ID})
        subject = {"period": PERIOD, "report_id": one.report_id, "revision": 1, "part": one.part}
        audit.append(connection, Actor("run", CONNECTION, ORGANIZATION_ID), state, subject=subject, details={})
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("select setval('postings_id_seq', 3)"))


def _posting(number: int, approved: Report, state: str, room: Room) -> dict[str, Any]:
    plan = plan_of(approved, room.organization)
    assert plan.document is not None
    # As the program of that time wrote it: without what documents have learnt since.
    document = asdict(plan.document) | {"date": plan.document.date.isoformat()}
    del document["offsets"]
    waits = state == "review"
    return {
        "id": number,
        "organization_id": ORGANIZATION_ID,
        "report_id": approved.report_id,
        "part": approved.part,
        "revision": 1,
        "connection": CONNECTION,
        "period": PERIOD,
        "state": state,
        "content_hash": plan.content_hash,
        "approved_at": plan.approved_at,
        "kind": None if waits else "bill",
        "number": None if waits else plan.document.number,
        "currency": "USD",
        "total_cents": plan.total_cents,
        "document": None if waits else json.dumps(document),
        "vendor_id": plan.document.vendor_id,
        "zoho_id": "982000000000099001" if state == "posted" else None,
        "reason_code": "unmapped_category" if waits else None,
        "reason": "No account." if waits else None,
        "attempts": int(state == "posted"),
        "created_ms": 1,
        "updated_ms": 1,
    }


def _insert(connection: sa.Connection, table: str, values: dict[str, Any]) -> None:
    columns, names = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"insert into {table} ({columns}) values ({names})"), values)


def _alembic(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(mlc_pipeline.posting.migrations.__path__[0])))
    config.attributes["connection"] = connection
    return config
