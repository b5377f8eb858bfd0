"""Reconciliation: what Expensify approved, what became of it, and what Zoho Books holds, to the cent.

For every report: approved = posted + in review + dismissed + not yet posted; what is left over is a difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.money import format_money


@dataclass(frozen=True, slots=True)
class DocumentState:
    """One document of a report as it stands; the cents of a vendor credit are negative.

    `zoho_cents` is what Zoho Books holds under it: None when it never was there, or when nobody looked. `copies`
    are the numbers and ids of what counts there with it although we have not posted it, or not to stay. An empty
    `currency` is the report's.
    """

    state: str
    total_cents: int
    zoho_cents: int | None = None
    copies: tuple[str, ...] = ()
    currency: str = ""

    @property
    def counts(self) -> bool:
        """Whether cents of it are posted, or in Zoho Books."""
        return self.state == "posted" or self.zoho_cents is not None

    def within(self, currency: str, of_report: str) -> DocumentState:
        """What it is to the amounts in one currency: where it has another, its state and no cents."""
        return self if (self.currency or of_report) == currency else DocumentState(self.state, 0)


@dataclass(frozen=True, slots=True)
class PartTotals:
    """What the employee, or the company, paid of a report, and its documents; `is_wanted`: it is to be posted."""

    part: Part
    approved_cents: int
    is_wanted: bool
    documents: tuple[DocumentState, ...] = ()

    def within(self, currency: str, of_report: str) -> PartTotals:
        """What it is to the amounts in one currency; approved is what it has in the report's."""
        documents = tuple(document.within(currency, of_report) for document in self.documents)
        return replace(
            self, approved_cents=self.approved_cents if currency == of_report else 0, documents=documents
        )


@dataclass(frozen=True, slots=True)
class ReportTotals:
    """One report of the period: Expensify's own total, and its parts."""

    report_id: str
    currency: str
    approved_cents: int
    parts: tuple[PartTotals, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciledReport:
    """One row of the `reconciliation` asset: a report in one currency; all in cents of it."""

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

    @property
    def is_off(self) -> bool:
        """Whether it keeps its period from balancing; the remark says why."""
        return self.difference_cents != 0 or self.zoho_cents != self.zoho_expected_cents


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


def in_each_currency(report: ReportTotals) -> Iterator[ReportTotals]:
    """The report in its own currency, then in each other one that it was posted in and is not approved in now.

    Whatever of a part waits, or was dismissed, answers for both: for what is approved now and for what is not.
    """
    own = report.currency
    others = {one.currency for part in report.parts for one in part.documents if one.counts} - {own, ""}
    for currency in (own, *sorted(others)):
        parts = tuple(part.within(currency, own) for part in report.parts)
        yield ReportTotals(report.report_id, currency, report.approved_cents if currency == own else 0, parts)


def reconcile(report: ReportTotals) -> ReconciledReport:
    """Split what was approved of a report, in one currency, into what was posted, waits and is not posted yet.

    Each part is split by itself: one that waits does not answer for one that is lost.
    """
    parts = [_split(part) for part in report.parts]
    states = {state for part in report.parts for state in _states(part)}
    # Where its expenses are not its total the whole report waits, and the rest with it.
    in_no_expense = report.approved_cents - sum(part.approved_cents for part in report.parts)
    rest = _rest(in_no_expense, states)
    total = _Split(*(sum(cents) for cents in zip(rest, *parts, strict=True)))
    in_zoho = [one for part in report.parts for one in part.documents if one.zoho_cents is not None]
    zoho_cents = sum(document.zoho_cents or 0 for document in in_zoho)
    zoho_expected_cents = sum(document.total_cents for document in in_zoho)
    copies = [copy for document in in_zoho for copy in document.copies]
    company_paid = sum(
        split.not_yet_posted
        for part, split in zip(report.parts, parts, strict=True)
        if part.part == "company_paid"
    )
    more_in_zoho = zoho_cents - zoho_expected_cents
    remarks = _remarks(report.currency, total.difference, more_in_zoho, in_no_expense, company_paid, copies)
    return ReconciledReport(
        report_id=report.report_id,
        currency=report.currency,
        expensify_cents=report.approved_cents,
        posted_cents=total.posted,
        in_review_cents=total.in_review,
        dismissed_cents=total.dismissed,
        not_yet_posted_cents=total.not_yet_posted,
        zoho_expected_cents=zoho_expected_cents,
        zoho_cents=zoho_cents,
        difference_cents=total.difference,
        remark=" ".join(remarks),
    )


def totals(reports: Iterable[ReconciledReport]) -> Totals:
    """The sums per currency; a period without reports balances."""
    rows = tuple(reports)
    return Totals(
        balanced=not any(row.is_off for row in rows),
        expensify_total_cents=_sums((row.currency, row.expensify_cents) for row in rows),
        posted_total_cents=_sums((row.currency, row.posted_cents) for row in rows),
        in_review_total_cents=_sums((row.currency, row.in_review_cents) for row in rows),
        dismissed_total_cents=_sums((row.currency, row.dismissed_cents) for row in rows),
        not_yet_posted_total_cents=_sums((row.currency, row.not_yet_posted_cents) for row in rows),
        zoho_total_cents=_sums((row.currency, row.zoho_cents) for row in rows),
        difference_cents=_sums((row.currency, row.difference_cents) for row in rows),
    )


class _Split(NamedTuple):
    posted: int = 0
    in_review: int = 0
    dismissed: int = 0
    not_yet_posted: int = 0
    difference: int = 0


def _split(part: PartTotals) -> _Split:
    states = _states(part)
    if not part.is_wanted and not states:
        return _Split(not_yet_posted=part.approved_cents)
    posted = sum(document.total_cents for document in part.documents if document.state == "posted")
    return _rest(part.approved_cents - posted, states)._replace(posted=posted)


def _rest(cents: int, states: Collection[str]) -> _Split:
    """What is not posted waits, was dismissed, or is a difference."""
    if "review" in states:
        return _Split(in_review=cents)
    return _Split(dismissed=cents) if "dismissed" in states else _Split(difference=cents)


def _states(part: PartTotals) -> set[str]:
    # A part that has a document counts with it, also when it would not be posted today.
    return {document.state for document in part.documents} - {"nothing_to_post"}


def _remarks(
    currency: str, difference: int, in_zoho: int, in_no_expense: int, company_paid: int, copies: Sequence[str]
) -> Iterable[str]:
    if difference:
        yield f"{format_money(difference, currency)} are neither posted nor waiting for a person."
    if in_zoho:
        yield f"Zoho Books holds {_more(in_zoho, currency)} than was posted."
    if copies:
        yield f"There beside what was posted: {', '.join(copies)}."
    if in_no_expense:
        yield (
            f"Expensify's own total is {_more(in_no_expense, currency)} than the sum of its expenses: that total "
            "counts here, a document has the sum."
        )
    if company_paid:
        yield f"{format_money(company_paid, currency)} company-paid: not yet posted."


def _more(cents: int, currency: str) -> str:
    return f"{format_money(abs(cents), currency)} {'more' if cents > 0 else 'less'}"


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for currency, cents in amounts:
        sums[currency] = sums.get(currency, 0) + cents
    return dict(sorted(sums.items()))
