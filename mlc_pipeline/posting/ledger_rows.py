"""Rows of the ledger within one transaction: each move names where it starts and appends its audit event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.database import now_ms
from mlc_pipeline.posting import audit
from mlc_pipeline.posting import postings as rows
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.tables import posting_transactions, postings


class ClaimLost(Exception):
    """Another run or person holds the posting, or has moved it on."""


def get(database: sa.Connection, posting_id: int) -> Posting:
    """The posting as this transaction sees it."""
    query = sa.select(postings).where(postings.c.id == posting_id)
    return rows.read(database.execute(query).mappings().one())


def find(database: sa.Connection, organization_id: str, decision: Decision) -> Posting | None:
    """The posting of the decision's revision, locked until the transaction ends; None when there is none."""
    query = sa.select(postings).where(
        postings.c.organization_id == organization_id,
        postings.c.report_id == decision.plan.report_id,
        postings.c.part == decision.plan.part,
        postings.c.revision == decision.revision,
    )
    row = database.execute(query.with_for_update()).mappings().one_or_none()
    return rows.read(row) if row is not None else None


def insert(database: sa.Connection, organization_id: str, decision: Decision, values: Mapping[str, Any]) -> int:
    """File a new posting; returns its id."""
    now = now_ms(database)
    key = {
        "organization_id": organization_id,
        "report_id": decision.plan.report_id,
        "part": decision.plan.part,
        "revision": decision.revision,
    }
    inserted = database.execute(sa.insert(postings).values(**key, **values, created_ms=now, updated_ms=now))
    (posting_id,) = inserted.inserted_primary_key or (0,)
    return int(posting_id)


def write_transactions(
    database: sa.Connection, organization_id: str, posting_id: int, cents: Mapping[str, int]
) -> None:
    """Note which transactions a posting holds, in the place of those it held before."""
    database.execute(sa.delete(posting_transactions).where(posting_transactions.c.posting_id == posting_id))
    values = [
        {
            "posting_id": posting_id,
            "transaction_id": transaction_id,
            "organization_id": organization_id,
            "cents": amount,
        }
        for transaction_id, amount in cents.items()
    ]
    if values:
        database.execute(sa.insert(posting_transactions), values)


def move(database: sa.Connection, posting: Posting, from_states: Collection[str], **values: Any) -> None:
    """Change a posting that is still in one of the states and otherwise as it was read.

    Raises:
        ClaimLost: it is not.
    """
    confirm(database, posting, from_states)
    update(database, posting.id, {"claimed_by": None, "claimed_until_ms": None, **values})


def confirm(database: sa.Connection, posting: Posting, from_states: Collection[str]) -> None:
    """Make sure, until the transaction ends, that a posting is held by whom it was, and would send the same.

    Raises:
        ClaimLost: it was moved on, or filed with another content, since it was read.
    """
    query = sa.select(postings).where(postings.c.id == posting.id)
    row = database.execute(query.with_for_update()).mappings().one_or_none()
    now = rows.read(row) if row is not None else None
    if now is None or now.state not in from_states or now.claimed_by != posting.claimed_by:
        raise ClaimLost(f"{posting.number or posting.report_id} is held or was moved on by somebody else")
    if now.to_send != posting.to_send:
        raise ClaimLost(f"{posting.number or posting.report_id} was filed anew or sent by somebody else")


def keep(database: sa.Connection, posting: Posting, claimant: str, lease_ms: int) -> None:
    """Renew a claim of which half has passed.

    Raises:
        ClaimLost: the posting is not the claimant's any more.
    """
    now = now_ms(database)
    claimed_until = sa.select(postings.c.claimed_until_ms).where(
        postings.c.id == posting.id, postings.c.claimed_by == claimant
    )
    until = database.execute(claimed_until.with_for_update()).scalar()
    if until is None:
        raise ClaimLost(f"{posting.number} was taken over")
    if until < now + lease_ms // 2:
        update(database, posting.id, {"claimed_until_ms": now + lease_ms})


def let_go(database: sa.Connection, posting: Posting, claimant: str, values: Mapping[str, Any]) -> bool:
    """Change what the claimant holds and let go of it; False when it holds it no more."""
    changed = database.execute(
        sa.update(postings)
        .where(postings.c.id == posting.id, postings.c.claimed_by == claimant)
        .values(**values, claimed_by=None, claimed_until_ms=None, updated_ms=now_ms(database))
    )
    return changed.rowcount == 1


def replace(database: sa.Connection, actor: Actor, posting_id: int, by: Posting) -> None:
    """Close the revision in whose place a later one is posted."""
    why = f"Replaced by revision {by.revision} ({by.amendment})."
    update(database, posting_id, {"state": "superseded", "reason_code": "replaced", "reason": why})
    told(database, actor, posting_id, "superseded", {"why": why, "replaced_by_revision": by.revision})


def update(database: sa.Connection, posting_id: int, values: Mapping[str, Any]) -> None:
    """Change a posting whatever its state."""
    changed = {**values, "updated_ms": now_ms(database)}
    database.execute(sa.update(postings).where(postings.c.id == posting_id).values(**changed))


def told(
    database: sa.Connection, actor: Actor, posting_id: int, event: str, details: Mapping[str, Any]
) -> Posting:
    """Append the event of what was done to the audit trail; returns the posting as it is now."""
    posting = get(database, posting_id)
    subject = {
        "period": posting.period,
        "report_id": posting.report_id,
        "revision": posting.revision,
        "part": posting.part,
    }
    audit.append(database, actor, event, subject=subject, details=details)
    return posting
