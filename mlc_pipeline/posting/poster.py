"""The poster: brings every document of a period to its end, once.

What is planned is sent; what may have been sent is looked for in Zoho Books before it is sent again; what is
posted is left alone, after a look whether it still stands there. One bad report never stops the others. A
temporary failure, or an interruption of the run, stops the run: what is under way is settled, the rest stays
planned.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from mlc_pipeline.posting.by_hand import approved_since
from mlc_pipeline.posting.claimants import claimant
from mlc_pipeline.posting.crew import Crew
from mlc_pipeline.posting.desk import Desk
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.listings import Listings, row_of
from mlc_pipeline.posting.looking import Looking
from mlc_pipeline.posting.made_vendors import MadeVendors
from mlc_pipeline.posting.patience import MOST_ATTEMPTS as MOST_ATTEMPTS
from mlc_pipeline.posting.patience import Patience as Patience
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.progress import SETTLED, Meter, OnProgress, tell_nobody
from mlc_pipeline.posting.progress import Progress as Progress
from mlc_pipeline.posting.sending import Sending
from mlc_pipeline.posting.shelves import Shelves, sent
from mlc_pipeline.posting.vendor_doubts import VendorDoubts
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import ZohoError

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.25


class Poster:
    """Posts what the ledger holds of one period, with so many requests under way at once.

    Each call of `post` acts under a claimant of its own. The revisions of one part of a report are handled one
    after the other, by one worker. `on_progress` is told from time to time and at the end.
    """

    def __init__(
        self,
        ledger: Ledger,
        zoho: ZohoBooksClient,
        patience: Patience | None = None,
        workers: int = 1,
        on_progress: OnProgress = tell_nobody,
    ) -> None:
        self._ledger = ledger
        self._patience = patience or Patience()
        made = MadeVendors(ledger.engine, ledger.actor.organization_id)
        self._shelves = Shelves(zoho, made, VendorDoubts(ledger, self._patience))
        self._workers = workers
        self._on_progress = on_progress

    def post(self, postings: Sequence[Posting], outdated: Collection[int] = ()) -> Progress:
        """Send, look up or leave each one, and look up again after the time of grace what stayed unknown.

        What is `outdated` (ids) is looked up but not sent: its report is not approved like that any more.
        """
        before = self._shelves.vendors.created
        with claimant() as name:
            desk = Desk(self._ledger, self._patience, name, outdated)
            meter = Meter(sum(1 for one in postings if _waits(one)))
            crew = Crew(self._workers, lambda: self._on_progress(meter.read()))
            this_round = _Round(desk, self._shelves, self._patience, crew, meter)
            failure = this_round.run(postings)
            if meter.total:
                self._on_progress(meter.read())
        writes = desk.writes + self._shelves.vendors.created - before
        return Progress(writes, failure, this_round.error, frozenset(desk.refused))


class _Round:
    """One call of `post`."""

    def __init__(self, desk: Desk, shelves: Shelves, patience: Patience, crew: Crew, meter: Meter) -> None:
        self._desk = desk
        self._shelves = shelves
        self._patience = patience
        self._crew = crew
        self._meter = meter
        self._looking = Looking(desk, shelves)
        self._states: dict[int, str] = {}
        self.error: ZohoError | None = None

    def run(self, postings: Sequence[Posting]) -> str | None:
        """Do all of it; returns what stopped it, if anything."""
        compared = _to_compare(postings)
        try:
            listings = Listings(self._shelves, self._desk.ledger, compared)
            self._sending = Sending(self._desk, self._shelves, listings, self._looking)
            self._crew.work_through(self._to_check(compared, listings), lambda check: self._desk.held(*check))
            self._bring_all_on([one for one in postings if _waits(one) or one.is_in_books])
            self._settle_after_grace()
            self._await_others()
        except ZohoError as error:
            _log.error("The period stops here and can be run again: %s", error)
            self.error = error
            return str(error)
        return next(iter(self._sending.unsent.values()), None)

    def _to_check(
        self, compared: Sequence[Posting], listings: Listings
    ) -> Iterator[tuple[Posting, Callable[[Posting], str]]]:
        """What the lists show that we did not know: planned and there already, or posted and not as it was."""
        for posting in compared:
            document, vendor_id = sent(posting)
            rows = listings.of(document.kind)
            row = row_of(rows, document)
            if posting.state == "planned":
                # Journals in doubt, and vendor credits, are looked for under their claim before they are sent.
                in_doubt = rows is None and posting.kind == "bill"
                if posting.amendment is None and (row is not None or in_doubt):
                    yield posting, self._looking.adopt(row)
            elif rows is not None:
                same = row is not None and row.zoho_id == posting.zoho_id and not row.is_void and row.copies == 1
                if row is None or not same or not self._shelves.of(document).stands(row, document, vendor_id):
                    yield posting, self._looking.check_again

    def _bring_all_on(self, postings: Sequence[Posting]) -> None:
        """The revisions of one part of a report one after the other, the parts side by side."""
        planned = [sent(one)[0] for one in postings if one.state == "planned"]
        self._shelves.vendors.expect(document for document in planned if document.kind != "journal")
        in_order = sorted(postings, key=lambda one: (*_part(one), one.revision))
        parts = [list(part) for _, part in groupby(in_order, key=_part)]
        # What stands in Zoho Books otherwise than meant may be what keeps the others back.
        parts.sort(key=lambda part: not any(one.is_in_books for one in part))
        self._crew.work_through([[one.id for one in part] for part in parts], self._bring_on)

    # One posting.

    def _bring_on(self, part: Sequence[int]) -> None:
        """Bring the revisions of one part of a report as far as they go now."""
        for posting_id in part:
            if self._crew.is_stopping:
                return
            self._states[posting_id] = self._advance(posting_id)
            self._meter.note(posting_id, self._states[posting_id])

    def _advance(self, posting_id: int) -> str:
        """Bring one posting as far as it goes now; returns its state."""
        current = self._desk.ledger.get(posting_id)
        try:
            self._desk.refuse_if_held(current)
            if current.is_open or current.is_in_books:
                if self._desk.held(current, self._looking.look) != "planned":
                    return self._desk.ledger.get(posting_id).state
                current = self._desk.ledger.get(posting_id)
            is_outdated = posting_id in self._desk.outdated
            if current.state == "planned" and not is_outdated and not self._crew.is_stopping:
                return self._sending.send(current)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
        return current.state

    def _settle_after_grace(self) -> None:
        """Wait for what may still turn up, and look: twice for what has the longer grace. Nothing is held."""
        for grace in sorted({self._patience.grace_seconds, self._patience.unguarded_grace_seconds}):
            unknown = [one for one, state in self._states.items() if state == "unknown"]
            if unknown:
                left = [self._desk.grace_left(self._desk.ledger.get(one)) for one in unknown]
                self._wait(len(unknown), max(0.0, *(min(grace, seconds) for seconds in left)))
                self._crew.work_through([[one] for one in unknown], self._bring_on)

    def _wait(self, documents: int, seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        text = "Documents that may still turn up: %d, looked for again in %.0f s, at %s UTC"
        _log.warning(text, documents, seconds, f"{until:%H:%M:%S}")
        self._patience.sleep(seconds)

    def _await_others(self) -> None:
        """Another run may be sending documents of this period at this moment: its outcome is ours too."""
        waited = 0.0
        for posting_id in [one for one, state in self._states.items() if state not in SETTLED]:
            while self._desk.is_with_others(posting_id) and waited < self._patience.others_seconds:
                self._patience.sleep(_POLL_SECONDS)
                waited += _POLL_SECONDS
            self._bring_on([posting_id])


def _waits(posting: Posting) -> bool:
    return posting.state == "planned" or posting.is_open


def _to_compare(postings: Sequence[Posting]) -> list[Posting]:
    # What a later revision is about to replace may be half replaced already: that one looks after it.
    replaced = {one.replaces_id for one in postings if one.state != "superseded"}
    replaced |= {one.id for one in postings if one.is_being_voided}
    compared = [one for one in postings if one.state in ("planned", "posted") and one.id not in replaced]
    # What a person has left as it is may be what they made of it before they dismissed all of it.
    dismissed = sorted((one for one in postings if one.is_dismissed), key=_part)
    parts = [list(part) for _, part in groupby(dismissed, key=_part)]
    left = [one for part in parts for one in part if one.stands and approved_since(one, part)]
    return [*compared, *left]


def _part(posting: Posting) -> tuple[str, str]:
    return posting.report_id, posting.part
