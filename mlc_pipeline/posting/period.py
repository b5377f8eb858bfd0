"""One period: its plans are recorded and brought to their end, also what changed while an answer was lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mlc_pipeline.accounting.documents import PARTS, ReportPlan
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.progress import Progress
from mlc_pipeline.posting.recording import record


def post_period(
    ledger: Ledger,
    poster: Poster,
    period: str,
    plans: Sequence[ReportPlan],
    on_amendment: OnAmendment,
    parts: Collection[str] = PARTS,
) -> tuple[tuple[Posting, ...], Progress]:
    """Post what is approved in the period; returns its postings as they stand then, and what came of posting.

    The plans are recorded and posted once more where that decides about others. A document whose outcome is
    unknown and whose report was changed meanwhile is not sent again: then it is known whether Zoho Books has it.
    And a bill that was changed has let go of the expenses that moved to another report.

    `parts` are those that are planned at all.
    """
    known: frozenset[int] = frozenset()
    progress = Progress(writes=0, failure=None)
    while True:
        postings = record(ledger, period, plans, on_amendment, parts)
        outdated = _outdated(postings, plans)
        progress = progress.then(poster.post(postings, outdated))
        now = tuple(ledger.get(one.id) for one in postings)
        if progress.failure is not None or not (outdated - known or _lets_others_go_on(postings, now)):
            return now, progress
        known |= outdated


def _lets_others_go_on(before: Sequence[Posting], after: Sequence[Posting]) -> bool:
    """Whether a bill was changed, also by hand, while another report waits, perhaps for one of its expenses."""
    changed = any(
        now.amendment and one.state in ("planned", "superseded") and now.state == "posted"
        for one, now in zip(before, after, strict=True)
    )
    return changed and any(one.state == "review" and one.was_never_sent for one in after)


def _outdated(postings: Sequence[Posting], plans: Sequence[ReportPlan]) -> frozenset[int]:
    """The ids of those that were or would be sent with a content that their report does not have any more."""
    approved = {(plan.report_id, str(plan.part)): plan for plan in plans}
    waiting = (one for one in postings if one.is_open or one.state == "planned")
    return frozenset(one.id for one in waiting if not _is_still(one, approved))


def _is_still(posting: Posting, approved: Mapping[tuple[str, str], ReportPlan]) -> bool:
    plan = approved.get((posting.report_id, posting.part))
    return plan is not None and plan.is_of(posting.content_hash)
