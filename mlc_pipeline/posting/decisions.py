"""What is to be done with a report, given its plan and what the ledger knows; for the poster and the preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlc_pipeline.accounting.documents import Document, ReportPlan
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.effects import books_alike, day_before_lock, is_same_day
from mlc_pipeline.posting.postings import Posting

Action = Literal["create", "change", "skip", "settle", "review", "nothing"]
Amendment = Literal["update", "reverse_and_repost", "released"]
OnAmendment = Literal["review", "update", "reverse_and_repost"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one plan.

    `create` sends its document as `revision`; `change` does so in the place of the posting `replaces`; `review`
    keeps it back with `problems`; `skip` leaves a posted or dismissed one alone and closes `obsolete`, which waits
    for nothing any more; `settle` looks in Zoho Books for one whose outcome is unknown. `standing` is the revision
    that Zoho Books holds while a later one is handled. `amendment` says how a document takes the place of another;
    that of a review entry is `released` where a person wants it posted although the report was dismissed before.
    """

    action: Action
    plan: ReportPlan
    revision: int
    problems: tuple[Problem, ...] = ()
    posting: Posting | None = None
    replaces: Posting | None = None
    amendment: Amendment | None = None
    obsolete: Posting | None = None
    standing: Posting | None = None


def decide(
    plan: ReportPlan,
    revisions: Sequence[Posting],
    duplicates: Iterable[Problem] = (),
    on_amendment: OnAmendment = "review",
) -> Decision:
    """Decide on one plan; `revisions` are its postings so far, oldest first."""
    if not revisions:
        return _fresh(plan, 1, None, (*plan.problems, *duplicates))
    latest = revisions[-1]
    if latest.is_open or latest.is_in_books:
        return Decision("settle", plan, latest.revision, posting=latest)
    standing = next((one for one in reversed(revisions) if one.stands), None)
    dismissed = next((one for one in reversed(revisions) if one.is_dismissed), None)
    # What a person has left as it is answers for what was approved then, not for what had been before.
    is_outdated = standing is not None and standing.is_dismissed and standing is not dismissed
    if standing and not standing.is_being_voided and not is_outdated and _is_as_approved(standing, plan):
        obsolete = latest if latest.state in ("planned", "review") else None
        return Decision("skip", plan, standing.revision, posting=standing, obsolete=obsolete)
    if latest.is_dismissed and _is_as_approved(latest, plan):
        return Decision("skip", plan, latest.revision, posting=latest)
    revision = latest.revision if latest.was_never_sent else latest.revision + 1
    problems = (*plan.problems, *duplicates)
    if standing is None and dismissed is not None and plan.document is not None:
        return _after_dismissal(plan, revision, latest, dismissed, problems)
    if standing is None:
        return _fresh(plan, revision, latest, problems)
    both_bills = standing.kind == "bill" and plan.document is not None and plan.document.kind == "bill"
    changeable = standing.state == "posted" and both_bills
    if standing.is_being_voided:
        # Perhaps nothing stands any more: what was begun is finished, also when the report is as it was before.
        on_amendment = "reverse_and_repost"
    if on_amendment == "review" or problems or not changeable:
        amended = _amended(standing, plan, "" if not changeable else ", or set posting.on_amendment")
        return Decision("review", plan, revision, (amended, *problems), latest, standing=standing)
    return Decision(
        "change", plan, revision, posting=latest, replaces=standing, amendment=on_amendment, standing=standing
    )


def _is_as_approved(posting: Posting, plan: ReportPlan) -> bool:
    """Whether nothing that matters to the books was changed since.

    Some content changes without reaching them: a report field that stands for nothing, or the GL code of a
    category, which Expensify exports as it is today.
    """
    if plan.is_of(posting.content_hash):
        return True
    before, after = posting.document, plan.document
    return before is not None and after is not None and not plan.problems and books_alike(posting, before, after)


def _after_dismissal(
    plan: ReportPlan, revision: int, latest: Posting, dismissed: Posting, problems: tuple[Problem, ...]
) -> Decision:
    """What a person has closed may be in the books by hand, so only a person can say that it is to be posted."""
    if latest.amendment != "released" or not plan.is_of(latest.content_hash):
        return _fresh(plan, revision, latest, (_changed_after_dismissal(dismissed, plan), *problems))
    if problems:
        return Decision("review", plan, revision, problems, latest, amendment="released")
    return _fresh(plan, revision, latest, ())


def _fresh(plan: ReportPlan, revision: int, latest: Posting | None, problems: tuple[Problem, ...]) -> Decision:
    if problems:
        return Decision("review", plan, revision, problems, latest)
    return Decision("create" if plan.document else "nothing", plan, revision, posting=latest)


