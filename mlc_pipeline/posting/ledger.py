"""The posting ledger: the life of every document, kept in our own database.

    planned -> sending -> posted -> review (changed in Zoho Books) -> posted
                       -> unknown -> posted | planned (not there after the time of grace)
                       -> review (refused)
    review  -> planned | superseded (dismissed by a person)
    posted  -> superseded (replaced by a later revision; while its document is made void, its reason says so)

The intent is durable before the first byte leaves: a document is `sending` in the database before it is sent, so
that after a crash a replay looks into Zoho Books instead of sending it again. Every transition is one transaction,
together with its audit event, and names the states from which it may start. Safe between threads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.database import now_ms
from mlc_pipeline.posting import audit, ledger_rows
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.intents import approved_content, intent, is_no_news, values_of
from mlc_pipeline.posting.ledger_rows import ClaimLost as ClaimLost
from mlc_pipeline.posting.ledger_view import LedgerView
from mlc_pipeline.posting.postings import BEING_VOIDED, Posting
from mlc_pipeline.tables import postings


class Ledger(LedgerView):
    """The postings of one Zoho organization, as moved by one actor."""

    # Recording, before anything is sent.

    def record(self, decision: Decision, period: str) -> Posting:
        """File a decision as `planned`, or as `review` when it has problems; what was not sent is updated.

        Raises:
            ClaimLost: the revision was sent, or is being sent, by another run.
        """
        try:
            return self._record(decision, period)
        except sa.exc.IntegrityError:
            return self._record(decision, period)  # another run filed it in the same moment: now it is there

    def note_nothing(self, reasons: Iterable[tuple[ReportPlan, str]], period: str) -> None:
        """Note why nothing of these plans is to be posted; what was said before is not said again."""
        with self._writing() as database:
            audit.wait_for_turn(database)
            for plan, why in reasons:
                self._note_nothing(database, plan, period, why)

    def keep_back(self, posting: Posting, problem: Problem) -> Posting:
        """Move a posting that was not sent to `review`, whatever it was before."""
        if (posting.state, posting.reason_code) == ("review", problem.code):
            return posting
        values = {"state": "review", "reason_code": problem.code, "reason": problem.message}
        details = {"reason_code": problem.code, "reason": problem.message}
        return self._moved(posting, ("planned", "review"), "review", details, **values)

    def note_no_vendor(self, posting: Posting, why: str) -> int:
        """Note that it could not be known whether the vendor was made; returns how often that was so."""
        with self._writing() as database:
            ledger_rows.told(database, self.actor, posting.id, audit.NO_VENDOR, {"why": why})
            return self._count(database, audit.NO_VENDOR, posting)

    def note_reapproval(self, posting: Posting, plan: ReportPlan, period: str) -> Posting:
        """Note that a report was approved again without a change: it is filed under its new period."""
        values = {
            "approved_at": plan.approved_at,
            "content_hash": plan.content_hash,
            "period": period,
            "connection": self.actor.connection,
        }
        details = {"approved_at": plan.approved_at, "approver": plan.approver, "before": posting.approved_at}
        return self._updated(posting, "approved_again", details, **values)

    def refile(self, posting: Posting, period: str) -> Posting:
        """File a posting under the period to which its report has moved, where its later revision is handled."""
        details = {"before": posting.period, "period": period}
        return self._updated(posting, "refiled", details, period=period, connection=self.actor.connection)

    def supersede(self, posting: Posting, why: str) -> Posting:
        """Close a posting that was not sent: what it waited for does not matter any more."""
        values = {"state": "superseded", "reason_code": None, "reason": why}
        return self._moved(posting, ("planned", "review"), "superseded", {"why": why}, **values)

    # Sending: a claim is held by one run at a time.

    def confirm(self, posting: Posting) -> None:
        """Make sure that a posting is as it was read.

        Raises:
            ClaimLost: it was moved on or filed anew since, or somebody else holds it.
        """
        with self._writing() as database:
            ledger_rows.confirm(database, posting, (posting.state,))

    def claim(self, posting: Posting, claimant: str, lease_ms: int, details: Mapping[str, Any]) -> Posting:
        """Move a planned posting to `sending`, held by `claimant`: after this returns, the intent is durable.

        Raises:
            ClaimLost: it is not planned any more, somebody else holds it, or it was filed with another content.
        """
        with self._writing() as database:
            now = now_ms(database)
            values = {
                "state": "sending",
                "sent_ms": now,
                "claimed_by": claimant,
                "claimed_until_ms": now + lease_ms,
                "attempts": postings.c.attempts + 1,
                "run_id": self.actor.run_id,
                "vendor_id": details["vendor_id"],
                "reason_code": None,
                "reason": None,
            }
            ledger_rows.move(database, posting, ("planned",), **values)
            return ledger_rows.told(database, self.actor, posting.id, "sending", details)

    def hold(self, posting: Posting, claimant: str, lease_ms: int) -> Posting:
        """Hold the posting in its state, so that nobody else settles or sends it meanwhile.

        Raises:
            ClaimLost: it was moved on or filed anew, or somebody else holds it.
        """
        with self._writing() as database:
            until = now_ms(database) + lease_ms
            ledger_rows.move(database, posting, (posting.state,), claimed_by=claimant, claimed_until_ms=until)
            return ledger_rows.get(database, posting.id)

    def keep(self, posting: Posting, claimant: str, lease_ms: int) -> None:
        """Make sure that the claimant still has the posting, and for how long a request may take.

        Raises:
            ClaimLost: the claim ran out and somebody else took it over.
        """
        with self._writing() as database:
            ledger_rows.keep(database, posting, claimant, lease_ms)

    def release(self, posting: Posting, claimant: str) -> None:
        """Let go of a held posting without moving it."""
        with self._writing() as database:
            ledger_rows.let_go(database, posting, claimant, {})

    def settle(
        self, posting: Posting, state: str, claimant: str, details: Mapping[str, Any], **values: Any
    ) -> Posting:
        """Move a held posting to `state` and let go of it; `details` go to the audit trail.

        When it is posted in the place of an earlier revision, that one is superseded in the same transaction.

        Raises:
            ClaimLost: the claim ran out and somebody else took it over.
        """
        with self._writing() as database:
            if not ledger_rows.let_go(database, posting, claimant, {"state": state, **values}):
                raise ClaimLost(f"{posting.number} was taken over")
            settled = ledger_rows.get(database, posting.id)
            if state == "posted" and settled.replaces_id is not None:
                ledger_rows.replace(database, self.actor, settled.replaces_id, settled)
            return ledger_rows.told(database, self.actor, posting.id, state, details)

    def note_voiding(self, replaced: Posting, by: Posting) -> None:
        """Note, before the request leaves, that the document of a posted revision is made void for a later one.

        Raises:
            ClaimLost: it was moved on since it was read.
        """
        why = f"It is being made void: {by.number} takes its place."
        details = {"why": why, "for_revision": by.revision}
        self._moved(replaced, ("posted",), "voiding", details, reason_code=BEING_VOIDED, reason=why)

    def note_not_voided(self, replaced: Posting, why: str) -> None:
        """Note that the document which was to be made void stands as before.

        Raises:
            ClaimLost: it was moved on since it was read.
        """
        self._moved(replaced, ("posted",), "not_voided", {"why": why}, reason_code=None, reason=None)

    # People.

    def dismiss(self, posting: Posting, why: str) -> Posting:
        """Close a review entry for good, with the reason that a person gives.

        Raises:
            ClaimLost: it does not wait for review any more.
        """
        values: dict[str, Any] = {
            "state": "superseded",
            "reason_code": Reason.DISMISSED,
            "reason": f"Dismissed by {self.actor.name}: {why}",
        }
        if posting.reason_code == Reason.VANISHED and posting.zoho_id is None:
            # Nothing of it is approved: should the report come back, that is news.
            values |= {"content_hash": "", "document": None}
        details = {"why": why, "was": posting.reason_code, "reason": posting.reason}
        return self._moved(posting, ("review",), "dismissed", details, **values)

    def note_retry(self, posting: Posting, why: str) -> Posting:
        """Note that a person wants a review entry tried again; one that is open may then be sent again.

        One that only waits because its report was dismissed before is released with that.

        Raises:
            ClaimLost: it does not wait for review any more.
        """
        values: dict[str, Any] = {"state": "unknown", "attempts": 0} if posting.is_open else {}
        if posting.reason_code == Reason.CHANGED_AFTER_DISMISSAL:
            values["amendment"] = "released"
        return self._moved(posting, ("review",), "retried", {"why": why}, **values)

    # Within a transaction.

    def _record(self, decision: Decision, period: str) -> Posting:
        values = values_of(decision, period, self.actor)
        organization_id = self.actor.organization_id
        with self._writing() as database:
            found = ledger_rows.find(database, organization_id, decision)
            if found is None:
                posting_id = ledger_rows.insert(database, organization_id, decision, values)
            elif not found.was_never_sent:
                raise ClaimLost(f"{decision.plan.report_id} revision {decision.revision} is {found.state}")
            elif is_no_news(found, values):
                return found
            else:
                posting_id = found.id
                ledger_rows.move(database, found, (found.state,), **values)
            ledger_rows.write_transactions(database, organization_id, posting_id, decision.plan.transactions)
            posting = ledger_rows.get(database, posting_id)
            return ledger_rows.told(database, self.actor, posting_id, posting.state, intent(posting, decision))

    def _note_nothing(self, database: sa.Connection, plan: ReportPlan, period: str, why: str) -> None:
        event, subject = audit.NOTHING_TO_POST, {"period": period, "report_id": plan.report_id, "part": plan.part}
        said = audit.last(database, event, self.actor.organization_id, subject)
        if said is None or said["reason"] != why or not plan.is_of(said["content_hash"]):
            details = {**approved_content(plan), "reason": why}
            audit.append(database, self.actor, event, subject=subject | {"revision": 1}, details=details)

    def _moved(
        self, posting: Posting, from_states: Collection[str], event: str, details: Mapping[str, Any], **values: Any
    ) -> Posting:
        with self._writing() as database:
            ledger_rows.move(database, posting, from_states, **values)
            return ledger_rows.told(database, self.actor, posting.id, event, details)

    def _updated(self, posting: Posting, event: str, details: Mapping[str, Any], **values: Any) -> Posting:
        with self._writing() as database:
            ledger_rows.update(database, posting.id, values)
            return ledger_rows.told(database, self.actor, posting.id, event, details)
