"""The poster: brings every document of a period to its end, once.

What is planned is sent; what may have been sent is looked for in Zoho Books before it is sent again; what is
posted is left alone, after a look whether it still stands there. One bad report never stops the others. A
temporary failure stops the run and leaves the rest planned.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.books import Books, Found, Listed, folded
from mlc_pipeline.posting.claimants import claimant, is_dead
from mlc_pipeline.posting.journals import Journals
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.vendors import VendorConflict, Vendors
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import AccessRefused, DuplicateBillNumber, OutcomeUnknown, Refused, ZohoError

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.25

MOST_ATTEMPTS = 5
"""After so many sendings without an answer or a trace in Zoho Books, a person has to look."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an unknown outcome may still turn up, and how long a claim holds.

    `grace_seconds`: a request that timed out may be committed by Zoho well after we gave up, so an absent
    document is looked for again after this time before it is sent again. `lease_seconds` must be longer than one
    document can take with all its retries. `others_seconds`: how long to wait for another run that is sending
    documents of the same period.
    """

    grace_seconds: float = 30.0
    journal_grace_seconds: float = 60.0
    lease_seconds: float = 900.0
    others_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of posting: how many requests wrote to Zoho Books, and what stopped it, if anything."""

    writes: int
    failure: str | None


class CannotChange(Exception):
    """A posted bill is not as we left it, so it must not be changed or made void; the text says how."""