def duplicate_transactions(
    plans: Sequence[ReportPlan], holders: Mapping[str, Sequence[Posting]]
) -> dict[tuple[str, str], list[Problem]]:
    """Expenses that stand in two plans, by (report id, part): in two of these, or in one that was sent before.

    Args:
        plans: the plans of a period.
        holders: postings that were or may have been sent, by transaction id.
    """
    within = Counter(transaction for plan in plans for transaction in plan.transactions)
    problems: dict[tuple[str, str], list[Problem]] = {}
    for plan in plans:
        for transaction in plan.transactions:
            others = [one for one in holders.get(transaction, ()) if _other(one, plan)]
            if others or within[transaction] > 1:
                text = _duplicate(f"Expense {transaction}", plan, others)
                problem = Problem(Reason.DUPLICATE_TRANSACTION, text)
                problems.setdefault((plan.report_id, plan.part), []).append(problem)
    return problems


def _duplicate(expense: str, plan: ReportPlan, others: Sequence[Posting]) -> str:
    numbers = ", ".join(sorted({one.number or one.report_id for one in others}))
    if any(one.is_open for one in others):
        return (
            f"{expense} may have been posted with {numbers}. The next run looks in Zoho Books, and goes on with "
            "this report if it is not there."
        )
    if others and all(one.report_id == plan.report_id for one in others):
        return (
            f"{expense} was posted before with {numbers}, and since then it was changed who paid it. Correct both "
            "by hand in Zoho Books and dismiss the entries of the report."
        )
    mend = "Take it out of one of the reports in Expensify, or dismiss this entry with the reason."
    if not others:
        return f"{expense} is in more than one report of this period. {mend}"
    return (
        f"{expense} was posted before with {numbers}. {mend} Where it has moved to this one, correct {numbers} in "
        "Zoho Books and dismiss what waits of it: then this one goes on."
    )


def _other(posting: Posting, plan: ReportPlan) -> bool:
    return (posting.report_id, posting.part) != (plan.report_id, plan.part)


def _changed_after_dismissal(dismissed: Posting, plan: ReportPlan) -> Problem:
    return Problem(
        Reason.CHANGED_AFTER_DISMISSAL,
        f"The report was dismissed before, and approved again since: {_then_and_now(dismissed, plan)}. "
        f"{dismissed.reason}. If it is in the books by hand, correct it there and dismiss this entry; if it is "
        "not, post it with `mlc review retry`.",
    )


def _then_and_now(before: Posting, plan: ReportPlan) -> str:
    then = format_money(before.total_cents, before.currency or "")
    return f"{then} then, {format_money(plan.total_cents, plan.currency)} now"


def _amended(posted: Posting, plan: ReportPlan, otherwise: str) -> Problem:
    if posted.is_dismissed:
        return Problem(
            Reason.AMENDED_AFTER_POSTING,
            f"{posted.number} was left as it stands in Zoho Books, and the report was approved again since: "
            f"{_then_and_now(posted, plan)}. {posted.reason}. See that Zoho Books holds what is approved now, "
            "then dismiss this entry.",
        )
    changes = f" ({_told(posted.document, plan.document)})" if plan.document else ""
    mend = f"Correct {posted.number} in Zoho Books and dismiss this entry{otherwise}."
    if posted.is_being_voided:
        mend = (
            f"{posted.number} was being made void and nothing has taken its place yet: that is done as soon as "
            "the report can be posted as a bill. Or see to it in Zoho Books and dismiss this entry."
        )
    return Problem(
        Reason.AMENDED_AFTER_POSTING,
        f"The report was changed and approved again after {posted.number} was posted: "
        f"{_then_and_now(posted, plan)}{changes}. {mend}",
    )


def _told(before: Document | None, after: Document) -> str:
    return "; ".join(_changes(before, after)) or "its expenses were coded anew"


def _changes(before: Document | None, after: Document) -> Iterator[str]:
    yield from _line_changes(before, after)
    if before and not is_same_day(before, after):
        yield f"its last expense: {day_before_lock(before)} -> {day_before_lock(after)}"


def _line_changes(before: Document | None, after: Document) -> Iterator[str]:
    """Line by line, what is different: `6640 Meals: 12.00 EUR -> 15.00 EUR`."""
    then, now = _by_account(before), _by_account(after)
    currencies = (before or after).currency, after.currency
    for account in sorted(then.keys() | now.keys()):
        was, is_now = (
            format_money(cents.get(account, 0), currency)
            for cents, currency in zip((then, now), currencies, strict=True)
        )
        if was != is_now:
            yield f"{account}: {was} -> {is_now}"


def _by_account(document: Document | None) -> dict[str, int]:
    sums: Counter[str] = Counter()
    sign = -1 if document and document.kind == "vendor_credit" else 1
    for line in document.lines if document else ():
        sums[f"{line.account_code} {line.account_name}".strip()] += sign * line.amount_cents
    return dict(sums)
