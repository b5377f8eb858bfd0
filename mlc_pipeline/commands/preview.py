"""`mlc preview`: what a period would post, worked out from both systems and the ledger; nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.problems import Reason, first_code, sentence
from mlc_pipeline.commands.preview_documents import Names, changes, told
from mlc_pipeline.commands.review import ways_out
from mlc_pipeline.config import Connection
from mlc_pipeline.periods import ApprovalPeriod
from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.books import folded
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.journals import Journals
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.recording import foreseen
from mlc_pipeline.posting.unchangeable import held_back
from mlc_pipeline.posting.vendor_credits import VendorCredits
from mlc_pipeline.resources import Database, ExpensifyAccess, PostingAccess, ZohoAccess
from mlc_pipeline.steps.category_mappings import resolve
from mlc_pipeline.steps.expensify_categories import read_categories
from mlc_pipeline.steps.expensify_reports import read_reports
from mlc_pipeline.steps.planning import plan_now, planned_parts, with_doubts
from mlc_pipeline.steps.reference import read_reference
from mlc_pipeline.steps.zoho_organization import organization_of, with_locks
from mlc_pipeline.zoho.client import ZohoBooksClient


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to every report of the period; `warnings` are what a person should look at before."""

    connection: str
    period: str
    documents: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "connection": self.connection,
            "period": self.period,
            "warnings": list(self.warnings),
            "documents": list(self.documents),
        }


def preview_period(database: Database, connection: Connection, period: ApprovalPeriod) -> Preview:
    """Read both systems and decide about every report, without writing anywhere."""
    with ExpensifyAccess(database).client(connection) as expensify:
        reports = read_reports(connection, expensify, period)
        categories = read_categories(connection, expensify)
    with closing(ZohoAccess(database)) as access:
        zoho = access.client(connection)
        reference = read_reference(connection, categories, zoho)
        mappings = resolve(connection, reports, reference)
        organization = organization_of(reference.organization, reference.dimensions)
        organization = with_doubts(connection, reports, organization, reference.currencies)
        plans = plan_now(connection, period, reports, mappings, organization, zoho, reference.currencies)
        ledger = PostingAccess(database).ledger(connection, zoho.organization().organization_id, "preview", None)
        decided = foreseen(ledger, plans, connection.posting.on_amendment, planned_parts(connection))
        decided = _as_they_would_end(decided, organization, zoho)
        documents = [
            one.plan.document.numbered(one.revision)
            for one in decided
            if one.action == "create" and one.plan.document
        ]
        shown = _Shown(organization, Names.of(reference), _held(zoho, ledger, documents))
    return Preview(
        connection.name, period.key, tuple(map(shown.entry, decided)), tuple(map(str, organization.doubtful_rates))
    )


def _as_they_would_end(
    decided: Sequence[Decision], organization: Organization, zoho: ZohoBooksClient
) -> list[Decision]:
    """The decisions, without changes of which it is known that the run would keep them back."""
    if not any(one.action == "change" for one in decided):
        return list(decided)
    bills, locked_until = Bills(zoho), with_locks(organization, zoho).bills_locked_until
    return [held_back(one, bills, locked_until) for one in decided]


def _held(zoho: ZohoBooksClient, ledger: Ledger, documents: Sequence[Document]) -> set[tuple[str, str]]:
    """The (kind, number) of those documents that Zoho Books has already."""
    held: set[tuple[str, str]] = set()
    for kind, books in (
        ("bill", Bills(zoho)),
        ("vendor_credit", VendorCredits(zoho)),
        ("journal", Journals(zoho)),
    ):
        of_kind = [document for document in documents if document.kind == kind]
        listed = (books.listed(of_kind) if of_kind else None) or {}
        alike = [one for one in of_kind if folded(one.number) in listed]
        held |= {(kind, one.number) for one in alike if not ledger.twins_of(one)}
    return held


@dataclass(frozen=True, slots=True)
class _Shown:
    """How decisions are told: for which organization, under which names, and what Zoho Books has already."""

    organization: Organization
    names: Names
    held: Collection[tuple[str, str]]

    def entry(self, decision: Decision) -> dict[str, Any]:
        """One entry of the preview."""
        plan, posting = decision.plan, decision.posting
        document = plan.document.numbered(decision.revision) if plan.document else None
        action, reason = _action(decision, document, self.held)
        return {
            "report_id": plan.report_id,
            "part": plan.part,
            "revision": decision.revision,
            "action": action,
            "kind": document.kind if document else posting.kind if posting else None,
            "number": _number(decision, document),
            "currency": plan.currency,
            "total_cents": plan.total_cents,
            "reason": reason,
            "reason_code": first_code(decision.problems),
            "problems": _problems(decision) if action == "review" else [],
            "ways_out": ways_out(posting) if posting is not None and action == "review" else [],
            "document": self._document(document) if document and action in ("create", "change") else None,
            "changes": self._changes(decision) if action in ("change", "review") else [],
        }

    def _document(self, document: Document) -> dict[str, Any]:
        return told(document, self.organization, self.names)

    def _changes(self, decision: Decision) -> list[dict[str, Any]]:
        """What is different from what stands in Zoho Books, also where a person is asked about it."""
        standing = decision.replaces or decision.standing
        before, after = standing.document if standing else None, decision.plan.document
        if before is None or after is None or before.kind != after.kind:
            return []
        return changes(before, after, self.names)


def _number(decision: Decision, document: Document | None) -> str | None:
    """That of what is left alone, which a person may have given another revision's content, or the one to come."""
    posting = decision.posting
    if posting is not None and (document is None or (decision.action == "skip" and posting.number)):
        return posting.number
    return document.number if document else None


def _problems(decision: Decision) -> list[dict[str, str]]:
    posting = decision.posting
    if not decision.problems and posting is not None:
        return [{"code": posting.reason_code or "", "message": posting.reason or ""}]
    return [{"code": problem.code, "message": problem.message} for problem in decision.problems]


def _action(
    decision: Decision, document: Document | None, held: Collection[tuple[str, str]]
) -> tuple[str, str | None]:
    posting = decision.posting
    if decision.action == "review":
        return "review", sentence(decision.problems)
    if decision.action == "skip" and posting is not None:
        return "skip", posting.reason if posting.is_dismissed else f"Posted before as {posting.number}."
    if decision.action == "settle" and posting is not None:
        return (
            "review" if posting.state == "review" else "skip",
            posting.reason or "Its outcome is looked up first.",
        )
    if decision.action == "change" and decision.replaces is not None:
        return "change", _with_past(f"{decision.replaces.number} ({decision.amendment}).", posting)
    if decision.action == "nothing":
        return "skip", "Nothing to post."
    if document is not None and (document.kind, document.number) in held:
        return "skip", f"Zoho Books has {document.number} already: it is compared and adopted."
    return "create", _with_past("", posting) or None


_BEFORE_SENDING = {
    Reason.AMENDED_AFTER_POSTING,
    Reason.CHANGED_AFTER_DISMISSAL,
    Reason.DUPLICATE_TRANSACTION,
    Reason.VANISHED,
}


def _with_past(text: str, posting: Posting | None) -> str:
    """The text, and why an earlier run could not post what is sent again now."""
    if posting is None or posting.state != "review" or posting.document is None:
        return text
    if posting.reason_code in _BEFORE_SENDING:
        return text
    return f"{text} It waits since an earlier run, and the next one tries again: {posting.reason}".strip()
