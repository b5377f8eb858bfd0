"""`mlc preview`: what a period would post, worked out from both systems and the ledger; nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.accounting.problems import first_code, sentence
from mlc_pipeline.assets.category_mappings import resolve
from mlc_pipeline.assets.expensify_categories import read_categories
from mlc_pipeline.assets.expensify_reports import read_reports
from mlc_pipeline.assets.reference import read_reference
from mlc_pipeline.assets.zoho_bills import plan_now
from mlc_pipeline.assets.zoho_organization import organization_of
from mlc_pipeline.config import Connection
from mlc_pipeline.periods import ApprovalPeriod
from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.books import folded
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.journals import Journals
from mlc_pipeline.posting.recording import decisions
from mlc_pipeline.posting.vendor_credits import VendorCredits
from mlc_pipeline.resources import Database, ExpensifyAccess, PostingAccess, ZohoAccess
from mlc_pipeline.zoho.client import ZohoBooksClient


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to every report of the period."""

    connection: str
    period: str
    documents: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"connection": self.connection, "period": self.period, "documents": list(self.documents)}


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
        plans = plan_now(connection, period, reports, mappings, organization, zoho, reference.currencies)
        ledger = PostingAccess(database).ledger(connection, zoho.organization().organization_id, "preview", None)
        decided = decisions(ledger, plans, connection.posting.on_amendment)
        documents = [one.plan.document for one in decided if one.action == "create" and one.plan.document]
        held = _held(zoho, documents)
    return Preview(connection.name, period.key, tuple(_told(one, held) for one in decided))


def _held(zoho: ZohoBooksClient, documents: Sequence[Document]) -> set[tuple[str, str]]:
    """The (kind, folded number) of those documents that Zoho Books has already."""
    held: set[tuple[str, str]] = set()
    for kind, books in (
        ("bill", Bills(zoho)),
        ("vendor_credit", VendorCredits(zoho)),
        ("journal", Journals(zoho)),
    ):
        of_kind = [document for document in documents if document.kind == kind]
        listed = books.listed(of_kind) if of_kind else None
        held |= {(kind, number) for number in listed or ()}
    return held


def _told(decision: Decision, held: Collection[tuple[str, str]]) -> dict[str, Any]:
    plan, posting = decision.plan, decision.posting
    document = plan.document.numbered(decision.revision) if plan.document else None
    action, reason = _action(decision, document, held)
    return {
        "report_id": plan.report_id,
        "part": plan.part,
        "revision": decision.revision,
        "action": action,
        "kind": document.kind if document else posting.kind if posting else None,
        "number": document.number if document else posting.number if posting else None,
        "currency": plan.currency,
        "total_cents": plan.total_cents,
        "reason": reason,
        "reason_code": first_code(decision.problems),
        "document": _shown(document) if document and action in ("create", "change") else None,
    }


def _action(
    decision: Decision, document: Document | None, held: Collection[tuple[str, str]]
) -> tuple[str, str | None]:
    posting = decision.posting
    if decision.action == "review":
        return "review", sentence(decision.problems)
    if decision.action == "skip" and posting is not None:
        return "skip", f"Posted before as {posting.number}." if posting.zoho_id else "Dismissed."
    if decision.action == "settle" and posting is not None:
        return (
            "review" if posting.state == "review" else "skip",
            posting.reason or "Its outcome is looked up first.",
        )
    if decision.action == "change" and decision.replaces is not None:
        return "change", f"{decision.replaces.number} ({decision.amendment})."
    if decision.action == "nothing":
        return "skip", "Nothing to post."
    if document is not None and (document.kind, folded(document.number)) in held:
        return "skip", f"Zoho Books has {document.number} already: it is compared and adopted."
    return "create", None


def _shown(document: Document) -> dict[str, Any]:
    is_owed = document.kind != "journal"
    return {
        "date": document.date.isoformat(),
        "original_date": document.original_date or None,
        "vendor_id": document.vendor_id or None,
        "vendor": document.vendor_name if is_owed else None,
        "creates_vendor": is_owed and not document.vendor_id,
        "exchange_rate": document.exchange_rate or None,
        "base_total_cents": document.base_total_cents,
        "notes": document.notes,
        "lines": [_line(line) for line in document.lines],
        "offsets": [_line(line) for line in document.offsets],
    }


def _line(line: DocumentLine) -> dict[str, Any]:
    return {
        "account_id": line.account_id,
        "account_code": line.account_code,
        "account": line.account_name,
        "amount_cents": line.amount_cents,
        "description": line.description,
        "tags": [{"tag_id": tag_id, "tag_option_id": option_id} for tag_id, option_id in line.tags],
        "project_id": line.project_id or None,
        "customer_id": line.customer_id or None,
        "is_billable": line.is_billable,
        "location_id": line.location_id or None,
        "tax_id": line.tax_id or None,
        "tax_cents": line.tax_cents,
    }
