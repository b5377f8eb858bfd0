"""Codings: how expenses that are coded alike in Expensify are booked, worked out once for all of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlc_pipeline.accounting.dimensions import LineDimensions, TagPlaces, line_dimensions, problems_with
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.mappings import TAG_LEVELS, Mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.taxes import Tax, tax_of

_CODED = ("policy_id", "category", "category_gl_code", "tax_name", "tax_rate", "tax_code", "tax_cents")


@dataclass(frozen=True, slots=True)
class Coding:
    """How expenses are booked, or what keeps them from it.

    `problems` are sentences of their own; those of `findings` go on after “Expense 123”.
    """

    account: Resolution
    dimensions: LineDimensions
    is_billable: bool
    tax: Tax | None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()

    @property
    def line(self) -> tuple[Any, ...]:
        """What expenses of one line have in common; lines are ordered by it: cost center, account, the rest."""
        at, tax = self.dimensions, self.tax
        account = (self.account.target_code, self.account.target_id)
        taxed = (tax.tax_id, tax.account.target_id if tax.account else "") if tax else ("", "")
        return (
            at.cost_center,
            *account,
            at.tags,
            at.header_tags,
            *taxed,
            at.customer_id,
            at.project_id,
            self.is_billable,
            at.location_id,
        )


@dataclass(frozen=True, slots=True)
class Coder:
    """What decides how an expense is booked, beside the expense."""

    mappings: Mappings
    rules: DocumentRules
    organization: Organization | None

    def columns(self, expenses: pd.DataFrame) -> dict[str, pd.Series[Any]]:
        """The columns that decide; of the tax's amount only whether there is one."""
        columns = {name: expenses[name] for name in (*_CODED, *self._mapped(expenses))}
        is_taxed = expenses["tax_cents"].fillna(0).to_numpy(dtype=np.int64) != 0
        return columns | {"tax_cents": pd.Series(is_taxed.astype(np.int64))}

    def coding(self, row: Any) -> Coding:
        """How an expense with these columns is booked."""
        places = TagPlaces.of(self.organization, self.rules.kind)
        account, answers = self.mappings.category(row), self.mappings.dimensions(row)
        resolved = [answer for answer in answers if answer.problem is None]
        tax, dimensions, is_billable = self._tax(row), line_dimensions(resolved, places), _is_billable(row)
        findings = [*problems_with(resolved, places), *_unbilled(dimensions, is_billable=is_billable)]
        refused = [answer.problem for answer in (account, *answers) if answer.problem is not None]
        return Coding(
            account=account,
            dimensions=dimensions,
            is_billable=is_billable,
            tax=tax if isinstance(tax, Tax) else None,
            problems=(*refused, *([tax] if isinstance(tax, Problem) else [])),
            # What is missing may be just what is not resolved: that is said once, by its own name.
            findings=tuple(findings) if len(resolved) == len(answers) else (),
        )

    def _mapped(self, expenses: pd.DataFrame) -> Iterator[str]:
        levels = {level for level, _, _ in self.mappings.tags}
        for level in TAG_LEVELS:
            if level in levels:
                yield from (f"tag_{level}", f"tag_{level}_gl_code")
        if self.mappings.report_fields and "report_fields" in expenses:
            yield "report_fields"
        if self.rules.names_customers and self.rules.kind == "bill":
            yield "billable"

    def _tax(self, row: Any) -> Tax | Problem | None:
        named = next((text for text in (row.tax_name, row.tax_code) if isinstance(text, str) and text), "")
        return tax_of(self.mappings.tax(row), self.mappings.tax_account(row), self.rules.kind, named)


def _is_billable(row: Any) -> bool:
    flag = getattr(row, "billable", None)
    return not pd.isna(flag) and bool(flag)


def _unbilled(dimensions: LineDimensions, *, is_billable: bool) -> Iterator[Problem]:
    if is_billable and not dimensions.customer_id:
        yield Problem(
            Reason.BILLABLE_WITHOUT_CUSTOMER,
            "is billable but names no customer: choose its customer or project in Expensify, or mark it as not "
            "billable.",
        )
