"""Attaches receipts to the documents of a period, each once, and tells what became of each.

The reports go side by side, what belongs to one report one after the other. Only a limit, an outage or a lost
login ends the whole: what is under way is settled, and nothing more is sent. No posting is ever changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from mlc_pipeline.posting.claimants import claimant
from mlc_pipeline.posting.crew import Crew
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.receipts.contents import Contents
from mlc_pipeline.posting.receipts.delivery import Delivery, Means
from mlc_pipeline.posting.receipts.parcels import PostedDocument
from mlc_pipeline.posting.receipts.records import Record, Records
from mlc_pipeline.posting.receipts.telling import Attached
from mlc_pipeline.zoho.attachments import Attachments
from mlc_pipeline.zoho.errors import ZohoError


class ReceiptAttacher:
    """Attaches what the documents of a period lack, with so many files under way at once.

    Each call of `attach` acts under a claimant of its own.
    """

    def __init__(
        self,
        records: Records,
        attachments: Attachments,
        contents: Contents,
        patience: Patience | None = None,
        workers: int = 1,
    ) -> None:
        self._records = records
        self._attachments = attachments
        self._contents = contents
        self._patience = patience or Patience()
        self._workers = workers

    def attach(self, documents: Sequence[PostedDocument]) -> Attached:
        """Send what is not attached yet; what stays unknown is looked for again after the time of grace."""
        known: dict[int, dict[str, Record]] = {document.posting.id: {} for document in documents}
        for (posting_id, key), record in self._records.of_postings(known).items():
            known[posting_id][key] = record
        with claimant() as name:
            means = Means(self._records, self._attachments, self._contents, self._patience, name)
            deliveries = [Delivery(means, document, known[document.posting.id]) for document in documents]
            failure = self._rounds(deliveries)
        told = [one for delivery in deliveries for one in delivery.told]
        told.sort(key=lambda one: (one.report_id, one.number, one.transaction_id))
        return Attached(tuple(told), sum(one.uploads for one in deliveries), failure)

    def _rounds(self, deliveries: Sequence[Delivery]) -> str | None:
        """Bring all of it; returns what stopped it, if anything."""
        crew = Crew(self._workers)
        try:
            self._bring(crew, deliveries)
            waiting = [one for one in deliveries if one.awaited]
            if waiting:
                self._patience.sleep(max(one.grace_left() for one in waiting))
                self._bring(crew, waiting)
        except ZohoError as error:
            for one in deliveries:
                if not one.told:
                    one.leave(error)
            return str(error)
        return None

    def _bring(self, crew: Crew, deliveries: Sequence[Delivery]) -> None:
        by_report: dict[str, list[Delivery]] = {}
        for one in deliveries:
            by_report.setdefault(one.document.posting.report_id, []).append(one)
        # The longest first, so that nothing waits for one of them alone at the end.
        longest_first = sorted(by_report.values(), key=_receipts, reverse=True)
        crew.work_through(longest_first, self._bring_report)

    def _bring_report(self, deliveries: Sequence[Delivery]) -> None:
        """The documents of one report, whose PDFs are made once for all of them."""
        pdfs = cache(partial(self._contents.report, deliveries[0].document.posting.report_id))
        for one in deliveries:
            one.bring(pdfs)


def _receipts(deliveries: Sequence[Delivery]) -> int:
    return sum(len(one.document.receipts) for one in deliveries)
