"""The poster: brings every document of a period to its end, once.

What is planned is sent; what may have been sent is looked for in Zoho Books before it is sent again; what is
posted is left alone. One bad report never stops the others. A temporary failure stops the run and leaves the rest
planned.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlc_pipeline.accounting.documents import Document, ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.bills import Bills, Found
from mlc_pipeline.posting.claimants import is_dead, new_claimant
from mlc_pipeline.posting.decisions import Decision, decide, duplicate_transactions
from mlc_pipeline.posting.ledger import ClaimLost, Ledger, Posting, is_in_books
from mlc_pipeline.posting.vendors import VendorConflict, Vendors
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import (
    AccessRefused,
    DuplicateBillNumber,
    NotFound,
    OutcomeUnknown,
    Refused,
    ZohoError,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an unknown outcome may still turn up, and how long a claim holds.

    `grace_seconds`: a request that timed out may be committed by Zoho well after we gave up, so an absent
    document is looked for again after this time before it is sent again. `lease_seconds` must be longer than one
    document can take with all its retries.
    """

    grace_seconds: float = 60.0
    lease_seconds: float = 900.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Posted:
    """What `Poster.post` did: its postings as they stand, and how many requests wrote to Zoho Books."""

    postings: tuple[Posting, ...]
    nothing_to_post: tuple[ReportPlan, ...]
    writes: int
    failure: str | None


