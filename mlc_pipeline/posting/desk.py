"""The desk: where postings are held while they are handled, and settled by what Zoho Books showed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting import by_hand
from mlc_pipeline.posting.books import Found
from mlc_pipeline.posting.claimants import is_dead
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.payloads import has_tax
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.shelves import sent
from mlc_pipeline.posting.tax_trials import TaxTrials
from mlc_pipeline.transport import errands
from mlc_pipeline.zoho.errors import ZohoError

_log = logging.getLogger(__name__)

_MOST_CORRECTIONS = 3
"""The flag of the taxes turned, then the rates without them, then the rounding adjusted."""


class Desk:
    """The postings in the hands of one claimant. Safe between threads."""

    def __init__(self, ledger: Ledger, patience: Patience, claimant: str, outdated: Collection[int] = ()) -> None:
        self.ledger = ledger
        self.claimant = claimant
        self.outdated = outdated
        """The postings that are not sent again, by their id: their report is not approved like that any more."""
        self._patience = patience
        self._lock = threading.Lock()
        self.writes = 0
        self.sent: set[int] = set()
        """The postings that were sent from here, by their id."""
        self.refused: set[str] = set()
        """The codes of why Zoho Books would not have a document, or the vendor of one."""
        self.tax_trials = TaxTrials()

    @property
    def lease_ms(self) -> int:
        """How long a claim holds."""
        return int(self._patience.lease_seconds * 1000)

    def wrote(self, requests: int = 1) -> None:
        """Count requests that are about to change Zoho Books."""
        with self._lock:
            self.writes += requests

    # Holding.

    def held(self, posting: Posting, act: Callable[[Posting], str]) -> str:
        """Act on a posting that is as we know it while nobody else does, and let go of it whatever happens."""
        try:
            self.refuse_if_held(posting)
            held = self.ledger.hold(posting, self.claimant, self.lease_ms)
            with errands.provided(lambda: self.ledger.keep(held, self.claimant, self.lease_ms)):
                return act(held)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
            return posting.state
        except ZohoError:
            self.ledger.release(posting, self.claimant)
            raise

    def refuse_if_held(self, posting: Posting) -> None:
        """Raise ClaimLost while a living run has the posting."""
        if posting.claimed_by is None or posting.claimed_by == self.claimant:
            return
        if not is_dead(posting.claimed_by, posting.claimed_until_ms or 0, self.ledger.now_ms()):
            raise ClaimLost(f"{posting.number} is being handled by another run")

    def is_with_others(self, posting_id: int) -> bool:
        """Whether a living run has the posting."""
        try:
            self.refuse_if_held(self.ledger.get(posting_id))
        except ClaimLost:
            return True
        return False

    def grace_left(self, posting: Posting) -> float:
        """Seconds for which an absent document may still turn up."""
        since = (self.ledger.now_ms() - (posting.sent_ms or 0)) / 1000
        grace = self._patience.grace_of(posting, is_outdated=posting.id in self.outdated)
        # A sending that lies in the future is from before the clock was set back.
        return min(grace, grace - since)

    # Settling.

    def corrected(self, found: Found) -> Found:
        """What stands in Zoho Books after its total was brought to what was meant, where it can be.

        Raises:
            OutcomeUnknown: it cannot be known whether it was; the next look goes on from there.
        """
        for _ in range(_MOST_CORRECTIONS):
            if found.correction is None:
                break
            self.wrote()
            found = found.correction()
        return found

    def believe(self, posting: Posting, found: Found, how: str) -> str:
        """Settle a posting as posted, or as a question where Zoho Books holds something else."""
        if not _was_as_meant(posting):
            self.tax_trials.note(sent(posting)[0], found)
        if found.differences:
            return self.taken_over(posting, found) or self._ask(posting, found)
        _log.info("%s is in Zoho Books (%s) as %s.", posting.number, how, found.zoho_id)
        details = {"how": how, "zoho_id": found.zoho_id, "total_cents": posting.total_cents, "answer_code": 0}
        values = {"zoho_id": found.zoho_id, "reason_code": None, "reason": None}
        return self.ledger.settle(posting, "posted", self.claimant, details, **values).state

    def taken_over(self, posting: Posting, found: Found) -> str | None:
        """Settle a posting whose document a person gave the content of a later revision, which they dismissed.

        That one is posted in its place. None when there is none.
        """
        later = by_hand.given(posting, found, self._approved_since(posting))
        if later is None or not later.is_dismissed:
            return None
        _log.info("%s was given the content of revision %d by hand.", posting.number, later.revision)
        details, values = by_hand.settlement(later, posting, found)
        self.held(later, lambda held: self.ledger.settle(held, "posted", self.claimant, details, **values).state)
        self.ledger.release(posting, self.claimant)
        return self.ledger.get(posting.id).state

    def _ask(self, posting: Posting, found: Found) -> str:
        problem = _other_than_meant(posting, found, self._approved_since(posting))
        return self.review(posting, problem, zoho_id=found.zoho_id)

    def gone(self, posting: Posting) -> str:
        """Settle a posting whose document was there and is not any more."""
        text = f"{posting.number} is not in Zoho Books any more: it was deleted there."
        mend = "Dismiss this entry with the reason, or restore the document under the same number."
        return self.review(posting, Problem(Reason.FOREIGN_DOCUMENT, f"{text} {mend}"))

    def review(
        self, posting: Posting, problem: Problem, error: ZohoError | None = None, zoho_id: str | None = None
    ) -> str:
        """Settle a posting as a question to a person."""
        zoho_id = zoho_id or posting.zoho_id
        if error is not None:
            self.refused.add(problem.code)
        if (posting.state, posting.reason, posting.zoho_id) == ("review", problem.message, zoho_id):
            self.ledger.release(posting, self.claimant)
            return posting.state
        values = {"reason_code": problem.code, "reason": problem.message, "zoho_id": zoho_id}
        if error is None:
            return self.ledger.settle(posting, "review", self.claimant, values, **values).state
        details = {**values, **answer(error)}
        return self.ledger.settle(posting, "review", self.claimant, details, **values, attempts=0).state

    def _approved_since(self, posting: Posting) -> list[Posting]:
        revisions = self.ledger.of_reports([posting.report_id])
        return by_hand.approved_since(posting, revisions[posting.report_id, posting.part])


def answer(error: ZohoError) -> dict[str, object]:
    """What an error says, for the audit trail."""
    return {"answer_code": error.code, "http_status": error.http_status, "why": str(error)}


def _was_as_meant(posting: Posting) -> bool:
    """Whether it is a person who has changed what Zoho Books holds."""
    return posting.state == "posted" or posting.reason_code == Reason.FOREIGN_DOCUMENT


def _other_than_meant(posting: Posting, found: Found, since: Sequence[Posting]) -> Problem:
    text = f"Zoho Books has {posting.number}, but {'; '.join(found.differences)}."
    document, _ = sent(posting)
    if found.is_only_total_off and has_tax(document) and not _was_as_meant(posting):
        mend = (
            "Zoho Books computes its taxes otherwise than Expensify: correct the tax or its rounding there and "
            "run again, or make it void and dismiss this entry with the reason."
        )
        return Problem(Reason.TAX_MISMATCH, f"{text} {mend}")
    mend = by_hand.way_out(posting, found, since)
    return Problem(Reason.FOREIGN_DOCUMENT, f"{text} {mend}")