class Poster:
    """Posts what the ledger holds of one period, under a claimant that lives as long as `post` runs."""

    def __init__(self, ledger: Ledger, zoho: ZohoBooksClient, patience: Patience | None = None) -> None:
        self._ledger = ledger
        self._patience = patience or Patience()
        self._bills = Bills(zoho)
        self._journals = Journals(zoho)
        self._vendors = Vendors(zoho)
        self._claimant = ""
        self._outdated: Collection[int] = ()
        self._writes = 0
        self._unsent: dict[int, str] = {}

    def post(self, postings: Sequence[Posting], outdated: Collection[int] = ()) -> Progress:
        """Send, look up or leave each one, and look up again after the time of grace what stayed unknown.

        What is `outdated` (ids) is looked up but not sent: its report is not approved like that any more.
        """
        self._outdated, failure = outdated, None
        with claimant() as self._claimant:
            try:
                self._compare_with_books(postings)
                waiting = [posting for posting in postings if self._advance(posting.id) == "unknown"]
                for posting in waiting:
                    self._settle_after_grace(posting.id)
                self._await_others([posting.id for posting in postings])
            except ZohoError as error:
                failure = str(error)
                _log.error("The period stops here and can be run again: %s", failure)
        failure = failure or next(iter(self._unsent.values()), None)
        return Progress(writes=self._writes + self._vendors.created, failure=failure)

    # Before anything is sent.

    def _compare_with_books(self, postings: Sequence[Posting]) -> None:
        """One listing shows what Zoho Books has already of what is planned, and what still stands as posted."""
        # What a later revision is about to replace may be half replaced already: that one looks after it.
        replaced = {one.replaces_id for one in postings if one.state != "superseded"}
        compared = [one for one in postings if one.state in ("planned", "posted") and one.id not in replaced]
        for kind in ("bill", "journal"):
            relevant = [one for one in compared if one.kind == kind]
            documents = [one.document for one in relevant if one.document]
            listed = self._books(documents[0]).listed(documents) if documents else {}
            for posting in relevant:
                self._compare_with_list(posting, listed)

    def _compare_with_list(self, posting: Posting, listed: Mapping[str, Listed] | None) -> None:
        document, vendor_id = _sent(posting)
        row = listed.get(folded(document.number)) if listed is not None else None
        if posting.state == "planned":
            if posting.amendment is None and (row is not None or listed is None):
                self._held(posting, self._adopt)
        elif listed is not None:
            same = row is not None and row.zoho_id == posting.zoho_id and not row.is_void and row.copies == 1
            if row is None or not same or not self._books(document).stands(row, document, vendor_id):
                self._held(posting, self._check_again)

    def _adopt(self, held: Posting) -> str:
        found = self._find(held)
        if found is not None:
            return self._believe(held, found, how="adopted")
        self._ledger.release(held, self._claimant)
        return held.state

    def _check_again(self, held: Posting) -> str:
        """A posted document that the list did not show as it was posted: a person may have changed it."""
        found = self._find(held)
        if found is None:
            return self._gone(held)
        if found.differences:
            return self._believe(held, found, how="checked")
        self._ledger.release(held, self._claimant)
        return held.state

    # One posting.

    def _books(self, document: Document) -> Books:
        return self._journals if document.kind == "journal" else self._bills

    def _vendor(self, posting: Posting, document: Document) -> str:
        if document.kind == "journal":
            return ""
        return posting.vendor_id or self._vendors.vendor_for(document)

    def _advance(self, posting_id: int) -> str:
        """Bring one posting as far as it goes now; returns its state."""
        current = self._ledger.get(posting_id)
        try:
            self._refuse_if_held(current)
            if current.state == "planned":
                return self._send(current)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
            return current.state
        if current.is_open or current.is_in_books:
            return self._held(current, self._look)
        return current.state

    def _held(self, posting: Posting, act: Callable[[Posting], str]) -> str:
        """Act on a posting that is as we know it while nobody else does, and let go of it whatever happens."""
        try:
            self._refuse_if_held(posting)
            return act(self._ledger.hold(posting, self._claimant, self._lease_ms))
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
            return posting.state
        except ZohoError:
            self._ledger.release(posting, self._claimant)
            raise

    def _send(self, posting: Posting) -> str:
        if posting.id in self._outdated:
            return posting.state
        document, _ = _sent(posting)
        try:
            vendor_id = self._vendor(posting, document)
        except VendorConflict as conflict:
            problem = Problem(Reason.VENDOR_AMBIGUOUS, str(conflict))
            return self._ledger.keep_back(posting, problem).state
        except OutcomeUnknown as error:
            # It may have been made: the next run finds it. The other documents do not wait for this one.
            self._unsent[posting.id] = str(error)
            return posting.state
        except ZohoError as error:
            if _stops_everything(error):
                raise
            return self._ledger.keep_back(posting, Problem(Reason.REFUSED_BY_ZOHO, str(error))).state
        self._unsent.pop(posting.id, None)
        details = {
            "number": posting.number,
            "vendor_id": vendor_id,
            "attempt": posting.attempts + 1,
            "request_digest": self._books(document).request_digest(document, vendor_id),
        }
        claimed = self._ledger.claim(posting, self._claimant, self._lease_ms, details)
        return self._settled(claimed)

    def _settled(self, claimed: Posting) -> str:
        """Write a claimed document and settle it by what came back."""
        try:
            written = self._write(claimed)
        except CannotChange as obstacle:
            return self._review(claimed, Problem(Reason.FOREIGN_DOCUMENT, str(obstacle)))
        except DuplicateBillNumber as error:
            found = self._find(claimed)
            if found is None:
                return self._review(claimed, Problem(Reason.REFUSED_BY_ZOHO, str(error)), error)
            return self._believe(claimed, found, how="adopted")
        except OutcomeUnknown as error:
            # The time of grace begins when we gave up, not when we began.
            values = {"reason": str(error), "sent_ms": self._ledger.now_ms()}
            lost = self._ledger.settle(claimed, "unknown", self._claimant, _answer(error), **values)
            return self._held(lost, self._look)
        except ZohoError as error:
            if not _stops_everything(error):
                return self._review(claimed, Problem(Reason.REFUSED_BY_ZOHO, str(error)), error)
            self._ledger.settle(claimed, "planned", self._claimant, _answer(error), reason=str(error))
            raise
        return self._believe(claimed, written, how=claimed.amendment or "created")

    def _write(self, posting: Posting) -> Found:
        document, vendor_id = _sent(posting)
        if posting.replaces_id is None:
            # Zoho refuses a second bill of the same number; for a journal, looking is the only guard.
            found = self._journals.find(document, vendor_id) if document.kind == "journal" else None
            if found is not None:
                return found
            self._writes += 1
            return self._books(document).create(document, vendor_id)
        replaced = self._ledger.get(posting.replaces_id)
        before, vendor_before = _sent(replaced)
        zoho_id = replaced.zoho_id or ""
        obstacles = list(self._bills.obstacles(zoho_id, before, vendor_before))
        already_void = posting.amendment == "reverse_and_repost" and "it is void" in obstacles
        if obstacles and not already_void:
            raise CannotChange(
                f"{replaced.number} was to be changed after an amendment, but {'; '.join(obstacles)}. Correct it "
                "in Zoho Books by hand and dismiss this entry with the reason."
            )
        if posting.amendment == "update":
            self._writes += 1
            return self._bills.update(zoho_id, document, vendor_id)
        self._bills.void(zoho_id)
        self._writes += 2
        return self._bills.create(document, vendor_id)

    def _look(self, held: Posting) -> str:
        """Settle a posting whose outcome is unknown by what Zoho Books holds."""
        found = self._find(held)
        if found is not None:
            return self._believe(held, found, how="found")
        if held.is_in_books:
            return self._gone(held)
        was_given_up = held.state == "review"  # after its time of grace
        if held.state == "sending" or (self._grace_left(held) > 0 and not was_given_up):
            return self._not_there_yet(held)
        if held.attempts >= MOST_ATTEMPTS and not was_given_up:
            text = f"{held.number} was sent {held.attempts} times without an answer and is not in Zoho Books."
            mend = "See whether Zoho Books works: each run of the period tries once more."
            return self._review(held, Problem(Reason.OUTCOME_UNKNOWN, f"{text} {mend}"))
        details = {"why": "not in Zoho Books after the time of grace"}
        return self._send(self._ledger.settle(held, "planned", self._claimant, details))

    def _not_there_yet(self, held: Posting) -> str:
        # Nobody knows when a run that died has sent it, so its time of grace begins when we first look.
        since = self._ledger.now_ms() if held.state == "sending" else held.sent_ms
        details = {"why": "not in Zoho Books yet"}
        return self._ledger.settle(held, "unknown", self._claimant, details, sent_ms=since).state

    def _settle_after_grace(self, posting_id: int) -> None:
        current = self._ledger.get(posting_id)
        if current.state == "unknown":
            self._patience.sleep(max(0.0, self._grace_left(current)))
            self._advance(posting_id)

    def _await_others(self, posting_ids: Sequence[int]) -> None:
        """Another run may be sending documents of this period at this moment: its outcome is ours too."""
        waited = 0.0
        for posting_id in posting_ids:
            if self._ledger.get(posting_id).state not in ("planned", "sending", "unknown"):
                continue
            while self._is_with_others(posting_id) and waited < self._patience.others_seconds:
                self._patience.sleep(_POLL_SECONDS)
                waited += _POLL_SECONDS
            self._advance(posting_id)

    def _is_with_others(self, posting_id: int) -> bool:
        current = self._ledger.get(posting_id)
        try:
            self._refuse_if_held(current)
        except ClaimLost:
            return True
        return False

    def _find(self, posting: Posting) -> Found | None:
        """What Zoho Books holds of the posting; a bill that was to be updated and was not, counts as not found."""
        document, vendor_id = _sent(posting)
        if posting.zoho_id is not None:
            by_number = self._journals.find(document, vendor_id) if document.kind == "journal" else None
            return by_number or self._books(document).read(posting.zoho_id, document, vendor_id)
        if posting.amendment != "update" or posting.replaces_id is None:
            return self._books(document).find(document, vendor_id)
        replaced = self._ledger.get(posting.replaces_id)
        before, vendor_before = _sent(replaced)
        found = self._bills.read(replaced.zoho_id or "", document, vendor_id)
        if found is None or not found.differences:
            return found
        untouched = self._bills.read(replaced.zoho_id or "", before, vendor_before)
        return None if untouched is not None and not untouched.differences else found

    def _believe(self, posting: Posting, found: Found, how: str) -> str:
        if found.differences:
            problem = Problem(
                Reason.FOREIGN_DOCUMENT,
                f"Zoho Books has {posting.number}, but {'; '.join(found.differences)}. Correct it there, or "
                "dismiss this entry with the reason.",
            )
            return self._review(posting, problem, zoho_id=found.zoho_id)
        _log.info("%s is in Zoho Books (%s) as %s.", posting.number, how, found.zoho_id)
        details = {"how": how, "zoho_id": found.zoho_id, "total_cents": posting.total_cents, "answer_code": 0}
        values = {"zoho_id": found.zoho_id, "reason_code": None, "reason": None}
        return self._ledger.settle(posting, "posted", self._claimant, details, **values).state

    def _gone(self, posting: Posting) -> str:
        text = f"{posting.number} is not in Zoho Books any more: it was deleted there."
        mend = "Dismiss this entry with the reason, or restore the document under the same number."
        return self._review(posting, Problem(Reason.FOREIGN_DOCUMENT, f"{text} {mend}"))

    def _review(
        self, posting: Posting, problem: Problem, error: ZohoError | None = None, zoho_id: str | None = None
    ) -> str:
        zoho_id = zoho_id or posting.zoho_id
        if (posting.state, posting.reason, posting.zoho_id) == ("review", problem.message, zoho_id):
            self._ledger.release(posting, self._claimant)
            return posting.state
        values = {"reason_code": problem.code, "reason": problem.message, "zoho_id": zoho_id}
        details = {**values, **(_answer(error) if error is not None else {})}
        return self._ledger.settle(posting, "review", self._claimant, details, **values).state

    def _refuse_if_held(self, posting: Posting) -> None:
        if posting.claimed_by is None or posting.claimed_by == self._claimant:
            return
        if not is_dead(posting.claimed_by, posting.claimed_until_ms or 0, self._ledger.now_ms()):
            raise ClaimLost(f"{posting.number} is being handled by {posting.claimed_by}")

    def _grace_left(self, posting: Posting) -> float:
        since = (self._ledger.now_ms() - (posting.sent_ms or 0)) / 1000
        # Zoho refuses a second bill of the same number, but knows no double journals.
        is_journal = posting.kind == "journal"
        grace = self._patience.journal_grace_seconds if is_journal else self._patience.grace_seconds
        return grace - since

    @property
    def _lease_ms(self) -> int:
        return int(self._patience.lease_seconds * 1000)


def _sent(posting: Posting) -> tuple[Document, str]:
    assert posting.document is not None
    return posting.document, posting.vendor_id or ""


def _stops_everything(error: ZohoError) -> bool:
    """True for what would meet every document: limits, outages, a lost login, a wrong organization."""
    return isinstance(error, AccessRefused) or not isinstance(error, Refused)


def _answer(error: ZohoError) -> dict[str, object]:
    return {"answer_code": error.code, "http_status": error.http_status, "why": str(error)}
