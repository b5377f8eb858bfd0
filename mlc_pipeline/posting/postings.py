"""Postings as values: rows of the ledger, and how they are looked up without moving them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.database import explained
from mlc_pipeline.tables import posting_transactions, postings

_CHUNK = 500  # ids in one statement
BEING_VOIDED = "being_made_void"
"""The `reason_code` of a posted revision whose document we are making void, for a later one to take its place."""

_ORDER = (postings.c.report_id, postings.c.part, postings.c.revision)


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the ledger: one revision of one part of a report. Moments are milliseconds since 1970.

    `attempts`: how often it was sent without an answer since Zoho Books last gave one. Runs that died while they
    sent it do not count, once another has found that out.
    """

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
    replaces_id: int | None
    amendment: str | None
    mapping_version: str | None

    @property
    def to_send(self) -> tuple[object, ...]:
        """All that decides what is sent, and whether it must be looked for before."""
        meant = (self.content_hash, self.document, self.vendor_id, self.replaces_id, self.amendment)
        return (*meant, self.sent_ms)

    @property
    def is_open(self) -> bool:
        """Its outcome is not known: only a look into Zoho Books settles it."""
        stuck = self.state == "review" and self.reason_code == Reason.OUTCOME_UNKNOWN
        return self.state in ("sending", "unknown") or stuck

    @property
    def is_in_books(self) -> bool:
        """A review entry whose document exists in Zoho Books but is not what was meant."""
        return self.state == "review" and self.zoho_id is not None

    @property
    def stands(self) -> bool:
        """Zoho Books has a document of it: as posted, changed there, or left to the person who dismissed it."""
        left_to_a_person = self.state == "review" or self.is_dismissed
        return self.state == "posted" or (left_to_a_person and self.zoho_id is not None)

    @property
    def is_being_voided(self) -> bool:
        """We have asked Zoho Books to make its document void, or were about to: it may hold nothing any more."""
        return self.state == "posted" and self.reason_code == BEING_VOIDED

    @property
    def is_dismissed(self) -> bool:
        """A person has closed this review entry."""
        return self.state == "superseded" and self.reason_code == Reason.DISMISSED

    @property
    def was_never_sent(self) -> bool:
        """Nothing of it can be in Zoho Books, so it may be brought up to date."""
        replaceable = self.state == "superseded" and self.reason_code is None and self.zoho_id is None
        waits = self.state in ("planned", "review") and not self.is_in_books and not self.is_open
        return waits or replaceable


def of_reports(
    engine: sa.Engine, organization_id: str, report_ids: Iterable[str]
) -> dict[tuple[str, str], list[Posting]]:
    """All revisions of the reports in the organization, oldest first, by (report id, part)."""
    found: dict[tuple[str, str], list[Posting]] = {}
    for chunk in _chunks(sorted(set(report_ids))):
        for posting in select(
            engine, postings.c.organization_id == organization_id, postings.c.report_id.in_(chunk)
        ):
            found.setdefault((posting.report_id, posting.part), []).append(posting)
    return found


def of_connection(engine: sa.Engine, connection: str, period: str | None = None) -> list[Posting]:
    """The postings of a connection, of one period or of all, whatever organization they went to."""
    conditions = [postings.c.connection == connection]
    if period is not None:
        conditions.append(postings.c.period == period)
    return select(engine, *conditions)


def holders_of(
    engine: sa.Engine, organization_id: str, transaction_ids: Iterable[str]
) -> dict[str, list[Posting]]:
    """The postings that were or may have been sent with these transactions, by transaction id."""
    holders: dict[str, list[Posting]] = {}
    for chunk in _chunks(sorted(set(transaction_ids))):
        query = (
            sa.select(postings, posting_transactions.c.transaction_id)
            .join(posting_transactions, posting_transactions.c.posting_id == postings.c.id)
            .where(
                posting_transactions.c.organization_id == organization_id,
                posting_transactions.c.transaction_id.in_(chunk),
                sa.or_(
                    postings.c.state.in_(("sending", "unknown", "posted")),
                    sa.and_(postings.c.state == "review", postings.c.zoho_id.is_not(None)),
                    postings.c.reason_code == Reason.OUTCOME_UNKNOWN,
                    # A person closed it, but did not say that the document is gone.
                    sa.and_(postings.c.reason_code == Reason.DISMISSED, postings.c.zoho_id.is_not(None)),
                ),
            )
        )
        with explained(engine), engine.connect() as database:
            for row in database.execute(query).mappings():
                holders.setdefault(row["transaction_id"], []).append(read(row))
    return holders


def sent_numbers(engine: sa.Engine, organization_id: str, kind: str, numbers: Iterable[str]) -> frozenset[str]:
    """Which of these numbers belong to a document of the kind that was ever sent, or found in Zoho Books."""
    known: set[str] = set()
    for chunk in _chunks(sorted(set(numbers))):
        query = sa.select(postings.c.number).where(
            postings.c.organization_id == organization_id,
            postings.c.kind == kind,
            postings.c.number.in_(chunk),
            sa.or_(postings.c.sent_ms.is_not(None), postings.c.zoho_id.is_not(None)),
        )
        with explained(engine), engine.connect() as database:
            known.update(str(number) for number in database.execute(query).scalars())
    return frozenset(known)


def twins_of(engine: sa.Engine, organization_id: str, document: Document) -> frozenset[str]:
    """The numbers of other documents of its kind that differ from its own in nothing but their case.

    Expensify's report ids are told apart by it, while Zoho Books compares numbers without regard to it.
    """
    query = sa.select(postings.c.number).where(
        postings.c.organization_id == organization_id,
        postings.c.kind == document.kind,
        sa.func.lower(postings.c.number) == document.number.lower(),
        postings.c.number != document.number,
    )
    with explained(engine), engine.connect() as database:
        return frozenset(database.execute(query).scalars())


def transactions_of(engine: sa.Engine, posting: Posting) -> dict[str, int]:
    """The cents of each transaction of a posting."""
    query = sa.select(posting_transactions).where(posting_transactions.c.posting_id == posting.id)
    with explained(engine), engine.connect() as database:
        return {row.transaction_id: row.cents for row in database.execute(query)}


def select(engine: sa.Engine, *conditions: sa.ColumnElement[bool]) -> list[Posting]:
    """The postings that meet all conditions, by report, part and revision."""
    query = sa.select(postings).where(*conditions).order_by(*_ORDER)
    with explained(engine), engine.connect() as database:
        return [read(row) for row in database.execute(query).mappings()]


def read(row: sa.RowMapping) -> Posting:
    """A row of the table as a value."""
    values = {name: row[name] for name in Posting.__slots__ if name != "document"}
    text = row["document"]
    return Posting(**values, document=Document.from_json(text) if text else None)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
