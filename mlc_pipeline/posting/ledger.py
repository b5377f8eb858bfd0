"""The posting ledger: the life of every document, kept in our own database.

    planned -> sending -> posted -> review (changed in Zoho Books) -> posted
                       -> unknown -> posted | planned (not there after the time of grace)
                       -> review (refused)
    review  -> planned | superseded (dismissed by a person)
    posted  -> superseded (replaced by a later revision)

The intent is durable before the first byte leaves: a document is `sending` in the database before it is sent, so
that after a crash a replay looks into Zoho Books instead of sending it again. Every transition is one transaction,
together with its audit event, and names the states from which it may start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason, first_code, sentence
from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.posting import audit
from mlc_pipeline.posting import postings as rows
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.tables import posting_transactions, postings


class ClaimLost(Exception):
    """Another run or person holds the posting, or has moved it on."""


class Ledger:
    """The postings of one Zoho organization, as seen and moved by one actor."""

    def __init__(self, engine: sa.Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    # Looking.

    def of_reports(self, report_ids: Iterable[str]) -> dict[tuple[str, str], list[Posting]]:
        """All revisions of the reports, oldest first, by (report id, part)."""
        return rows.of_reports(self.engine, self.actor.organization_id, report_ids)

    def of_period(self, period: str) -> list[Posting]:
        """All postings that the connection filed under the period."""
        return rows.select(
            self.engine,
            postings.c.organization_id == self.actor.organization_id,
            postings.c.connection == self.actor.connection,
            postings.c.period == period,
        )

    def holders_of(self, transaction_ids: Iterable[str]) -> dict[str, list[Posting]]:
        """The postings that were or may have been sent with these transactions, by transaction id."""
        return rows.holders_of(self.engine, self.actor.organization_id, transaction_ids)

    def get(self, posting_id: int) -> Posting:
        """The posting as it stands now."""
        return rows.select(self.engine, postings.c.id == posting_id)[0]

    def now_ms(self) -> int:
        """The database's clock, by which claims and times of grace are measured."""
        with explained(self.engine), self.engine.connect() as database:
            return now_ms(database)

    # Recording, before anything is sent.

    def record(self, decision: Decision, period: str) -> Posting:
        """File a decision as `planned`, or as `review` when it has problems; what was not sent is updated.

        Raises:
            ClaimLost: the revision was sent, or is being sent, by another run.
        """
        try:
            return self._record(decision, period)
        except sa.exc.IntegrityError:
            return self._record(decision, period)  # another run filed it in the same moment: now it is there

    def keep_back(self, posting: Posting, problem: Problem) -> Posting:
        """Move a posting that was not sent to `review`, whatever it was before."""
        if (posting.state, posting.reason_code) == ("review", problem.code):
            return posting
        values = {"state": "review", "reason_code": problem.code, "reason": problem.message}
        with self._writing() as database:
            self._move(database, posting, ("planned", "review"), **values)
            return self._appended(database, posting.id, "review", _why(problem))

    def note_reapproval(self, posting: Posting, plan: ReportPlan, period: str) -> Posting:
        """Note that a report was approved again without a change: it is filed under its new period."""
        values = {"approved_at": plan.approved_at, "period": period, "connection": self.actor.connection}
        details = {"approved_at": plan.approved_at, "approver": plan.approver, "before": posting.approved_at}
        with self._writing() as database:
            self._update(database, posting.id, values)
            return self._appended(database, posting.id, "approved_again", details)

    def refile(self, posting: Posting, period: str) -> Posting:
        """File a posting under the period to which its report has moved, where its later revision is handled."""
        with self._writing() as database:
            self._update(database, posting.id, {"period": period, "connection": self.actor.connection})
            return self._appended(database, posting.id, "refiled", {"before": posting.period, "period": period})

    def supersede(self, posting: Posting, why: str) -> Posting:
        """Close a posting that was not sent: what it waited for does not matter any more."""
        with self._writing() as database:
            values = {"state": "superseded", "reason_code": None, "reason": why}
            self._move(database, posting, ("planned", "review"), **values)
            return self._appended(database, posting.id, "superseded", {"why": why})

    # Sending: a claim is held by one run at a time.

    def claim(self, posting: Posting, claimant: str, lease_ms: int, details: Mapping[str, Any]) -> Posting:
        """Move a planned posting to `sending`, held by `claimant`: after this returns, the intent is durable.

        Raises:
            ClaimLost: it is not planned any more, or somebody else holds it.
        """
        with self._writing() as database:
            now = now_ms(database)
            values = {
                "state": "sending",
                "sent_ms": now,
                "claimed_by": claimant,
                "claimed_until_ms": now + lease_ms,
                "attempts": postings.c.attempts + 1,
                "run_id": self.actor.run_id,
                "vendor_id": details["vendor_id"],
                "reason_code": None,
                "reason": None,
            }
            self._move(database, posting, ("planned",), **values)
            return self._appended(database, posting.id, "sending", details)

    def hold(self, posting: Posting, claimant: str, lease_ms: int) -> Posting:
        """Hold the posting in its state, so that nobody else settles or sends it meanwhile.

        Raises:
            ClaimLost: it was moved on, or somebody else holds it.
        """
        with self._writing() as database:
            until = now_ms(database) + lease_ms
            self._move(database, posting, (posting.state,), claimed_by=claimant, claimed_until_ms=until)
            return self._get(database, posting.id)

    def release(self, posting: Posting, claimant: str) -> None:
        """Let go of a held posting without moving it."""
        with self._writing() as database:
            self._let_go(database, posting, claimant, {})

    def settle(
        self, posting: Posting, state: str, claimant: str, details: Mapping[str, Any], **values: Any
    ) -> Posting:
        """Move a held posting to `state` and let go of it; `details` go to the audit trail.

        When it is posted in the place of an earlier revision, that one is superseded in the same transaction.

        Raises:
            ClaimLost: the claim ran out and somebody else took it over.
        """
        with self._writing() as database:
            if not self._let_go(database, posting, claimant, {"state": state, **values}):
                raise ClaimLost(f"{posting.number} was taken over")
            if state == "posted" and posting.replaces_id is not None:
                self._replace(database, posting.replaces_id, posting)
            return self._appended(database, posting.id, state, details)

    # People.

    def dismiss(self, posting: Posting, why: str) -> Posting:
        """Close a review entry for good, with the reason that a person gives.

        Raises:
            ClaimLost: it does not wait for review any more.
        """
        values = {
            "state": "superseded",
            "reason_code": Reason.DISMISSED,
            "reason": f"Dismissed by {self.actor.name}: {why}",
        }
        with self._writing() as database:
            self._move(database, posting, ("review",), **values)
            details = {"why": why, "was": posting.reason_code, "reason": posting.reason}
            return self._appended(database, posting.id, "dismissed", details)

    def note_retry(self, posting: Posting, why: str) -> Posting:
        """Note that a person wants a review entry tried again; one that is open may then be sent again.

        Raises:
            ClaimLost: it does not wait for review any more.
        """
        values: dict[str, Any] = {"state": "unknown", "attempts": 0} if posting.is_open else {}
        with self._writing() as database:
            self._move(database, posting, ("review",), **values)
            return self._appended(database, posting.id, "retried", {"why": why})

    # Within a transaction.

    def _record(self, decision: Decision, period: str) -> Posting:
        values = _values(decision, period, self.actor)
        with self._writing() as database:
            found = self._find(database, decision)
            if found is None:
                posting_id = self._insert(database, decision, values)
            elif not found.was_never_sent:
                raise ClaimLost(f"{decision.plan.report_id} revision {decision.revision} is {found.state}")
            elif _unchanged(found, values):
                return found
            else:
                posting_id = found.id
                self._move(database, found, (found.state,), **values)
                mine = posting_transactions.c.posting_id == posting_id
                database.execute(sa.delete(posting_transactions).where(mine))
            self._insert_transactions(database, posting_id, decision.plan.transactions)
            posting = self._get(database, posting_id)
            return self._appended(database, posting_id, posting.state, _intent(posting, decision))

    def _find(self, database: sa.Connection, decision: Decision) -> Posting | None:
        query = sa.select(postings).where(
            postings.c.organization_id == self.actor.organization_id,
            postings.c.report_id == decision.plan.report_id,
            postings.c.part == decision.plan.part,
            postings.c.revision == decision.revision,
        )
        row = database.execute(query.with_for_update()).mappings().one_or_none()
        return rows.read(row) if row is not None else None

    def _insert(self, database: sa.Connection, decision: Decision, values: Mapping[str, Any]) -> int:
        now = now_ms(database)
        key = {
            "organization_id": self.actor.organization_id,
            "report_id": decision.plan.report_id,
            "part": decision.plan.part,
            "revision": decision.revision,
        }
        inserted = database.execute(sa.insert(postings).values(**key, **values, created_ms=now, updated_ms=now))
        (posting_id,) = inserted.inserted_primary_key or (0,)
        return int(posting_id)

    def _insert_transactions(self, database: sa.Connection, posting_id: int, cents: Mapping[str, int]) -> None:
        if cents:
            organization_id = self.actor.organization_id
            database.execute(
                sa.insert(posting_transactions),
                [
                    {
                        "posting_id": posting_id,
                        "transaction_id": transaction_id,
                        "organization_id": organization_id,
                        "cents": amount,
                    }
                    for transaction_id, amount in cents.items()
                ],
            )

    def _move(self, database: sa.Connection, posting: Posting, from_states: Iterable[str], **values: Any) -> None:
        """Change a posting that is still in one of the states, and held by whom `posting` says, or nobody."""
        holder = postings.c.claimed_by
        same = holder.is_(None) if posting.claimed_by is None else holder == posting.claimed_by
        changed = database.execute(
            sa.update(postings)
            .where(postings.c.id == posting.id, postings.c.state.in_(tuple(from_states)), same)
            .values(**{"claimed_by": None, "claimed_until_ms": None, **values, "updated_ms": now_ms(database)})
        )
        if changed.rowcount != 1:
            raise ClaimLost(f"{posting.number or posting.report_id} is held or was moved on by somebody else")

    def _let_go(self, database: sa.Connection, posting: Posting, claimant: str, values: Mapping[str, Any]) -> bool:
        changed = database.execute(
            sa.update(postings)
            .where(postings.c.id == posting.id, postings.c.claimed_by == claimant)
            .values(**values, claimed_by=None, claimed_until_ms=None, updated_ms=now_ms(database))
        )
        return changed.rowcount == 1

    def _replace(self, database: sa.Connection, posting_id: int, by: Posting) -> None:
        why = f"Replaced by revision {by.revision} ({by.amendment})."
        self._update(database, posting_id, {"state": "superseded", "reason_code": "replaced", "reason": why})
        self._appended(database, posting_id, "superseded", {"why": why, "replaced_by_revision": by.revision})

    def _update(self, database: sa.Connection, posting_id: int, values: Mapping[str, Any]) -> None:
        changed = {**values, "updated_ms": now_ms(database)}
        database.execute(sa.update(postings).where(postings.c.id == posting_id).values(**changed))

    def _get(self, database: sa.Connection, posting_id: int) -> Posting:
        query = sa.select(postings).where(postings.c.id == posting_id)
        return rows.read(database.execute(query).mappings().one())

    def _appended(
        self, database: sa.Connection, posting_id: int, event: str, details: Mapping[str, Any]
    ) -> Posting:
        posting = self._get(database, posting_id)
        subject = {
            "period": posting.period,
            "report_id": posting.report_id,
            "revision": posting.revision,
            "part": posting.part,
        }
        audit.append(database, self.actor, event, subject=subject, details=details)
        return posting

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with explained(self.engine), self.engine.begin() as database:
            yield database