class Poster:
    """Posts the plans of one period of one connection."""

    def __init__(
        self, ledger: Ledger, zoho: ZohoBooksClient, period: str, patience: Patience | None = None
    ) -> None:
        self._ledger = ledger
        self._period = period
        self._patience = patience or Patience()
        self._claimant = new_claimant()
        self._bills = Bills(zoho)
        self._vendors = Vendors(zoho)
        self._writes = 0

    def post(self, plans: Sequence[ReportPlan]) -> Posted:
        """Record every plan, then send, look up or leave each one; returns where each of them stands."""
        recorded = self._record(plans)
        failure = None
        try:
            self._adopt_what_is_there(recorded)
            waiting = [posting for posting in recorded if self._advance(posting) == "unknown"]
            self._settle_after_grace(waiting)
        except ZohoError as error:
            failure = str(error)
            _log.error("The period stops here and can be run again: %s", failure)
        return Posted(
            postings=tuple(self._ledger.get(posting.id) for posting in recorded),
            nothing_to_post=tuple(plan for plan in plans if plan.document is None and not plan.problems),
            writes=self._writes + self._vendors.created,
            failure=failure,
        )

    # Recording: what the ledger makes of the plans.

    def _record(self, plans: Sequence[ReportPlan]) -> list[Posting]:
        known = self._ledger.of_reports(plan.report_id for plan in plans)
        holders = self._ledger.holders_of(transaction for plan in plans for transaction in plan.transactions)
        duplicates = duplicate_transactions(plans, holders)
        postings: dict[int, Posting] = {}
        for plan in plans:
            revisions = known.get((plan.report_id, plan.part), [])
            decision = decide(plan, revisions, duplicates.get(plan.report_id, ()))
            current = self._record_decision(decision)
            postings |= {one.id: one for one in (*revisions, current) if one is not None}
        for posting in self._ledger.of_period(self._period):
            if posting.id not in postings:
                postings[posting.id] = self._record_vanished(posting)
        return list(postings.values())

    def _record_decision(self, decision: Decision) -> Posting | None:
        posting, plan = decision.posting, decision.plan
        if decision.action == "settle" or (decision.action == "nothing" and posting is None):
            return posting
        if decision.action == "skip" and posting is not None:
            if posting.approved_at == plan.approved_at:
                return posting
            return self._ledger.note_reapproval(posting, plan, self._period)
        return self._ledger.record(plan, self._period, decision.revision, decision.problems)

    def _record_vanished(self, posting: Posting) -> Posting:
        """A report that is not among the approved ones of the period any more must not be sent."""
        if posting.state not in ("planned", "review") or is_in_books(posting):
            return posting
        problem = Problem(
            Reason.VANISHED,
            "The report is not among the approved reports of this period any more: it was reopened, moved or "
            "deleted in Expensify. When it is approved again it is posted with its new period.",
        )
        return self._ledger.keep_back(posting, problem)

    # Sending and looking.

    def _adopt_what_is_there(self, postings: Sequence[Posting]) -> None:
        """Before anything is sent: what Zoho Books has already although the ledger says planned."""
        planned = {p.number: p for p in postings if p.state == "planned" and p.document and p.number}
        documents = [posting.document for posting in planned.values() if posting.document]
        for number in self._bills.held(documents) if documents else ():
            try:
                held = self._ledger.hold(planned[number], self._claimant, self._lease_ms, "planned")
            except ClaimLost:
                continue
            found = self._find(held)
            if found is None:
                self._ledger.settle(held, "planned", self._claimant, {"why": "not in Zoho Books after all"})
                continue
            self._believe(held, found, how="adopted")

    def _advance(self, posting: Posting) -> str:
        """Bring one posting as far as it goes now; returns its state."""
        current = self._ledger.get(posting.id)
        try:
            if current.state == "planned" and current.document is not None:
                return self._send(current)
            if current.state in ("sending", "unknown") or is_in_books(current):
                return self._look(current)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
        return current.state

    def _send(self, posting: Posting) -> str:
        document = posting.document
        assert document is not None
        try:
            vendor_id = posting.vendor_id or self._vendors.vendor_for(document)
        except VendorConflict as conflict:
            return self._refuse(posting, Problem(Reason.VENDOR_AMBIGUOUS, str(conflict)))
        posting = self._ledger.choose_vendor(posting, vendor_id)
        claimed = self._ledger.claim(posting, self._claimant, self._lease_ms, "planned")
        self._writes += 1
        try:
            created = self._bills.create(document, vendor_id)
        except DuplicateBillNumber as error:
            found = self._find(claimed)
            if found is None:
                return self._review(claimed, Problem(Reason.REFUSED_BY_ZOHO, str(error)))
            return self._believe(claimed, found, how="adopted")
        except OutcomeUnknown as error:
            lost = self._ledger.settle(claimed, "unknown", self._claimant, {"why": str(error)})
            return self._look(lost)
        except ZohoError as error:
            if not _about_this_document(error):
                self._ledger.settle(claimed, "planned", self._claimant, {"why": str(error)}, reason=str(error))
                raise
            return self._review(claimed, Problem(Reason.REFUSED_BY_ZOHO, str(error)))
        return self._believe(claimed, created, how="created")

    def _look(self, posting: Posting) -> str:
        """Settle a posting whose outcome is unknown by what Zoho Books holds."""
        self._refuse_if_alive(posting)
        held = self._ledger.hold(posting, self._claimant, self._lease_ms, posting.state)
        found = self._find(held)
        if found is not None:
            return self._believe(held, found, how="found")
        if is_in_books(held):
            gone = Problem(
                Reason.FOREIGN_DOCUMENT, f"{held.number} is not in Zoho Books any more. Restore it there."
            )
            return self._review(held, gone)
        if self._grace_left(held) > 0:
            return self._ledger.settle(held, "unknown", self._claimant, {"why": "not in Zoho Books yet"}).state
        planned = self._ledger.settle(
            held, "planned", self._claimant, {"why": "not in Zoho Books after the time of grace"}
        )
        return self._send(planned)

    def _settle_after_grace(self, postings: Sequence[Posting]) -> None:
        for posting in postings:
            current = self._ledger.get(posting.id)
            if current.state != "unknown":
                continue
            self._patience.sleep(max(0.0, self._grace_left(current)))
            self._advance(current)

    def _find(self, posting: Posting) -> Found | None:
        document, vendor_id = _sent(posting)
        if posting.zoho_id is None:
            return self._bills.find(document, vendor_id)
        try:
            return self._bills.read(posting.zoho_id, document, vendor_id)
        except NotFound:
            return None

    def _believe(self, posting: Posting, found: Found, how: str) -> str:
        if found.differences:
            problem = Problem(
                Reason.FOREIGN_DOCUMENT,
                f"Zoho Books has {posting.number}, but {'; '.join(found.differences)}. Correct it there, or "
                "dismiss this entry with the reason.",
            )
            return self._review(posting, problem, zoho_id=found.zoho_id)
        _log.info("%s is in Zoho Books (%s) as %s.", posting.number, how, found.zoho_id)
        details = {"how": how, "zoho_id": found.zoho_id, "total_cents": posting.total_cents}
        return self._ledger.settle(
            posting, "posted", self._claimant, details, zoho_id=found.zoho_id, reason_code=None, reason=None
        ).state

    def _review(self, posting: Posting, problem: Problem, zoho_id: str | None = None) -> str:
        details = {"reason_code": problem.code, "reason": problem.message, "zoho_id": zoho_id or posting.zoho_id}
        return self._ledger.settle(
            posting,
            "review",
            self._claimant,
            details,
            reason_code=problem.code,
            reason=problem.message,
            zoho_id=zoho_id or posting.zoho_id,
        ).state

    def _refuse(self, posting: Posting, problem: Problem) -> str:
        held = self._ledger.hold(posting, self._claimant, self._lease_ms, posting.state)
        return self._review(held, problem)

    def _refuse_if_alive(self, posting: Posting) -> None:
        if posting.claimed_by is None or posting.claimed_by == self._claimant:
            return
        if not is_dead(posting.claimed_by, posting.claimed_until_ms or 0, self._ledger.now_ms()):
            raise ClaimLost(f"{posting.number} is being sent by {posting.claimed_by}")

    def _grace_left(self, posting: Posting) -> float:
        since = (self._ledger.now_ms() - (posting.sent_ms or 0)) / 1000
        return self._patience.grace_seconds - since

    @property
    def _lease_ms(self) -> int:
        return int(self._patience.lease_seconds * 1000)


def _sent(posting: Posting) -> tuple[Document, str]:
    assert posting.document is not None
    return posting.document, posting.vendor_id or ""


def _about_this_document(error: ZohoError) -> bool:
    """False for what would stop every document: limits, outages, a lost login, a wrong organization."""
    return isinstance(error, Refused) and not isinstance(error, AccessRefused)
