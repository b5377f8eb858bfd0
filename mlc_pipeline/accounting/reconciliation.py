"""Reconciliation: what Expensify approved, what became of it, and what Zoho Books holds, to the cent.

For every report: approved = posted + in review + dismissed + not yet posted; what is left over is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlc_pipeline.accounting.money import format_money


@dataclass(frozen=True, slots=True)
class DocumentState:
    """One document of a report as it stands.

    `zoho_cents` is what Zoho Books holds under it: None when it never was there, or when nobody looked.
    """

    state: str
    total_cents: int
    zoho_cents: int | None = None


@dataclass(frozen=True, slots=True)
class ReportTotals:
    """One report of the period: Expensify's total and how it splits; `documents` are those it has."""

    report_id: str
    currency: str
    approved_cents: int
    company_paid_cents: int
    skipped_cents: int
    documents: tuple[DocumentState, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciledReport:
    """One row of the `reconciliation` asset; all in cents of `currency`."""

    report_id: str
    currency: str
    expensify_cents: int
    posted_cents: int
    in_review_cents: int
    dismissed_cents: int
    not_yet_posted_cents: int
    zoho_expected_cents: int
    zoho_cents: int
    difference_cents: int
    remark: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a period per currency. Balanced: no difference, and Zoho holds what it should."""

    balanced: bool
    expensify_total_cents: Mapping[str, int] = field(default_factory=dict)
    posted_total_cents: Mapping[str, int] = field(default_factory=dict)
    in_review_total_cents: Mapping[str, int] = field(default_factory=dict)
    dismissed_total_cents: Mapping[str, int] = field(default_factory=dict)
    not_yet_posted_total_cents: Mapping[str, int] = field(default_factory=dict)
    zoho_total_cents: Mapping[str, int] = field(default_factory=dict)
    difference_cents: Mapping[str, int] = field(default_factory=dict)


def reconcile(report: ReportTotals) -> ReconciledReport:
    """Split one report's approved total into what was posted, what waits and what is not posted yet."""
    posted = [document for document in report.documents if document.state == "posted"]
    posted_cents = sum(document.total_cents for document in posted)
    in_zoho = [document for document in report.documents if document.zoho_cents is not None]
    zoho_cents = sum(document.zoho_cents or 0 for document in in_zoho)
    zoho_expected_cents = sum(document.total_cents for document in in_zoho)
    states = {document.state for document in report.documents}
    aside = report.company_paid_cents + report.skipped_cents
    rest = report.approved_cents - posted_cents - aside
    in_review = rest if "review" in states else 0
    dismissed = rest - in_review if "dismissed" in states else 0
    return ReconciledReport(
        report_id=report.report_id,
        currency=report.currency,
        expensify_cents=report.approved_cents,
        posted_cents=posted_cents,
        in_review_cents=in_review,
        dismissed_cents=dismissed,
        not_yet_posted_cents=aside,
        zoho_expected_cents=zoho_expected_cents,
        zoho_cents=zoho_cents,
        difference_cents=rest - in_review - dismissed,
        remark=" ".join(_remarks(report, rest - in_review - dismissed, zoho_cents - zoho_expected_cents)),
    )


def totals(reports: Iterable[ReconciledReport]) -> Totals:
    """The sums per currency; a period without reports balances."""
    rows = tuple(reports)
    return Totals(
        balanced=all(row.difference_cents == 0 and row.zoho_cents == row.zoho_expected_cents for row in rows),
        expensify_total_cents=_sums((row.currency, row.expensify_cents) for row in rows),
        posted_total_cents=_sums((row.currency, row.posted_cents) for row in rows),
        in_review_total_cents=_sums((row.currency, row.in_review_cents) for row in rows),
        dismissed_total_cents=_sums((row.currency, row.dismissed_cents) for row in rows),
        not_yet_posted_total_cents=_sums((row.currency, row.not_yet_posted_cents) for row in rows),
        zoho_total_cents=_sums((row.currency, row.zoho_cents) for row in rows),
        difference_cents=_sums((row.currency, row.difference_cents) for row in rows),
    )


def _remarks(report: ReportTotals, difference: int, in_zoho: int) -> Iterable[str]:
    if difference:
        yield f"{format_money(difference, report.currency)} are neither posted nor waiting for a person."
    if in_zoho:
        more = "more" if in_zoho > 0 else "less"
        yield f"Zoho Books holds {format_money(abs(in_zoho), report.currency)} {more} than was posted."
    if report.company_paid_cents:
        yield f"{format_money(report.company_paid_cents, report.currency)} company-paid: not yet posted."


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for currency, cents in amounts:
        sums[currency] = sums.get(currency, 0) + cents
    return dict(sorted(sums.items()))
