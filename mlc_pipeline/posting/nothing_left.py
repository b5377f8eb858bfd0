"""Plans of what is not there any more: of a vanished report, or of a part of which a report has nothing left."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.posting.postings import Posting

NOTHING_LEFT = hashlib.sha256(b"nothing left").hexdigest()
"""The content hash of a part without expenses that its report once had."""


def plans_of_nothing(
    plans: Sequence[ReportPlan], known: Mapping[tuple[str, str], Sequence[Posting]], parts: Collection[str]
) -> Iterator[ReportPlan]:
    """A plan for each part that has postings which matter, but no plan although its report has one.

    Args:
        plans: those of the reports.
        known: the postings of the reports, by report id and part.
        parts: the parts that are planned; of others it is not known whether anything is left.
    """
    planned = {(plan.report_id, str(plan.part)) for plan in plans}
    of_reports = {plan.report_id: plan for plan in plans}
    for (report_id, part), revisions in known.items():
        if part in parts and (report_id, part) not in planned and any(map(_matters, revisions)):
            report, latest = of_reports[report_id], revisions[-1]
            yield replace(
                nothing_of(latest),
                content_hash=NOTHING_LEFT,
                approved_at=report.approved_at,
                approver=report.approver,
                mapping_version=report.mapping_version,
            )


def nothing_of(posting: Posting) -> ReportPlan:
    """The plan of a report of which nothing is left in the period."""
    return ReportPlan(
        report_id=posting.report_id,
        part="reimbursable" if posting.part == "reimbursable" else "company_paid",
        currency=posting.currency or "",
        total_cents=0,
        content_hash="",
        transactions={},
        approved_at="",
        approver="",
        mapping_version="",
    )


def _matters(posting: Posting) -> bool:
    """Whether Zoho Books has, may have or would get a document of it, or a person is asked about it."""
    return posting.stands or posting.is_open or posting.state in ("planned", "review")
