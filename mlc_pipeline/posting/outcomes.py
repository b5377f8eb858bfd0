"""How the postings of a period are told to people: rows of the `zoho_bills` asset, `mlc run` and `mlc preview`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.money import to_cents
from mlc_pipeline.posting.journals import debit_total
from mlc_pipeline.posting.postings import Posting

_TOLD = {
    "posted": "posted",
    "review": "review",
    "sending": "unknown",
    "unknown": "unknown",
    "planned": "failed",
    "superseded": "nothing_to_post",
}

COMES_TO_NOTHING = "Its expenses come to zero, or it has none."
"""Why nothing of a report is to be posted, unless it was configured so."""

_UNTOLD = {
    "planned": "Not sent: the run stopped before it. Run the period again.",
    "sending": "Being sent by another run, or cut off while it was sent: run the period again.",
}


def document_rows(
    postings: Iterable[Posting], nothing: Iterable[ReportPlan], left_out: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """One row for every document, every report that waits without one, and every one with nothing to post.

    `nothing` are the plans of the last; `left_out` says by report what is not posted of it, as it was configured,
    and why.
    """
    for posting in sorted(postings, key=lambda one: (one.report_id, one.part, one.revision)):
        yield {
            "report_id": posting.report_id,
            "part": posting.part,
            "revision": posting.revision,
            "kind": posting.kind,
            "state": _TOLD[posting.state],
            "number": posting.number,
            "zoho_id": posting.zoho_id,
            "date": posting.document.date.isoformat() if posting.document else None,
            "currency": posting.currency,
            "total_cents": posting.total_cents,
            "shown_total_cents": _shown_total(posting),
            "reason_code": posting.reason_code,
            "reason": posting.reason or _UNTOLD.get(posting.state),
            "run_id": posting.run_id,
        }
    for plan in nothing:
        yield {
            "report_id": plan.report_id,
            "part": plan.part,
            "revision": 1,
            "state": "nothing_to_post",
            "currency": plan.currency,
            "total_cents": plan.total_cents,
            "reason": (left_out or {}).get(plan.report_id, COMES_TO_NOTHING),
        }


def with_nothing_to_post(postings: Iterable[Posting], plans: Iterable[ReportPlan]) -> Iterator[ReportPlan]:
    """The plans of the reports of which nothing is to be posted, nor ever was, nor waits."""
    told = {posting.report_id for posting in postings}
    for plan in plans:
        if plan.report_id not in told and plan.document is None and not plan.problems:
            yield plan


def _shown_total(posting: Posting) -> int:
    document = posting.document
    if document is None:
        return posting.total_cents
    return to_cents(debit_total(document)) if document.kind == "journal" else document.total_cents


def counts(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many documents stand in each state."""
    found: dict[str, int] = {}
    for row in rows:
        found[row["state"]] = found.get(row["state"], 0) + 1
    return dict(sorted(found.items()))
