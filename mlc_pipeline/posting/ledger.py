"""The posting ledger: the life of every document, kept in our own database.

    planned -> sending -> posted
                       -> unknown -> posted | planned
    review  -> planned | dismissed

The intent is durable before the first byte leaves: a document is `sending` in the database before it is sent, so
that after a crash a replay looks into Zoho Books instead of sending it again. Every transition is one transaction,
together with its audit event, and says from which states it may start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.accounting.documents import Document, ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason, first_code, sentence
from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.tables import posting_transactions, postings

_CHUNK = 500  # SQLite's limit of variables in one statement is far higher, PostgreSQL's parser likes fewer


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the ledger: one revision of one part of a report."""

    id: int
    organization_id: str
    report_id: str
    part: str
    revision: int
    connection: str
    period: str
    state: str
    content_hash: str
    approved_at: str | None
    kind: str | None
    number: str | None
    currency: str | None
    total_cents: int
    document: Document | None
    vendor_id: str | None
    zoho_id: str | None
    reason_code: str | None
    reason: str | None
    attempts: int
    sent_ms: int | None
    claimed_by: str | None
    claimed_until_ms: int | None
    run_id: str | None


class ClaimLost(Exception):
    """Another run or person holds the posting, or has moved it on."""


class Ledger:
    """The postings of one Zoho organization, as seen by one actor."""

    def __init__(self, engine: sa.Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def of_reports(self, report_ids: Iterable[str]) -> dict[tuple[str, str], list[Posting]]:
        """All revisions of the reports, oldest first, by (report id, part)."""
        found: dict[tuple[str, str], list[Posting]] = {}
        for chunk in _chunks(sorted(set(report_ids))):
            for posting in self._select(postings.c.report_id.in_(chunk)):
                found.setdefault((posting.report_id, posting.part), []).append(posting)
        return found

    def of_period(self, period: str) -> list[Posting]:
        """All postings that the connection filed under the period."""
        return self._select(postings.c.period == period, postings.c.connection == self.actor.connection)

    def in_state(self, *states: str) -> list[Posting]:
        """All postings of the connection in one of the states."""
        return self._select(postings.c.state.in_(states), postings.c.connection == self.actor.connection)

    def get(self, posting_id: int) -> Posting:
        """The posting as it stands now."""
        return self._select(postings.c.id == posting_id)[0]

    def holders_of(self, transaction_ids: Iterable[str]) -> dict[str, list[Posting]]:
        """The postings that were sent or may have been sent with these transactions, by transaction id."""
        holders: dict[str, list[Posting]] = {}
        for chunk in _chunks(sorted(set(transaction_ids))):
            query = (
                sa.select(postings, posting_transactions.c.transaction_id)
                .join(posting_transactions, posting_transactions.c.posting_id == postings.c.id)
                .where(
                    posting_transactions.c.organization_id == self.actor.organization_id,
                    posting_transactions.c.transaction_id.in_(chunk),
                    postings.c.state.in_(("sending", "unknown", "posted")),
                )
            )
            with self._reading() as database:
                for row in database.execute(query).mappings():
                    holders.setdefault(row["transaction_id"], []).append(_posting(row))
        return holders

    def record(self, plan: ReportPlan, period: str, revision: int, problems: tuple[Problem, ...]) -> Posting:
        """File a plan as `planned`, or as `review` when it has problems; a row not yet sent is brought up to date.

        Raises:
            ClaimLost: the revision is being sent, or was sent, by another run.
        """
        document = plan.document.numbered(revision) if plan.document else None
        values: dict[str, Any] = {
            "connection": self.actor.connection,
            "period": period,
            "state": "review" if problems else "planned" if document else "superseded",
            "content_hash": plan.content_hash,
            "approved_at": plan.approved_at,
            "kind": document.kind if document else None,
            "number": document.number if document else None,
            "currency": plan.currency,
            "total_cents": plan.total_cents,
            "document": document.to_json() if document else None,
            "vendor_id": document.vendor_id if document else None,
            "reason_code": first_code(problems),
            "reason": sentence(problems) or None,
            "run_id": self.actor.run_id,
        }
        with self._writing() as database:
            row = self._row(database, plan, revision)
            if row is None:
                posting_id = self._insert(database, plan, revision, values)
            elif row.state in ("planned", "review"):
                posting_id = row.id
                if all(row._mapping[name] == value for name, value in values.items() if name != "run_id"):
                    return self.get_within(database, posting_id)
                self._update(database, posting_id, values)
                database.execute(
                    sa.delete(posting_transactions).where(posting_transactions.c.posting_id == posting_id)
                )
            else:
                raise ClaimLost(f"{plan.report_id} revision {revision} is {row.state}")
            self._insert_transactions(database, posting_id, plan.transactions)
            posting = self.get_within(database, posting_id)
            self._append(database, posting, posting.state, _intent(posting, plan))
        return posting

    def claim(self, posting: Posting, claimant: str, lease_ms: int, *from_states: str) -> Posting:
        """Move the posting to `sending`, held by `claimant`: after this returns, the intent is durable.

        Raises:
            ClaimLost: it is in none of `from_states` any more, or somebody else holds it.
        """
        with self._writing() as database:
            now = now_ms(database)
            self._move(
                database,
                posting,
                from_states,
                claimant,
                state="sending",
                sent_ms=now,
                claimed_by=claimant,
                claimed_until_ms=now + lease_ms,
                attempts=postings.c.attempts + 1,
                run_id=self.actor.run_id,
                reason_code=None,
                reason=None,
            )
            claimed = self.get_within(database, posting.id)
            self._append(database, claimed, "sending", {"number": claimed.number, "attempt": claimed.attempts})
        return claimed

    def hold(self, posting: Posting, claimant: str, lease_ms: int, *from_states: str) -> Posting:
        """Hold the posting in its state, so that nobody else settles or sends it meanwhile."""
        with self._writing() as database:
            until = now_ms(database) + lease_ms
            self._move(database, posting, from_states, claimant, claimed_by=claimant, claimed_until_ms=until)
            return self.get_within(database, posting.id)

    def settle(
        self, posting: Posting, state: str, claimant: str, details: Mapping[str, Any], **columns: Any
    ) -> Posting:
        """Move a held posting to `state` and let go of it; `details` go to the audit trail.

        Raises:
            ClaimLost: the claim ran out and somebody else took it over.
        """
        with self._writing() as database:
            changed = database.execute(
                sa.update(postings)
                .where(postings.c.id == posting.id, postings.c.claimed_by == claimant)
                .values(
                    state=state,
                    claimed_by=None,
                    claimed_until_ms=None,
                    updated_ms=now_ms(database),
                    **columns,
                )
            )
            if changed.rowcount != 1:
                raise ClaimLost(f"{posting.number} was taken over")
            settled = self.get_within(database, posting.id)
            self._append(database, settled, state, details)
        return settled

    def choose_vendor(self, posting: Posting, vendor_id: str) -> Posting:
        """Pin the vendor of a planned posting before it is sent, so that a replay looks at the same one."""
        with self._writing() as database:
            database.execute(
                sa.update(postings)
                .where(postings.c.id == posting.id, postings.c.state == "planned")
                .values(vendor_id=vendor_id, updated_ms=now_ms(database))
            )
            return self.get_within(database, posting.id)

    def keep_back(self, posting: Posting, problem: Problem) -> Posting:
        """Move a posting that was not sent to `review`, whatever it was before."""
        if (posting.state, posting.reason_code) == ("review", problem.code):
            return posting
        with self._writing() as database:
            self._move(
                database,
                posting,
                ("planned", "review"),
                "",
                state="review",
                reason_code=problem.code,
                reason=problem.message,
            )
            kept = self.get_within(database, posting.id)
            self._append(database, kept, "review", {"reason_code": problem.code, "reason": problem.message})
        return kept

    def note_reapproval(self, posting: Posting, plan: ReportPlan, period: str) -> Posting:
        """Note that a report was approved again without a change: it is filed under its new period."""
        with self._writing() as database:
            values = {"approved_at": plan.approved_at, "period": period, "connection": self.actor.connection}
            self._update(database, posting.id, values)
            noted = self.get_within(database, posting.id)
            details = {"approved_at": plan.approved_at, "approver": plan.approver, "before": posting.approved_at}
            self._append(database, noted, "approved_again", details)
        return noted

    def now_ms(self) -> int:
        """The database's clock, by which claims and times of grace are measured."""
        with self._reading() as database:
            return now_ms(database)

    def get_within(self, database: sa.Connection, posting_id: int) -> Posting:
        """The posting as the open transaction sees it."""
        return _posting(database.execute(sa.select(postings).where(postings.c.id == posting_id)).mappings().one())

    def _move(
        self,
        database: sa.Connection,
        posting: Posting,
        from_states: Sequence[str],
        claimant: str,
        **values: Any,
    ) -> None:
        free = sa.or_(
            postings.c.claimed_by.is_(None),
            postings.c.claimed_by == claimant,
            postings.c.claimed_by == posting.claimed_by if posting.claimed_by else sa.false(),
        )
        changed = database.execute(
            sa.update(postings)
            .where(postings.c.id == posting.id, postings.c.state.in_(from_states), free)
            .values(updated_ms=now_ms(database), **values)
        )
        if changed.rowcount != 1:
            raise ClaimLost(f"{posting.number} is held or was moved on by somebody else")

    def _row(self, database: sa.Connection, plan: ReportPlan, revision: int) -> Any:
        return database.execute(
            sa.select(postings)
            .where(
                postings.c.organization_id == self.actor.organization_id,
                postings.c.report_id == plan.report_id,
                postings.c.part == plan.part,
                postings.c.revision == revision,
            )
            .with_for_update()
        ).one_or_none()

    def _insert(self, database: sa.Connection, plan: ReportPlan, revision: int, values: Mapping[str, Any]) -> int:
        now = now_ms(database)
        key = {
            "organization_id": self.actor.organization_id,
            "report_id": plan.report_id,
            "part": plan.part,
            "revision": revision,
        }
        inserted = database.execute(sa.insert(postings).values(**key, **values, created_ms=now, updated_ms=now))
        primary_key = inserted.inserted_primary_key
        assert primary_key is not None
        return int(primary_key[0])

    def _update(self, database: sa.Connection, posting_id: int, values: Mapping[str, Any]) -> None:
        database.execute(
            sa.update(postings).where(postings.c.id == posting_id).values(**values, updated_ms=now_ms(database))
        )

    def _insert_transactions(
        self, database: sa.Connection, posting_id: int, transactions: Mapping[str, int]
    ) -> None:
        rows = [
            {
                "posting_id": posting_id,
                "transaction_id": transaction_id,
                "organization_id": self.actor.organization_id,
                "cents": cents,
            }
            for transaction_id, cents in transactions.items()
        ]
        if rows:
            database.execute(sa.insert(posting_transactions), rows)

    def _append(self, database: sa.Connection, posting: Posting, event: str, details: Mapping[str, Any]) -> None:
        subject = {
            "period": posting.period,
            "report_id": posting.report_id,
            "revision": posting.revision,
            "part": posting.part,
        }
        audit.append(database, self.actor, event, subject=subject, details=details)

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[Posting]:
        query = (
            sa.select(postings)
            .where(postings.c.organization_id == self.actor.organization_id, *conditions)
            .order_by(postings.c.report_id, postings.c.part, postings.c.revision)
        )
        with self._reading() as database:
            return [_posting(row) for row in database.execute(query).mappings()]

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with explained(self.engine), self.engine.connect() as database:
            yield database

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with explained(self.engine), self.engine.begin() as database:
            yield database


def of_connection(engine: sa.Engine, connection: str, period: str | None = None) -> list[Posting]:
    """The postings of a connection, of one period or of all, whatever organization they went to."""
    query = sa.select(postings).where(postings.c.connection == connection)
    if period is not None:
        query = query.where(postings.c.period == period)
    with explained(engine), engine.connect() as database:
        rows = database.execute(query.order_by(postings.c.report_id, postings.c.part, postings.c.revision))
        return [_posting(row) for row in rows.mappings()]


def dismissed(posting: Posting) -> bool:
    """True for a review entry that a person has closed."""
    return posting.state == "superseded" and posting.reason_code == Reason.DISMISSED


def is_in_books(posting: Posting) -> bool:
    """True for a review entry whose document exists in Zoho Books but is not what was meant."""
    return posting.state == "review" and posting.zoho_id is not None


def _intent(posting: Posting, plan: ReportPlan) -> dict[str, Any]:
    return {
        "content_hash": plan.content_hash,
        "approved_at": plan.approved_at,
        "approver": plan.approver,
        "currency": plan.currency,
        "total_cents": plan.total_cents,
        "number": posting.number,
        "reason_code": posting.reason_code,
        "reason": posting.reason,
        "document": json.loads(posting.document.to_json()) if posting.document else None,
    }


def _posting(row: sa.RowMapping) -> Posting:
    values = {name: row[name] for name in Posting.__slots__ if name != "document"}
    text = row["document"]
    return Posting(**values, document=Document.from_json(text) if text else None)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
