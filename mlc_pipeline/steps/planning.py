"""What should stand in Zoho Books for a period, under the settings of its connection."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from mlc_pipeline.accounting.documents import COMPANY_PAID_SUFFIX, PARTS, Part
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.accounting.planning import needed_rates, plan_period
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline.accounting.rates import doubtful_rates
from mlc_pipeline.accounting.rules import DocumentRules
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import records
from mlc_pipeline.periods import ApprovalPeriod
from mlc_pipeline.steps.category_mappings import card_accounts
from mlc_pipeline.steps.zoho_organization import with_locks, with_rates
from mlc_pipeline.zoho.client import ZohoBooksClient


def plan_now(
    connection: Connection,
    period: ApprovalPeriod,
    reports: pd.DataFrame,
    mappings: pd.DataFrame,
    organization: Organization,
    client: ZohoBooksClient,
    currencies: pd.DataFrame,
) -> Plans:
    """`plan` with the locks of this moment and the rates that are needed: those of mlc.yaml, else Zoho's.

    Raises:
        ZohoError: the locks or rates cannot be read.
    """
    organization = with_locks(organization, client)
    needed = rates_needed(connection, period, reports, organization)
    configured = connection.posting.exchange_rates
    rates = {(code, day): Decimal(configured[code]) for code, day in needed if code in configured}
    organization = with_rates(replace(organization, rates=rates), client, currencies, needed)
    return plan(connection, period, reports, mappings, organization)


def plan(
    connection: Connection,
    period: ApprovalPeriod,
    reports: pd.DataFrame,
    mappings: pd.DataFrame,
    organization: Organization | None = None,
) -> Plans:
    """What should stand in Zoho Books for the period; without an organization every currency counts as its own."""
    return plan_period(reports, read_mappings(mappings), _rules(connection, period), organization)


def with_doubts(
    connection: Connection, reports: pd.DataFrame, organization: Organization, currencies: pd.DataFrame
) -> Organization:
    """The organization with the rates of mlc.yaml that can hardly be meant for currencies of the period."""
    reported = set(reports["currency"].dropna())
    rates = {code: Decimal(rate) for code, rate in connection.posting.exchange_rates.items() if code in reported}
    present = {row["code"]: Decimal(row["exchange_rate"]) for row in records(currencies) if row["exchange_rate"]}
    doubtful = tuple(doubtful_rates(rates, present, organization.currency))
    return replace(organization, doubtful_rates=doubtful)


def rates_needed(
    connection: Connection, period: ApprovalPeriod, reports: pd.DataFrame, organization: Organization
) -> set[tuple[str, date]]:
    """The exchange rates (ISO currency, day of the document) that `plan` will look for in the organization."""
    needed: set[tuple[str, date]] = set()
    for rules in _rules(connection, period).values():
        if rules.kind != "skip":
            needed |= needed_rates(reports, rules, organization)
    return needed


def planned_parts(connection: Connection) -> tuple[Part, ...]:
    """The parts of reports that are planned; what the company paid may only be listed."""
    posts_cards = card_accounts(connection) or connection.posting.company_paid == "bill"
    return PARTS if posts_cards else ("reimbursable",)


def _rules(connection: Connection, period: ApprovalPeriod) -> dict[Part, DocumentRules]:
    """The rules of each part that is planned; the company-paid one may only be listed."""
    posting, mapping = connection.posting, connection.mapping
    dimensions = {target.dimension for target in (*mapping.tags.values(), *mapping.report_fields.values())}
    reimbursable = DocumentRules(
        period=period.key,
        period_last_day=(period.end - timedelta(days=1)).date(),
        timezone=connection.period.timezone,
        kind=posting.reimbursable,
        lines=posting.lines,
        date=posting.date,
        on_locked_period=posting.on_locked_period,
        names_customers=bool(dimensions & {"customer", "project"}),
    )
    if "company_paid" not in planned_parts(connection):
        return {"reimbursable": reimbursable}
    suffix = COMPANY_PAID_SUFFIX if posting.company_paid == posting.reimbursable else ""
    company_paid = replace(reimbursable, kind=posting.company_paid, number_suffix=suffix)
    return {"reimbursable": reimbursable, "company_paid": company_paid}
