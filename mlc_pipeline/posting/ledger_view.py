"""The posting ledger as it is looked at: nothing is moved here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.posting import audit
from mlc_pipeline.posting import postings as rows
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.tables import postings


class LedgerView:
    """The postings of one Zoho organization, as one actor sees them."""

    def __init__(self, engine: sa.Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor
        # The audit trail lets one writer in at a time: here they queue, in the database they would poll for it.
        self._turn = threading.Lock()

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

    def sent_numbers(self, kind: str, numbers: Iterable[str]) -> frozenset[str]:
        """Which of these numbers belong to a document of the kind that was sent or found in Zoho Books."""
        return rows.sent_numbers(self.engine, self.actor.organization_id, kind, numbers)

    def twins_of(self, document: Document) -> frozenset[str]:
        """The numbers of other documents of its kind that differ from its own in nothing but their case."""
        with self._turn:
            return rows.twins_of(self.engine, self.actor.organization_id, document)

    def get(self, posting_id: int) -> Posting:
        """The posting as it stands now."""
        with self._turn:
            return rows.select(self.engine, postings.c.id == posting_id)[0]

    def now_ms(self) -> int:
        """The database's clock, by which claims and times of grace are measured."""
        with self._turn, explained(self.engine), self.engine.connect() as database:
            return now_ms(database)

    def was_posted(self, posting: Posting) -> bool:
        """Whether the ledger has ever called this revision posted."""
        with self._turn, explained(self.engine), self.engine.connect() as database:
            return self._count(database, "posted", posting) > 0

    def _count(self, database: sa.Connection, event: str, posting: Posting) -> int:
        subject = {"report_id": posting.report_id, "revision": posting.revision, "part": posting.part}
        return audit.count(database, event, self.actor.organization_id, subject)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._turn, explained(self.engine), self.engine.begin() as database:
            yield database
