"""One period: its plans are recorded and brought to their end, also what changed while an answer was lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from mlc_pipeline.accounting.documents import PARTS, ReportPlan
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.poster import Poster, Progress
from mlc_pipeline.posting.postings import Posting
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

    A document whose outcome is unknown and whose report was changed meanwhile is not sent again: once it is known
    whether Zoho Books has it, the plans are recorded a second time. `parts` are those that are planned at all.
    """
    postings = record(ledger, period, plans, on_amendment, parts)
    outdated = _outdated(postings, plans)
    progress = poster.post(postings, outdated)
    if outdated and progress.failure is None:
        postings = record(ledger, period, plans, on_amendment, parts)
        again = poster.post(postings, _outdated(postings, plans))
        refused = progress.refused | again.refused
        progress = replace(again, writes=progress.writes + again.writes, refused=refused)
    return tuple(ledger.get(one.id) for one in postings), progress


def _outdated(postings: Sequence[Posting], plans: Sequence[ReportPlan]) -> frozenset[int]:
    """The ids of those that were or would be sent with a content that their report does not have any more."""
    approved = {(plan.report_id, str(plan.part)): plan for plan in plans}
    waiting = (one for one in postings if one.is_open or one.state == "planned")
    return frozenset(one.id for one in waiting if not _is_still(one, approved))


def _is_still(posting: Posting, approved: Mapping[tuple[str, str], ReportPlan]) -> bool:
    plan = approved.get((posting.report_id, posting.part))
    return plan is not None and plan.is_of(posting.content_hash)
