"""`mlc review`: what waits for a person, why, and the two ways out: try again, or dismiss it with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.postings import Posting, of_connection, select, transactions_of
from mlc_pipeline.tables import postings


class NoSuchEntry(Exception):
    """There is no review entry of this name; the text says what to do."""


def waiting(engine: sa.Engine, connections: Sequence[str]) -> list[Posting]:
    """Everything that waits for a person, oldest period first."""
    found = [one for name in connections for one in of_connection(engine, name) if one.state == "review"]
    return sorted(found, key=lambda one: (one.connection, one.period, one.report_id, one.revision))


def find(engine: sa.Engine, name: str) -> Posting:
    """The entry named by its id, its document number or its report id.

    Raises:
        NoSuchEntry: there is none, or the name fits several.
    """
    named = [postings.c.number == name, postings.c.report_id == name]
    if name.isdigit() and len(name) < 19:
        named.append(postings.c.id == int(name))
    found = select(engine, sa.or_(*named))
    open_ones = [one for one in found if one.state == "review"]
    exact = [one for one in open_ones or found if str(one.id) == name]
    chosen = exact or open_ones or found
    if not chosen:
        raise NoSuchEntry(f"No entry is called {name}: `mlc review list` shows what waits, with its ids.")
    if len(chosen) > 1:
        ids = ", ".join(str(one.id) for one in chosen)
        raise NoSuchEntry(f"{name} names several entries ({ids}): use the id.")
    return chosen[0]


def dismiss(engine: sa.Engine, posting: Posting, who: str, why: str) -> Posting:
    """Close an entry for good; it waits again only when its report changes.

    Raises:
        NoSuchEntry: it does not wait for review any more.
    """
    try:
        return _ledger(engine, posting, who).dismiss(posting, why)
    except ClaimLost:
        raise _does_not_wait(posting) from None


def note_retry(engine: sa.Engine, posting: Posting, who: str, why: str) -> Posting:
    """Record that a person wants the entry tried again; running its period then does so.

    Raises:
        NoSuchEntry: it does not wait for review any more.
    """
    try:
        return _ledger(engine, posting, who).note_retry(posting, why)
    except ClaimLost:
        raise _does_not_wait(posting) from None


def as_it_is_now(engine: sa.Engine, posting: Posting) -> Posting:
    """The entry after its period was run."""
    return select(engine, postings.c.id == posting.id)[0]


def entry(posting: Posting) -> dict[str, Any]:
    """One line of the list."""
    return {
        "id": posting.id,
        "connection": posting.connection,
        "period": posting.period,
        "report_id": posting.report_id,
        "part": posting.part,
        "revision": posting.revision,
        "state": posting.state,
        "kind": posting.kind,
        "number": posting.number,
        "zoho_id": posting.zoho_id,
        "currency": posting.currency,
        "total_cents": posting.total_cents,
        "reason_code": posting.reason_code,
        "reason": posting.reason,
    }


def details(engine: sa.Engine, posting: Posting) -> dict[str, Any]:
    """One entry with its document, its transactions and its ways out."""
    document = posting.document
    lines = [
        {
            "account_code": line.account_code,
            "account": line.account_name,
            "amount_cents": line.amount_cents,
            "description": line.description,
            "transaction_ids": list(line.transaction_ids),
        }
        for line in (document.lines if document else ())
    ]
    return entry(posting) | {
        "approved_at": posting.approved_at,
        "employee": document.employee_email if document else None,
        "lines": lines,
        "transactions": transactions_of(engine, posting),
        "ways_out": ways_out(posting),
    }


def ways_out(posting: Posting) -> list[str]:
    """The commands that end an entry's waiting; none where it does not wait."""
    if posting.state != "review":
        return []
    return [f"mlc review retry {posting.id}", f'mlc review dismiss {posting.id} --why "..."']


def _ledger(engine: sa.Engine, posting: Posting, who: str) -> Ledger:
    return Ledger(engine, Actor(who, posting.connection, posting.organization_id))


def _does_not_wait(posting: Posting) -> NoSuchEntry:
    return NoSuchEntry(
        f"Entry {posting.id} ({posting.report_id}) does not wait for review: it is {posting.state}."
    )
