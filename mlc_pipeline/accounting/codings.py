"""Codings: how expenses that are coded alike in Expensify are booked, worked out once for all of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mlc_pipeline.accounting.columns import Integers
from mlc_pipeline.accounting.dimensions import LineDimensions, Pairs, TagPlaces, line_dimensions, problems_with
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.mapping import NOTHING, Resolution
from mlc_pipeline.accounting.mappings import TAG_LEVELS, Mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.taxes import Tax, tax_of
from mlc_pipeline.accounting.wording import one_line

_CODED = ("policy_id", "category", "category_gl_code", "tax_name", "tax_rate", "tax_code")
_PLACING = (*(f"tag_{level}{suffix}" for level in TAG_LEVELS for suffix in ("", "_gl_code")), "report_fields")


@dataclass(frozen=True, slots=True)
class Coding:
    """How expenses are booked, or what keeps them from it.

    `problems` are sentences of their own; those of `findings` go on after “Expense 123”. `is_to_bill`: they are
    billable, whether or not the document can say so.
    """

    account: Resolution
    dimensions: LineDimensions
    is_billable: bool
    tax: Tax | None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()
    is_to_bill: bool = False

    def tagged(self, tags: Pairs) -> Coding:
        """The same with these reporting tags on the line."""
        return replace(self, dimensions=replace(self.dimensions, tags=tags))

    @property
    def tax_id(self) -> str:
        """The tax that Zoho Books computes in a line; empty where there is none."""
        return self.tax.tax_id if self.tax and self.tax.account is None else ""

    @property
    def tax_account(self) -> Resolution | None:
        """The account on which a journal books the tax, if any."""
        return self.tax.account if self.tax else None

    @property
    def line(self) -> tuple[Any, ...]:
        """What expenses of one line have in common; lines are ordered by it: cost center, account, the rest."""
        return (*self.credit_line, self.dimensions.customer_id, self.is_billable)

    @property
    def credit_line(self) -> tuple[Any, ...]:
        """The same for a vendor credit, whose lines know no customer."""
        at, tax = self.dimensions, self.tax
        account = (self.account.target_code, self.account.target_id)
        taxed = (tax.tax_id, tax.account.target_id if tax.account else "") if tax else ("", "")
        return (at.cost_center, *account, at.tags, *taxed, at.project_id, at.location_id)


UNCODED = Coding(NOTHING, LineDimensions(), is_billable=False, tax=None)
"""The coding of lines that are no expenses."""


class _Placed(NamedTuple):
    """Where an expense belongs beside its account: of tags that are not resolved, why they are not."""

    dimensions: LineDimensions
    findings: tuple[Problem, ...]
    refused: tuple[Problem, ...]


class Coder:
    """What decides how expenses are booked, beside the expenses; all that are alike in what decides have a number.

    `numbers` has that of each expense, all below `count`. Of a tax's amount only counts whether there is one.
    """

    def __init__(
        self, expenses: Expenses, mappings: Mappings, rules: DocumentRules, organization: Organization | None
    ) -> None:
        self._mappings, self._rules, self.organization = mappings, rules, organization
        numbers, self._rows = expenses.distinct((*_CODED, *self._mapped(expenses)))
        has_tax = expenses.whole("tax_cents") != 0
        is_to_bill = expenses.flags("billable", unless_said=False) & rules.names_customers
        self.numbers: Integers = numbers * 4 + has_tax * 2 + is_to_bill
        self.count = len(self._rows) * 4
        self._placed: dict[tuple[str, ...], _Placed] = {}

    def category(self, number: int) -> str:
        """The category of the expenses with this number, for people."""
        return one_line(self._rows[number // 4].category) or "no category"

    def coding(self, number: int) -> Coding:
        """How the expenses with this number are booked."""
        row, has_tax, is_to_bill = self._rows[number // 4], bool(number & 2), bool(number & 1)
        account, placed = self._mappings.category(row), self._place(row)
        tax = self._tax(row) if row.tax_name or has_tax else None
        is_billable = is_to_bill and self._rules.kind == "bill"
        findings = (*placed.findings, *_unbilled(placed.dimensions, is_billable=is_billable))
        refused = (*([account.problem] if account.problem else []), *placed.refused)
        return Coding(
            account=account,
            dimensions=placed.dimensions,
            is_billable=is_billable,
            tax=tax if isinstance(tax, Tax) else None,
            problems=(*refused, *([tax] if isinstance(tax, Problem) else [])),
            # What is missing may be just what is not resolved: that is said once, by its own name.
            findings=() if placed.refused else findings,
            is_to_bill=is_to_bill,
        )

    def _place(self, row: Any) -> _Placed:
        """The same for all expenses with the same tags and report fields."""
        key = tuple([getattr(row, name, "") for name in _PLACING])
        if key not in self._placed:
            places = TagPlaces.of(self.organization, self._rules.kind)
            answers = self._mappings.dimensions(row)
            resolved = [answer for answer in answers if answer.problem is None]
            self._placed[key] = _Placed(
                line_dimensions(resolved, places),
                tuple(problems_with(resolved, places)),
                tuple(answer.problem for answer in answers if answer.problem is not None),
            )
        return self._placed[key]

    def _mapped(self, expenses: Expenses) -> Iterator[str]:
        for level in self._mappings.levels:
            yield from (f"tag_{level}", f"tag_{level}_gl_code")
        if self._mappings.report_fields and "report_fields" in expenses:
            yield "report_fields"

    def _tax(self, row: Any) -> Tax | Problem | None:
        named = row.tax_name or row.tax_code or row.tax_rate
        return tax_of(self._mappings.tax(row), self._mappings.tax_account(row), self._rules.kind, named)


def _unbilled(dimensions: LineDimensions, *, is_billable: bool) -> Iterator[Problem]:
    if is_billable and not dimensions.customer_id:
        yield Problem(
            Reason.BILLABLE_WITHOUT_CUSTOMER,
            "is billable but names no customer: choose its customer or project in Expensify, or mark it as not "
            "billable.",
        )
