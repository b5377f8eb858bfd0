"""Planning: the expenses of a period and the resolved mappings become a plan for every report."""

from __future__ import annotations

import numpy as np

from mlc_pipeline.accounting.by_report import Period
from mlc_pipeline.accounting.days import needed_rates
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Rows
from mlc_pipeline.accounting.mappings import Mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.plans import PlannedPart, Plans
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.accounting.sheets import Sheet

__all__ = [
    "DocumentRules",
    "Mappings",
    "Plans",
    "needed_rates",
    "plan_company_paid",
    "plan_period",
    "plan_reimbursable",
]


def plan_period(
    expenses: Rows,
    mappings: Mappings,
    reimbursable: DocumentRules,
    company_paid: DocumentRules | None,
    organization: Organization | None = None,
) -> Plans:
    """The plans of both parts of every report; None leaves the company-paid part out.

    See `plan_reimbursable` for the arguments.
    """
    period = Period.of(expenses)
    plans = _planned(period, "reimbursable", mappings, reimbursable, organization)
    if company_paid is None:
        return plans
    return plans + _planned(period, "company_paid", mappings, company_paid, organization)


def plan_reimbursable(
    expenses: Rows,
    mappings: Mappings,
    rules: DocumentRules,
    organization: Organization | None = None,
) -> Plans:
    """One plan for every report of the frame, in the order of the report ids.

    Args:
        expenses: rows of the `expensify_reports` asset, one per expense (see `mlc_pipeline.schemas`).
        mappings: the rows of the `category_mappings` asset, indexed.
        rules: the posting rules of the connection and the period.
        organization: what of the Zoho organization decides; without it every currency counts as its own.
    """
    return _planned(Period.of(expenses), "reimbursable", mappings, rules, organization)


def plan_company_paid(
    expenses: Rows,
    mappings: Mappings,
    rules: DocumentRules,
    organization: Organization | None = None,
) -> Plans:
    """One plan for every report of the frame that has company-paid expenses; arguments as above."""
    return _planned(Period.of(expenses), "company_paid", mappings, rules, organization)


def _planned(
    period: Period, name: Part, mappings: Mappings, rules: DocumentRules, organization: Organization | None
) -> Plans:
    part = period.part(name)
    reports = np.arange(part.report_count) if name == "reimbursable" else np.unique(part.reports)
    return Plans([PlannedPart(Sheet(part, mappings, rules, organization), reports)])
