"""What a decision means for the ledger: the values of its row, and what the audit trail keeps of the intent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import first_code, sentence
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.postings import Posting


def values_of(decision: Decision, period: str, actor: Actor) -> dict[str, Any]:
    """The columns of the posting that a decision files."""
    plan, problems = decision.plan, decision.problems
    document = plan.document.numbered(decision.revision) if plan.document else None
    return {
        "connection": actor.connection,
        "period": period,
        "state": "review" if problems else "planned" if document else "superseded",
        "content_hash": plan.content_hash,
        "approved_at": plan.approved_at,
        "kind": document.kind if document else None,
        "number": document.number if document else None,
        "currency": plan.currency,
        "total_cents": plan.total_cents,
        "document": document.to_json() if document else None,
        "vendor_id": document.vendor_id if document else None,
        "reason_code": first_code(problems),
        "reason": sentence(problems) or None,
        "run_id": actor.run_id,
        "replaces_id": decision.replaces.id if decision.replaces else None,
        "amendment": decision.amendment,
        "mapping_version": plan.mapping_version,
    }


def is_no_news(posting: Posting, values: Mapping[str, Any]) -> bool:
    """Whether the posting says all that already: a new run, or version of a mapping, alone changes nothing."""
    told = {name: value for name, value in values.items() if name not in ("run_id", "mapping_version", "document")}
    before = posting.document.to_json() if posting.document else None
    return before == values["document"] and all(getattr(posting, name) == value for name, value in told.items())


def intent(posting: Posting, decision: Decision) -> dict[str, Any]:
    """All that an auditor needs to know of what is meant to be posted."""
    return {
        **approved_content(decision.plan),
        "number": posting.number,
        "amendment": posting.amendment,
        "reason_code": posting.reason_code,
        "reason": posting.reason,
        "document": json.loads(posting.document.to_json()) if posting.document else None,
    }


def approved_content(plan: ReportPlan) -> dict[str, Any]:
    """All that an auditor needs to know of what was approved."""
    return {
        "content_hash": plan.content_hash,
        "approved_at": plan.approved_at,
        "approver": plan.approver,
        "currency": plan.currency,
        "total_cents": plan.total_cents,
        "mapping_version": plan.mapping_version,
        "transactions": dict(plan.transactions),
    }
