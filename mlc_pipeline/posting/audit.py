"""The audit trail: append-only events, each carrying the hash of the one before it.

The database refuses to change or delete an event (triggers of the first migration); `verify` finds what was
changed all the same, by somebody who owns the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.database import DatabaseError, without_limits
from mlc_pipeline.tables import audit_events, audit_head

GENESIS = "0" * 64
"""The `previous_hash` of the first event."""

NO_VENDOR = "no_vendor"
"""The event that nobody knows whether a vendor was made: its document was not sent."""

NOTHING_TO_POST = "nothing_to_post"
"""The event that nothing of a report is to be posted, and nothing of it waits: it has no posting."""

_HASHED = tuple(column.name for column in audit_events.columns if column.name != "hash")


_DAMAGED = (
    "The audit trail is damaged: {}. Nothing is posted without its trail: run `mlc audit verify`, then restore "
    "the database from a backup."
)


class TrailDamaged(DatabaseError):
    """No event can be appended; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a run of a connection, or a person at the command line."""

    name: str
    connection: str
    organization_id: str
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The first event at which the chain does not hold, and why."""

    sequence: int
    why: str


def append(
    database: sa.Connection,
    actor: Actor,
    event: str,
    *,
    subject: Mapping[str, Any],
    details: Mapping[str, Any],
) -> None:
    """Append one event within the caller's transaction, so that a transition and its event come or go together.

    Args:
        database: a connection inside a transaction.
        actor: who did it.
        event: what happened, such as "planned", "sent" or "posted".
        subject: any of `period`, `report_id`, `revision`, `part`.
        details: what an auditor needs to know, as JSON values.
    """
    # The head row serialises writers: on PostgreSQL by its lock, on SQLite by the write transaction.
    head = database.execute(sa.select(audit_head).where(audit_head.c.id == 1).with_for_update()).one_or_none()
    if head is None:
        raise TrailDamaged(_DAMAGED.format("its head is missing"))
    last = sa.select(audit_events.c.hash).where(audit_events.c.sequence == head.sequence)
    if head.sequence and database.execute(last).scalar() != head.hash:
        raise TrailDamaged(_DAMAGED.format(f"its last event, {head.sequence}, is missing or was changed"))
    row: dict[str, Any] = {
        "sequence": head.sequence + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "actor": actor.name,
        "event": event,
        "connection": actor.connection,
        "organization_id": actor.organization_id,
        "period": subject.get("period"),
        "report_id": subject.get("report_id"),
        "revision": subject.get("revision"),
        "part": subject.get("part"),
        "run_id": actor.run_id,
        "details": json.dumps(dict(details), ensure_ascii=False, sort_keys=True),
        "previous_hash": head.hash,
    }
    row["hash"] = event_hash(row)
    try:
        database.execute(sa.insert(audit_events).values(**row))
    except sa.exc.IntegrityError as error:
        raise TrailDamaged(_DAMAGED.format(f"it has an event {row['sequence']} already")) from error
    database.execute(
        sa.update(audit_head).where(audit_head.c.id == 1).values(sequence=row["sequence"], hash=row["hash"])
    )


def count(database: sa.Connection, event: str, organization_id: str, subject: Mapping[str, Any]) -> int:
    """How often something happened to one revision of a part of a report: see `append` for its names."""
    query = sa.select(sa.func.count()).where(*_happened(event, organization_id, subject))
    return int(database.execute(query).scalar_one())


def last(
    database: sa.Connection, event: str, organization_id: str, subject: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What was said when something last happened to a subject: see `append` for its names."""
    query = sa.select(audit_events.c.details).where(*_happened(event, organization_id, subject))
    details = database.execute(query.order_by(audit_events.c.sequence.desc()).limit(1)).scalar()
    return None if details is None else dict(json.loads(details))


def wait_for_turn(database: sa.Connection) -> None:
    """Be the only one who appends until the transaction ends, so that what is read now is the last word."""
    database.execute(sa.select(audit_head.c.id).with_for_update())


def event_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over every column of the event but `hash` itself."""
    text = json.dumps([row[name] for name in _HASHED], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _happened(event: str, organization_id: str, subject: Mapping[str, Any]) -> Iterator[sa.ColumnElement[bool]]:
    yield audit_events.c.organization_id == organization_id
    yield audit_events.c.event == event
    yield from (audit_events.c[name] == value for name, value in subject.items())


def verify(engine: sa.Engine) -> tuple[int, Break | None]:
    """Check the whole chain; returns how many events hold, and the first break, if any."""
    with _unmoving(engine) as database, closing(_rows(database, sa.select(audit_events))) as rows:
        return _verify(database, rows)


def _verify(database: sa.Connection, rows: Iterable[dict[str, Any]]) -> tuple[int, Break | None]:
    held, previous = 0, GENESIS
    for row in rows:
        if row["sequence"] != held + 1:
            return held, Break(held + 1, f"event {held + 1} is missing: the next one is {row['sequence']}")
        if row["previous_hash"] != previous:
            return held, Break(row["sequence"], "it does not follow the event before it")
        if row["hash"] != event_hash(row):
            return held, Break(row["sequence"], "its content was changed after it was written")
        held, previous = row["sequence"], row["hash"]
    head = database.execute(sa.select(audit_head).where(audit_head.c.id == 1)).one_or_none()
    if head is None:
        return held, Break(held + 1, "the head of the chain is missing")
    if (head.sequence, head.hash) != (held, previous):
        return held, Break(held + 1, f"the chain ends at event {held}, but {head.sequence} were written")
    return held, None


def events(engine: sa.Engine, report_id: str | None = None) -> Iterator[dict[str, Any]]:
    """The events in order: of one report, or all of them."""
    query = sa.select(audit_events)
    if report_id is not None:
        query = query.where(audit_events.c.report_id == report_id)
    with engine.connect() as database:
        without_limits(database)  # who reads them may stop at a page for as long as they like
        yield from _rows(database, query)


def _rows(database: sa.Connection, query: sa.Select[Any]) -> Generator[dict[str, Any], None, None]:
    ordered = query.order_by(audit_events.c.sequence).execution_options(yield_per=1000)
    with database.execute(ordered) as result:
        for row in result.mappings():
            yield dict(row)


@contextmanager
def _unmoving(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one state of the database, however many events are written meanwhile."""
    with engine.connect() as database:
        if engine.dialect.name == "postgresql":  # on SQLite a transaction of ours keeps writers out
            database.execution_options(isolation_level="REPEATABLE READ")
        without_limits(database)
        yield database
