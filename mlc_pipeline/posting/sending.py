"""Sending: a planned posting is claimed, written to Zoho Books and settled by what came back."""

from __future__ import annotations

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.leases import LeaseUnavailable
from mlc_pipeline.posting.books import Found
from mlc_pipeline.posting.desk import Desk, answer
from mlc_pipeline.posting.listings import Listings
from mlc_pipeline.posting.looking import Looking
from mlc_pipeline.posting.patience import MOST_ATTEMPTS
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.refusals import problem_of
from mlc_pipeline.posting.shelves import Shelves, sent
from mlc_pipeline.posting.vendors import VendorConflict
from mlc_pipeline.transport import errands
from mlc_pipeline.zoho.errors import (
    AccessRefused,
    DuplicateBillNumber,
    DuplicateVendorCreditNumber,
    OutcomeUnknown,
    Refused,
    Unauthorized,
    ZohoError,
)


class CannotChange(Exception):
    """A posted bill is not as we left it, so it must not be changed or made void; the text says how."""


class Sending:
    """Sends postings for one run. Safe between threads."""

    def __init__(self, desk: Desk, shelves: Shelves, listings: Listings, looking: Looking) -> None:
        self._desk = desk
        self._shelves = shelves
        self._listings = listings
        self._looking = looking
        self.unsent: dict[int, str] = {}
        """Why postings stay planned although nothing stopped the run, by their id."""

    def send(self, posting: Posting) -> str:
        """Send a planned posting; returns the state that it is left in.

        Raises:
            ClaimLost: another run has it, or has moved it on.
            ZohoError: something that would meet every document.
        """
        document, _ = sent(posting)
        with self._desk.tax_trials.turn(document) as trouble:
            return self._kept_back(posting, _not_tried(trouble)) if trouble else self._send(posting, document)

    def _send(self, posting: Posting, document: Document) -> str:
        try:
            vendor_id = self._vendor(posting)
        except VendorConflict as conflict:
            return self._refused(posting, Problem(Reason.VENDOR_AMBIGUOUS, str(conflict)))
        except (OutcomeUnknown, LeaseUnavailable) as error:
            return self._without_vendor(posting, error)
        except ZohoError as error:
            if stops_everything(error, document.kind):
                raise
            return self._refused(posting, problem_of(error))
        self.unsent.pop(posting.id, None)
        details = {
            "number": posting.number,
            "vendor_id": vendor_id,
            "attempt": posting.attempts + 1,
            "request_digest": self._shelves.of(document).request_digest(document, vendor_id),
        }
        look_first = self._listings.must_be_looked_for(posting)
        claimed = self._desk.ledger.claim(posting, self._desk.claimant, self._desk.lease_ms, details)
        self._desk.sent.add(posting.id)
        return self._settled(claimed, look_first=look_first)

    def _vendor(self, posting: Posting) -> str:
        document, vendor_id = sent(posting)
        if document.kind == "journal":
            return ""
        if vendor_id:
            return vendor_id
        # Nobody holds the posting yet: no vendor is made for one that another run has taken meanwhile.
        with errands.provided(lambda: self._desk.ledger.confirm(posting)):
            return self._shelves.vendors.vendor_for(document)

    def _without_vendor(self, posting: Posting, error: OutcomeUnknown | LeaseUnavailable) -> str:
        # The vendor may have been made: the next run finds it. The other documents do not wait for this one.
        times = self._desk.ledger.note_no_vendor(posting, str(error))
        if times < MOST_ATTEMPTS:
            self.unsent[posting.id] = str(error)
            return posting.state
        document, _ = sent(posting)
        text = (
            f"{times} times it could not be known whether a vendor for {document.employee_name} was made: {error}"
        )
        mend = "Make the vendor in Zoho Books by hand: each run of the period tries once more."
        return self._kept_back(posting, Problem(Reason.VENDOR_MISSING, f"{text} {mend}"))

    def _refused(self, posting: Posting, problem: Problem) -> str:
        self._desk.refused.add(problem.code)
        return self._kept_back(posting, problem)

    def _kept_back(self, posting: Posting, problem: Problem) -> str:
        self.unsent.pop(posting.id, None)
        return self._desk.ledger.keep_back(posting, problem).state

    def _settled(self, claimed: Posting, *, look_first: bool) -> str:
        """Write a claimed document and settle it by what came back."""
        ledger, claimant = self._desk.ledger, self._desk.claimant
        try:
            with errands.provided(lambda: ledger.keep(claimed, claimant, self._desk.lease_ms)):
                found = self._looked_for(claimed) if look_first else None
                written = self._corrected(found or self._written(claimed))
        except CannotChange as obstacle:
            return self._desk.review(claimed, Problem(Reason.FOREIGN_DOCUMENT, str(obstacle)))
        except (DuplicateBillNumber, DuplicateVendorCreditNumber) as error:
            found = self._shelves.find(claimed, ledger)
            if found is None:
                return self._desk.review(claimed, Problem(Reason.REFUSED_BY_ZOHO, str(error)), error)
            return self._desk.believe(claimed, found.as_a_strangers(), how="adopted")
        except OutcomeUnknown as error:
            # The time of grace begins when we gave up, not when we began.
            values = {"reason": str(error), "sent_ms": ledger.now_ms()}
            lost = ledger.settle(claimed, "unknown", claimant, answer(error), **values)
            return self._desk.held(lost, self._looking.look)
        except ZohoError as error:
            if not stops_everything(error, claimed.kind):
                problem = problem_of(error, of_a_change=claimed.replaces_id is not None)
                return self._desk.review(claimed, problem, error)
            ledger.settle(
                claimed, "planned", claimant, answer(error), reason=str(error), attempts=claimed.attempts - 1
            )
            raise
        how = "adopted" if found is not None else claimed.amendment or "created"
        return self._desk.believe(claimed, written, how)

    def _corrected(self, written: Found) -> Found:
        try:
            return self._desk.corrected(written)
        except OutcomeUnknown:
            raise
        except Refused:
            return written  # it stands, with the total that it has
        except ZohoError as error:
            # The document itself was written: this failure must not look as if it was not.
            raise OutcomeUnknown(f"Document {written.zoho_id} waits for its correction: {error}") from error

    def _looked_for(self, posting: Posting) -> Found | None:
        if posting.replaces_id is not None:
            return None
        found = self._shelves.find(posting, self._desk.ledger)
        return found.as_a_strangers() if found is not None else None

    def _written(self, posting: Posting) -> Found:
        document, vendor_id = sent(posting)
        if posting.replaces_id is not None:
            return self._replaced(posting, self._desk.ledger.get(posting.replaces_id))
        self._desk.wrote()
        return self._shelves.of(document).create(document, vendor_id)

    def _replaced(self, posting: Posting, replaced: Posting) -> Found:
        document, vendor_id = sent(posting)
        before, vendor_before = sent(replaced)
        bills, zoho_id = self._shelves.bills, replaced.zoho_id or ""
        obstacles, already_void = bills.obstacles_to(posting.amendment, zoho_id, before, vendor_before)
        if obstacles:
            if replaced.is_being_voided:
                self._desk.ledger.note_not_voided(replaced, "; ".join(obstacles))
            raise CannotChange(
                f"{replaced.number} was to be changed after an amendment, but {'; '.join(obstacles)}. Correct it "
                "in Zoho Books by hand and dismiss this entry with the reason."
            )
        if posting.amendment == "update":
            self._desk.wrote()
            return bills.update(zoho_id, document, vendor_id)
        if not already_void:
            self._void(replaced, posting)
        self._desk.wrote()
        return bills.create(document, vendor_id)

    def _void(self, replaced: Posting, by: Posting) -> None:
        """Make the document of a posted revision void; whatever is approved next, another must take its place."""
        ledger = self._desk.ledger
        ledger.note_voiding(replaced, by)
        self._desk.wrote()
        try:
            self._shelves.bills.void(replaced.zoho_id or "")
        except OutcomeUnknown:
            raise
        except ZohoError as error:
            ledger.note_not_voided(replaced, str(error))
            raise


def _not_tried(trouble: str) -> Problem:
    text = f"Not sent, because Zoho Books computes taxes otherwise than they are said: {trouble}."
    mend = (
        "Correct that one there, look at its taxes under Settings, and run again, or post this part as a journal."
    )
    return Problem(Reason.TAX_MISMATCH, f"{text} {mend}")


def stops_everything(error: ZohoError, kind: str | None) -> bool:
    """True for what would meet every document: limits, outages, a lost login, a wrong organization."""
    if kind == "vendor_credit" and isinstance(error, Unauthorized):
        return False  # a consent may cover bills and not vendor credits, which have a scope of their own
    return isinstance(error, AccessRefused) or not isinstance(error, Refused)
