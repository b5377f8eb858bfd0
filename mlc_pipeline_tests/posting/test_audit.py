"""The audit trail: the whole story of a report; and tampering, found at the first event that it touched."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, open_database
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import GENESIS, Actor, event_hash
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import report
from mlc_pipeline_tests.posting.room import Room

WRITER = Actor("run of us", "us", "10234695", "run-1")
ONE = report("R1", 1234, 66)


@pytest.fixture
def trail(database: sa.Engine) -> sa.Engine:
    """A trail of ten events."""
    with database.begin() as connection:
        for number in range(1, 11):
            audit.append(
                connection, WRITER, "posted", subject={"report_id": f"R{number}"}, details={"cents": number}
            )
    assert audit.verify(database) == (10, None)
    return database


# What it tells.


def test_an_empty_trail_holds(database: sa.Engine) -> None:
    assert audit.verify(database) == (0, None)


def test_the_story_of_a_report_is_whole(room: Room) -> None:
    room.run(ONE, run_id="run-7")
    planned, sending, posted = list(audit.events(room.engine, "R1"))
    plan, posting = room.plans(ONE)[0], room.posting("R1")
    for event in (planned, sending, posted):
        assert (event["report_id"], event["revision"], event["part"]) == ("R1", 1, "reimbursable")
        assert (event["actor"], event["run_id"], event["connection"]) == ("run of us", "run-7", "us")
    intent = json.loads(planned["details"])
    assert intent["content_hash"] == plan.content_hash
    assert (intent["approved_at"], intent["approver"]) == (plan.approved_at, plan.approver)
    assert (intent["mapping_version"], intent["number"]) == ("m1", "EXP-R1")
    assert intent["transactions"] == {"R1-T1": 1234, "R1-T2": 66}
    assert [line["transaction_ids"] for line in intent["document"]["lines"]] == [["R1-T1", "R1-T2"]]
    sent = json.loads(sending["details"])
    assert len(sent["request_digest"]) == 64
    assert (sent["attempt"], sent["vendor_id"]) == (1, posting.vendor_id)
    proof = json.loads(posted["details"])
    assert (proof["zoho_id"], proof["total_cents"], proof["answer_code"]) == (posting.zoho_id, 1300, 0)


def test_a_lost_answer_a_refusal_and_a_persons_word_are_in_the_story(room: Room) -> None:
    room.order(FaultKind.BAD_GATEWAY_AFTER_COMMIT)
    room.run(ONE)
    unknown = [event for event in audit.events(room.engine, "R1") if event["event"] == "unknown"]
    assert json.loads(unknown[0]["details"])["http_status"] == 502
    bad = report("R2", 5)
    next(iter(room.organization.accounts.values()))["is_active"] = False
    room.run(ONE, bad)
    refused = [event for event in audit.events(room.engine, "R2") if event["event"] == "review"]
    assert json.loads(refused[0]["details"])["http_status"] == 400
    room.ledger("ada@traders.example").dismiss(room.posting("R2"), "too small")
    dismissed = list(audit.events(room.engine, "R2"))[-1]
    assert (dismissed["event"], dismissed["actor"]) == ("dismissed", "ada@traders.example")
    assert json.loads(dismissed["details"])["why"] == "too small"


def test_events_that_are_written_at_once_stand_in_one_chain(database: sa.Engine) -> None:
    def write() -> None:
        for _ in range(15):
            with database.begin() as connection:
                audit.append(connection, WRITER, "posted", subject={}, details={})

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        assert audit.verify(database)[1] is None  # also while others write
    for thread in threads:
        thread.join()
    assert audit.verify(database) == (45, None)


def test_a_transition_that_fails_leaves_no_event(trail: sa.Engine) -> None:
    with trail.connect() as connection, connection.begin() as transition:
        audit.append(connection, WRITER, "posted", subject={}, details={})
        transition.rollback()
    assert audit.verify(trail) == (10, None)


# Who touches it.


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set details = '{}' where sequence = 4",
        "delete from audit_events where sequence = 4",
        "delete from audit_events",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_an_event(trail: sa.Engine, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="audit events are never changed"), trail.begin() as connection:
        connection.execute(sa.text(statement))
    assert audit.verify(trail) == (10, None)


def test_postgresql_refuses_to_empty_the_table(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(sa.text("truncate audit_events"))
    engine.dispose()


def _changes_details(database: sa.Connection) -> None:
    database.execute(sa.text("update audit_events set details = '{\"cents\": 999}' where sequence = 4"))


def _changes_actor(database: sa.Connection) -> None:
    database.execute(sa.text("update audit_events set actor = 'nobody' where sequence = 4"))


def _changes_time(database: sa.Connection) -> None:
    database.execute(sa.text("update audit_events set at = '2020-01-01T00:00:00.000+00:00' where sequence = 4"))


def _changes_and_hashes_anew(database: sa.Connection) -> None:
    row = dict(database.execute(sa.text("select * from audit_events where sequence = 4")).mappings().one())
    row["details"] = "{}"
    database.execute(
        sa.text("update audit_events set details = '{}', hash = :hash where sequence = 4"),
        {"hash": event_hash(row)},
    )


def _deletes(database: sa.Connection) -> None:
    database.execute(sa.text("delete from audit_events where sequence = 4"))


def _deletes_and_closes_the_gap(database: sa.Connection) -> None:
    _deletes(database)
    for sequence in range(5, 11):
        database.execute(sa.text(f"update audit_events set sequence = {sequence - 1} where sequence = {sequence}"))
    database.execute(sa.text("update audit_head set sequence = 9"))


def _swaps(database: sa.Connection) -> None:
    for old, new in ((4, 100), (5, 4), (100, 5)):
        database.execute(sa.text(f"update audit_events set sequence = {new} where sequence = {old}"))


def _inserts(database: sa.Connection) -> None:
    for sequence in range(10, 3, -1):
        database.execute(sa.text(f"update audit_events set sequence = {sequence + 1} where sequence = {sequence}"))
    columns = "at, actor, event, connection, organization_id, details, previous_hash, hash"
    database.execute(
        sa.text(
            f"insert into audit_events (sequence, {columns}) "
            f"select 4, {columns} from audit_events where sequence = 3"
        )
    )
    database.execute(sa.text("update audit_head set sequence = 11"))


def _cuts_the_tail(database: sa.Connection) -> None:
    database.execute(sa.text("delete from audit_events where sequence > 8"))


def _cuts_the_tail_and_the_head_back(database: sa.Connection) -> None:
    _cuts_the_tail(database)
    database.execute(sa.text("update audit_head set sequence = 8"))


def _moves_the_head(database: sa.Connection) -> None:
    database.execute(sa.text(f"update audit_head set hash = '{GENESIS}'"))


def _sets_the_head_back(database: sa.Connection) -> None:
    database.execute(
        sa.text("update audit_head set sequence = 5, hash = (select hash from audit_events where sequence = 5)")
    )


def _removes_the_head(database: sa.Connection) -> None:
    database.execute(sa.text("delete from audit_head"))


@pytest.mark.parametrize(
    ("tamper", "first", "told"),
    [
        (_changes_details, 4, "changed"),
        (_changes_actor, 4, "changed"),
        (_changes_time, 4, "changed"),
        (_changes_and_hashes_anew, 5, "does not follow"),
        (_deletes, 4, "missing"),
        (_deletes_and_closes_the_gap, 4, "does not follow"),
        (_swaps, 4, "does not follow"),
        (_inserts, 4, "does not follow"),
        (_cuts_the_tail, 9, "ends at event 8, but 10 were written"),
        (_cuts_the_tail_and_the_head_back, 9, "ends at event 8"),
        (_moves_the_head, 11, "ends at event 10"),
        (_sets_the_head_back, 11, "ends at event 10, but 5 were written"),
        (_removes_the_head, 11, "head"),
    ],
)
def test_the_first_event_that_was_tampered_with_is_named(
    trail: sa.Engine, tamper: Callable[[sa.Connection], None], first: int, told: str
) -> None:
    _drop_the_triggers(trail)
    with trail.begin() as connection:
        tamper(connection)
    held, broken = audit.verify(trail)
    assert broken is not None
    assert (held, broken.sequence) == (first - 1, first)
    assert told in broken.why


@pytest.mark.parametrize("tamper", [_removes_the_head, _sets_the_head_back])
def test_nothing_is_posted_on_a_damaged_trail_and_the_sentence_says_what_to_do(
    room: Room, tamper: Callable[[sa.Connection], None]
) -> None:
    with room.engine.begin() as connection:
        for _ in range(10):
            audit.append(connection, WRITER, "posted", subject={}, details={})
        tamper(connection)
    with pytest.raises(DatabaseError, match=r"The audit trail is damaged: .* run `mlc audit verify`"):
        room.run(ONE)
    assert room.writes() == 0
    with room.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from postings")).scalar() == 0


def test_a_report_id_is_asked_for_as_it_is(trail: sa.Engine) -> None:
    found: list[dict[str, Any]] = list(audit.events(trail, "R1"))
    assert [event["report_id"] for event in found] == ["R1"]
    assert list(audit.events(trail, "R1' or '1'='1")) == []


def _drop_the_triggers(engine: sa.Engine) -> None:
    names = (
        ("audit_events_keep_UPDATE", "audit_events_keep_DELETE")
        if engine.dialect.name == "sqlite"
        else ("audit_events_keep_rows", "audit_events_keep_all")
    )
    table = "" if engine.dialect.name == "sqlite" else " on audit_events"
    with engine.begin() as connection:
        for name in names:
            connection.execute(sa.text(f"drop trigger {name}{table}"))
