"""What is to be done with a report, given its plan and what the ledger knows; for the poster and the preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.ledger import Posting, dismissed, is_in_books

Action = Literal["create", "skip", "settle", "review", "nothing"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one plan.

    `create` sends its document as `revision`; `review` keeps it back with `problems`; `skip` leaves a posted or
    dismissed one alone; `settle` looks in Zoho Books for one whose outcome is unknown.
    """

    action: Action
    plan: ReportPlan
    revision: int
    problems: tuple[Problem, ...] = ()
    posting: Posting | None = None


def decide(plan: ReportPlan, revisions: Sequence[Posting], duplicates: Iterable[Problem] = ()) -> Decision:
    """Decide on one plan; `revisions` are its postings so far, oldest first."""
    latest = revisions[-1] if revisions else None
    posted = next((one for one in reversed(revisions) if one.state == "posted"), None)
    if latest is not None and (latest.state in ("sending", "unknown") or is_in_books(latest)):
        return Decision("settle", plan, latest.revision, posting=latest)
    closed = latest is not None and (latest.state == "posted" or dismissed(latest))
    if latest is not None and closed and latest.content_hash == plan.content_hash:
        return Decision("skip", plan, latest.revision, posting=latest)
    revision = 1 if latest is None else latest.revision + 1 if closed else latest.revision
    problems = (*plan.problems, *_amended(posted, plan), *duplicates)
    if problems:
        return Decision("review", plan, revision, problems, latest)
    if plan.document is None:
        return Decision("nothing", plan, revision, posting=latest)
    return Decision("create", plan, revision, posting=latest)


def duplicate_transactions(
    plans: Sequence[ReportPlan], holders: Mapping[str, Sequence[Posting]]
) -> dict[str, list[Problem]]:
    """Expenses that stand in two reports, by report id: in two of these, or in one that was sent before.

    Args:
        plans: the plans of a period.
        holders: postings that were or may have been sent, by transaction id.
    """
    within = Counter(transaction for plan in plans for transaction in plan.transactions)
    problems: dict[str, list[Problem]] = {}
    for plan in plans:
        for transaction in plan.transactions:
            others = {one.number or one.report_id for one in holders.get(transaction, ()) if _other(one, plan)}
            if others:
                text = f"Expense {transaction} was posted before with {', '.join(sorted(others))}."
            elif within[transaction] > 1:
                text = f"Expense {transaction} is in more than one report of this period."
            else:
                continue
            mend = "Take it out of one of the reports in Expensify, or dismiss this entry with the reason."
            problem = Problem(Reason.DUPLICATE_TRANSACTION, f"{text} {mend}")
            problems.setdefault(plan.report_id, []).append(problem)
    return problems


def _other(posting: Posting, plan: ReportPlan) -> bool:
    return posting.report_id != plan.report_id


def _amended(posted: Posting | None, plan: ReportPlan) -> tuple[Problem, ...]:
    if posted is None or posted.content_hash == plan.content_hash:
        return ()
    before = format_money(posted.total_cents, posted.currency or "")
    after = format_money(plan.total_cents, plan.currency)
    return (
        Problem(
            Reason.AMENDED_AFTER_POSTING,
            f"The report was changed and approved again after {posted.number} was posted: {before} then, {after} "
            f"now. Correct {posted.number} in Zoho Books and dismiss this entry with the reason.",
        ),
    )