def _values(decision: Decision, period: str, actor: Actor) -> dict[str, Any]:
    plan, problems = decision.plan, decision.problems
    document = plan.document.numbered(decision.revision) if plan.document else None
    return {
        "connection": actor.connection,
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
        "run_id": actor.run_id,
        "replaces_id": decision.replaces.id if decision.replaces else None,
        "amendment": decision.amendment,
        "mapping_version": plan.mapping_version,
    }


def _unchanged(posting: Posting, values: Mapping[str, Any]) -> bool:
    # A new run, or a new version of a mapping that leads to the same document, is no news.
    told = {name: value for name, value in values.items() if name not in ("run_id", "mapping_version", "document")}
    before = posting.document.to_json() if posting.document else None
    return before == values["document"] and all(getattr(posting, name) == value for name, value in told.items())


def _intent(posting: Posting, decision: Decision) -> dict[str, Any]:
    plan = decision.plan
    return {
        "content_hash": plan.content_hash,
        "approved_at": plan.approved_at,
        "approver": plan.approver,
        "currency": plan.currency,
        "total_cents": plan.total_cents,
        "mapping_version": plan.mapping_version,
        "number": posting.number,
        "amendment": posting.amendment,
        "reason_code": posting.reason_code,
        "reason": posting.reason,
        "transactions": dict(plan.transactions),
        "document": json.loads(posting.document.to_json()) if posting.document else None,
    }


def _why(problem: Problem) -> dict[str, Any]:
    return {"reason_code": problem.code, "reason": problem.message}
