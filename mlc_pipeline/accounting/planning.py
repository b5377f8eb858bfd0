"""Planning: the expenses of a period and the resolved mappings become a plan for every report."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from mlc_pipeline.accounting.by_report import Period
from mlc_pipeline.accounting.coding_columns import CodingColumns
from mlc_pipeline.accounting.codings import Coder
from mlc_pipeline.accounting.contents import Contents
from mlc_pipeline.accounting.days import needed_rates
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Expenses, Rows
from mlc_pipeline.accounting.mappings import Mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.plan_columns import PlanColumns
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.sheets import Sheet
from mlc_pipeline.side_by_side import side_by_side

__all__ = [
    "DocumentRules",
    "Mappings",
    "Plans",
    "needed_rates",
    "plan_period",
]

# So many that what each piece costs by itself does not count, so few that the threads share them.
_AT_ONCE = 2000


def plan_period(
    expenses: Rows,
    mappings: Mappings,
    rules: Mapping[Part, DocumentRules],
    organization: Organization | None = None,
) -> Plans:
    """The plans of these parts of the reports, part by part, in the order of the report ids.

    Every report has a plan of its reimbursable part, and one of its company-paid part where the company paid.

    Args:
        expenses: rows of the `expensify_reports` asset, one per expense (see `mlc_pipeline.schemas`).
        mappings: the rows of the `category_mappings` asset, indexed.
        rules: the posting rules of the connection and the period, by part.
        organization: what of the Zoho organization decides; without it every currency counts as its own.
    """
    period = Period.of(expenses)
    parts = side_by_side(lambda name: _Part(name, period.expenses, mappings, rules[name], organization), rules)
    pieces = side_by_side(lambda piece: [part.plans(piece) for part in parts], period.pieces(_AT_ONCE))
    return Plans(chain.from_iterable(zip(*pieces, strict=True)))


class _Part:
    """One part of the reports of a period: what all of them share, worked out once."""

    def __init__(
        self,
        name: Part,
        expenses: Expenses,
        mappings: Mappings,
        rules: DocumentRules,
        organization: Organization | None,
    ) -> None:
        self._name, self._mappings, self._rules, self._organization = name, mappings, rules, organization
        self._codings = CodingColumns(expenses, name, Coder(expenses, mappings, rules, organization))
        self._contents = Contents(expenses, name)

    def plans(self, piece: Period) -> PlanColumns:
        """The plans of some reports."""
        part = piece.part(self._name)
        return PlanColumns(
            Sheet(part, self._codings, self._mappings, self._rules, self._organization), self._contents
        )
