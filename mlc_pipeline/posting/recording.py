"""Recording: the plans of a period become postings in the ledger, before anything is sent."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from mlc_pipeline.accounting.documents import PARTS, ReportPlan
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.decisions import Decision, OnAmendment, decide, duplicate_transactions
from mlc_pipeline.posting.ledger import ClaimLost, Ledger
from mlc_pipeline.posting.nothing_left import nothing_of, plans_of_nothing
from mlc_pipeline.posting.postings import Posting

_log = logging.getLogger(__name__)

_VANISHED = (
    "The report is not among the approved reports of this period any more: it was reopened, moved or deleted in "
    "Expensify. When it is approved again it is handled with its new period."
)


def foreseen(
    ledger: Ledger,
    plans: Sequence[ReportPlan],
    on_amendment: OnAmendment,
    parts: Collection[str] = PARTS,
) -> list[Decision]:
    """What a run will have decided in the end about each plan; nothing is written.

    A bill that is changed lets go of the expenses that moved to another report, which then goes on.

    Args:
        ledger: where the postings of the reports are.
        plans: those of the period.
        on_amendment: what happens to posted bills whose report was changed.
        parts: the parts of reports that are planned at all.
    """
    known, holders = _known(ledger, plans)
    while True:
        decided = _decisions(plans, known, holders, on_amendment, parts)
        left = {one.replaces.id: one.plan.transactions for one in decided if one.replaces is not None}
        holding = {
            transaction: [one for one in those if transaction in left.get(one.id, (transaction,))]
            for transaction, those in holders.items()
        }
        if holding == holders:
            return decided
        holders = holding


def _known(
    ledger: Ledger, plans: Sequence[ReportPlan]
) -> tuple[Mapping[tuple[str, str], Sequence[Posting]], Mapping[str, Sequence[Posting]]]:
    """The postings of these reports so far, and those of their expenses by transaction id."""
    known = ledger.of_reports(plan.report_id for plan in plans)
    return known, ledger.holders_of(transaction for plan in plans for transaction in plan.transactions)


def _decisions(
    plans: Sequence[ReportPlan],
    known: Mapping[tuple[str, str], Sequence[Posting]],
    holders: Mapping[str, Sequence[Posting]],
    on_amendment: OnAmendment,
    parts: Collection[str],
) -> list[Decision]:
    """For each plan, and for a part of which nothing is left: it has no plan, but may have a document."""
    duplicates = duplicate_transactions(plans, holders)
    return [
        decide(
            plan,
            known.get((plan.report_id, plan.part), ()),
            duplicates.get((plan.report_id, plan.part), ()),
            on_amendment,
        )
        for plan in chain(plans, plans_of_nothing(plans, known, parts))
    ]


def record(
    ledger: Ledger,
    period: str,
    plans: Sequence[ReportPlan],
    on_amendment: OnAmendment,
    parts: Collection[str] = PARTS,
) -> tuple[Posting, ...]:
    """Bring the ledger up to date with the plans; returns every posting of the period and of its reports.

    See `foreseen` for the arguments.
    """
    for decision in _decisions(plans, *_known(ledger, plans), on_amendment, parts):
        with _left_to_others():
            _record(ledger, period, decision)
    _record_vanished(ledger, period, plans)
    of_reports = ledger.of_reports(plan.report_id for plan in plans)
    _close_unplanned(ledger, chain.from_iterable(of_reports.values()), parts)
    postings = {one.id: one for revisions in of_reports.values() for one in revisions}
    postings |= {one.id: one for one in ledger.of_period(period)}
    return tuple(postings.values())


@contextmanager
def _left_to_others() -> Iterator[None]:
    try:
        yield
    except ClaimLost as lost:
        _log.info("Left to another run: %s", lost)


def _record(ledger: Ledger, period: str, decision: Decision) -> None:
    posting, plan, standing = decision.posting, decision.plan, decision.standing
    if standing is not None and standing.period != period:
        ledger.refile(standing, period)
    if decision.obsolete is not None:
        ledger.supersede(decision.obsolete, "The report is as it was posted again.")
    if decision.action == "skip" and posting is not None:
        if posting.approved_at != plan.approved_at and not posting.is_dismissed:
            ledger.note_reapproval(posting, plan, period)
    elif decision.action in ("create", "change", "review") or (
        decision.action == "nothing" and posting is not None
    ):
        ledger.record(decision, period)


def _close_unplanned(ledger: Ledger, postings: Iterable[Posting], parts: Collection[str]) -> None:
    """What was not sent of a part that mlc.yaml does not post any more is not sent, and waits for nobody."""
    for posting in postings:
        waits = posting.state in ("planned", "review") and posting.was_never_sent
        if waits and posting.part not in parts and posting.connection == ledger.actor.connection:
            with _left_to_others():
                ledger.supersede(posting, "mlc.yaml does not post this part of reports any more.")


def _record_vanished(ledger: Ledger, period: str, plans: Sequence[ReportPlan]) -> None:
    """What is filed under the period but not approved in it any more waits for a person."""
    present = {plan.report_id for plan in plans}
    absent = [one for one in ledger.of_period(period) if one.report_id not in present]
    revisions = ledger.of_reports(one.report_id for one in absent)
    for posting in absent:
        latest = _latest(revisions[(posting.report_id, posting.part)])
        if latest.id == posting.id and not posting.is_open and not posting.is_in_books:
            with _left_to_others():
                _keep_vanished(ledger, period, posting)


def _keep_vanished(ledger: Ledger, period: str, posting: Posting) -> None:
    problem = Problem(Reason.VANISHED, _VANISHED)
    if posting.state in ("planned", "review"):
        ledger.keep_back(posting, problem)
    elif posting.state == "posted":
        ledger.record(Decision("review", nothing_of(posting), posting.revision + 1, (problem,)), period)


def _latest(revisions: Sequence[Posting]) -> Posting:
    """The revision that counts: one that was closed because it did not matter any more does not."""
    counting = [one for one in revisions if one.state != "superseded" or one.is_dismissed]
    return (counting or revisions)[-1]
