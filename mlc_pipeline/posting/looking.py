"""Looking: a posting is settled by what Zoho Books holds, without sending it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.books import Found, Listed
from mlc_pipeline.posting.desk import Desk
from mlc_pipeline.posting.patience import MOST_ATTEMPTS
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.shelves import Shelves, sent
from mlc_pipeline.zoho.errors import OutcomeUnknown, Refused

_log = logging.getLogger(__name__)


class Looking:
    """Looks that are done while the posting is held; each returns the state it leaves behind."""

    def __init__(self, desk: Desk, shelves: Shelves) -> None:
        self._desk = desk
        self._shelves = shelves

    def look(self, held: Posting) -> str:
        """Settle a posting whose outcome is unknown; one that may be sent again is `planned` then."""
        found = self._shelves.find(held, self._desk.ledger)
        if found is not None:
            if not self._desk.ledger.was_posted(held):
                found = found.as_a_strangers()
            return self._settle(held, found, how="found")
        if held.is_in_books:
            return self._desk.gone(held)
        was_given_up = held.state == "review"  # after its time of grace
        if held.state == "sending" or (self._desk.grace_left(held) > 0 and not was_given_up):
            return self._not_there_yet(held)
        # What was given up before is sent once more by each run.
        if held.attempts >= MOST_ATTEMPTS and held.id in self._desk.sent:
            text = f"{held.number} was sent {held.attempts} times without an answer and is not in Zoho Books."
            mend = "See whether Zoho Books works: each run of the period tries once more."
            return self._desk.review(held, Problem(Reason.OUTCOME_UNKNOWN, f"{text} {mend}"))
        details = {"why": "not in Zoho Books after the time of grace"}
        values = {"reason_code": None, "reason": None}
        return self._desk.ledger.settle(held, "planned", self._desk.claimant, details, **values).state

    def adopt(self, row: Listed | None) -> Callable[[Posting], str]:
        """Settle a planned posting if Zoho Books has it already, as `row` of its list says, else let go of it."""

        def act(held: Posting) -> str:
            document, vendor_id = sent(held)
            if row is not None and row.copies == 1 and not self._desk.ledger.twins_of(document):
                found = self._shelves.of(document).read(row.zoho_id, document, vendor_id)
            else:
                found = self._shelves.find(held, self._desk.ledger)
            if found is not None:
                return self._settle(held, found.as_a_strangers(), how="adopted")
            return self._let_go(held)

        return act

    def check_again(self, held: Posting) -> str:
        """A document that the list did not show as it was posted: a person may have changed it."""
        if held.is_being_voided:
            return self._let_go(held)  # by us, since it was listed
        found = self._shelves.find(held, self._desk.ledger)
        if held.is_dismissed:
            taken_over = self._desk.taken_over(held, found) if found is not None else None
            return taken_over or self._let_go(held)
        if found is None:
            return self._desk.gone(held)
        if found.differences:
            return self._desk.believe(held, found, how="checked")
        return self._let_go(held)

    def _settle(self, held: Posting, found: Found, how: str) -> str:
        """Believe what was found; what we have written and was cut off before its correction is corrected now."""
        if held.sent_ms is not None and not held.is_in_books:
            try:
                found = self._desk.corrected(found)
            except OutcomeUnknown as error:
                _log.warning("%s waits for the next look: %s", held.number, error)
                return self._let_go(held)
            except Refused as refusal:
                _log.warning("The total of %s cannot be corrected: %s", held.number, refusal)
        return self._desk.believe(held, found, how)

    def _not_there_yet(self, held: Posting) -> str:
        since, attempts = held.sent_ms, held.attempts
        if held.state == "sending":
            # The run that sent it has died. Nobody knows when it did, so the time of grace begins when we first
            # look; nor whether Zoho Books would have answered, so it is no attempt without an answer.
            since, attempts = self._desk.ledger.now_ms(), max(attempts - 1, 0)
        details = {"why": "not in Zoho Books yet"}
        values = {"sent_ms": since, "attempts": attempts}
        return self._desk.ledger.settle(held, "unknown", self._desk.claimant, details, **values).state

    def _let_go(self, held: Posting) -> str:
        self._desk.ledger.release(held, self._desk.claimant)
        return held.state
