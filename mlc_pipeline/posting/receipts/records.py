"""What our database knows of each file: whether it was sent, and what came of it.

    planned -> sending -> attached
                       -> unknown -> attached | sending (not there after the time of grace)
                       -> refused -> sending
    skipped: Zoho Books does not take it. in_report: its link does not open, the report's PDF stands for it.

As with postings, the intent is durable before the first byte leaves, every transition names what it starts from,
and each has its event in the audit trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.posting import ledger_rows
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger_rows import ClaimLost
from mlc_pipeline.posting.receipts.parcels import Parcel
from mlc_pipeline.tables import audit_events, posting_transactions, receipts
from mlc_pipeline.zoho.attachments import File

_CHUNK = 500  # ids in one statement
_FINAL = frozenset({"attached", "skipped", "in_report"})


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the state of one file of one posting."""

    posting_id: int
    key: str
    state: str
    source: str
    file_name: str | None
    bytes: int | None
    reason: str | None
    attempts: int
    sent_ms: int | None
    claimed_by: str | None
    claimed_until_ms: int | None

    @property
    def is_open(self) -> bool:
        """It may be in Zoho Books or not: only a look there settles it."""
        return self.state in ("sending", "unknown")

    def is_final(self, parcel: Parcel) -> bool:
        """Nothing is left to do; what was not attached is tried again when it comes from elsewhere."""
        return self.state == "attached" or (self.state in _FINAL and self.source == parcel.origin)


class Records:
    """The files of one organization's postings, as seen and moved by one actor."""

    def __init__(self, engine: sa.Engine, actor: Actor) -> None:
        self._engine = engine
        self._actor = actor

    def of_postings(self, posting_ids: Iterable[int]) -> dict[tuple[int, str], Record]:
        """All files of the postings, by posting and key."""
        columns = [receipts.c[name] for name in Record.__slots__]
        rows = self._chunked(sa.select(*columns), receipts.c.posting_id, sorted(set(posting_ids)))
        return {(row["posting_id"], row["key"]): Record(**row) for row in rows}

    def transactions(self, posting_ids: Iterable[int]) -> dict[int, set[str]]:
        """The transactions of each posting."""
        found: dict[int, set[str]] = {}
        query = sa.select(posting_transactions)
        for row in self._chunked(query, posting_transactions.c.posting_id, sorted(set(posting_ids))):
            found.setdefault(row["posting_id"], set()).add(row["transaction_id"])
        return found

    def made_in_this_run(self, report_ids: Iterable[str]) -> set[tuple[str, str, int]]:
        """The (report, part, revision) of the documents that this run itself created in Zoho Books."""
        query = sa.select(audit_events.c.report_id, audit_events.c.part, audit_events.c.revision).where(
            audit_events.c.event == "posted",
            audit_events.c.run_id == self._actor.run_id,
            audit_events.c.organization_id == self._actor.organization_id,
            audit_events.c.details.contains('"how": "created"', autoescape=True),
        )
        rows = self._chunked(query, audit_events.c.report_id, sorted(set(report_ids)))
        return {(row["report_id"], row["part"], row["revision"]) for row in rows}

    def now_ms(self) -> int:
        """The database's clock."""
        with explained(self._engine), self._engine.connect() as database:
            return now_ms(database)

    def note(
        self, parcel: Parcel, seen: Record | None, state: str, reason: str | None, file_name: str | None = None
    ) -> Record:
        """Move a file that nobody is sending to `state`.

        Raises:
            ClaimLost: it is not as it was seen any more.
        """
        values = {"state": state, "reason": reason, "source": parcel.origin}
        if file_name is not None:
            values["file_name"] = file_name
        with self._writing() as database:
            self._put(database, parcel, seen, {**values, "claimed_by": None, "claimed_until_ms": None})
            return self._told(database, parcel, state, {"file_name": file_name, "reason": reason})

    def claim(self, parcel: Parcel, file: File, seen: Record | None, claimant: str, lease_ms: int) -> Record:
        """Move a file to `sending`, held by `claimant`: after this returns, the intent is durable.

        Raises:
            ClaimLost: it is not as it was seen any more.
        """
        with self._writing() as database:
            now = now_ms(database)
            values = {
                "state": "sending",
                "source": parcel.origin,
                "file_name": file.name,
                "bytes": len(file.content),
                "reason": None,
                "attempts": (seen.attempts if seen else 0) + 1,
                "sent_ms": now,
                "claimed_by": claimant,
                "claimed_until_ms": now + lease_ms,
            }
            self._put(database, parcel, seen, values)
            digest = hashlib.sha256(file.content).hexdigest()
            details = {"file_name": file.name, "bytes": len(file.content), "sha256": digest}
            return self._told(database, parcel, "sending", details)

    def settle(self, parcel: Parcel, held: Record, state: str, reason: str | None) -> Record:
        """Move a claimed file to what came of sending it, and let go of it.

        Raises:
            ClaimLost: the claim ran out and somebody else took it over.
        """
        with self._writing() as database:
            values: dict[str, Any] = {"state": state, "reason": reason}
            if state == "unknown":
                values["sent_ms"] = now_ms(database)  # the time of grace begins when we gave up
            self._put(database, parcel, held, {**values, "claimed_by": None, "claimed_until_ms": None})
            return self._told(database, parcel, state, {"file_name": held.file_name, "reason": reason})

    def _put(
        self, database: sa.Connection, parcel: Parcel, seen: Record | None, values: Mapping[str, Any]
    ) -> None:
        changed = {**values, "run_id": self._actor.run_id, "updated_ms": now_ms(database)}
        if seen is None:
            key = {"posting_id": parcel.posting.id, "key": parcel.key}
            organization_id = self._actor.organization_id
            try:
                database.execute(sa.insert(receipts).values(**key, organization_id=organization_id, **changed))
            except sa.exc.IntegrityError:
                raise ClaimLost(f"{parcel.stem} is handled by another run") from None
            return
        held_by = receipts.c.claimed_by
        same = held_by.is_(None) if seen.claimed_by is None else held_by == seen.claimed_by
        query = sa.update(receipts).where(_is(parcel), receipts.c.state == seen.state, same)
        if database.execute(query.values(**changed)).rowcount != 1:
            raise ClaimLost(f"{parcel.stem} is handled by another run")

    def _told(self, database: sa.Connection, parcel: Parcel, state: str, details: Mapping[str, Any]) -> Record:
        told = {"key": parcel.key, **{name: value for name, value in details.items() if value is not None}}
        ledger_rows.told(database, self._actor, parcel.posting.id, f"receipt_{state}", told)
        columns = [receipts.c[name] for name in Record.__slots__]
        return Record(**database.execute(sa.select(*columns).where(_is(parcel))).mappings().one())

    def _chunked(
        self, query: sa.Select[Any], column: sa.Column[Any], values: list[Any]
    ) -> Iterator[sa.RowMapping]:
        for start in range(0, len(values), _CHUNK):
            with explained(self._engine), self._engine.connect() as database:
                yield from database.execute(query.where(column.in_(values[start : start + _CHUNK]))).mappings()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with explained(self._engine), self._engine.begin() as database:
            yield database


def _is(parcel: Parcel) -> sa.ColumnElement[bool]:
    return sa.and_(receipts.c.posting_id == parcel.posting.id, receipts.c.key == parcel.key)
