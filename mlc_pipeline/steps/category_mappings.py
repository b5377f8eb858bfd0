"""Every distinct value of a period that Zoho Books must know, with its Zoho answer, or why there is none."""

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.mapping import (
    CategoryRules,
    DimensionRule,
    EmployeeRules,
    TaxOverride,
    TaxRules,
    mapping_version,
)
from mlc_pipeline.accounting.overrides import unmatched
from mlc_pipeline.accounting.period_mappings import CardRules, MappingRules, ReferenceData, resolve_period
from mlc_pipeline.config import Connection, TagTarget, TaxTarget
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import MAPPINGS
from mlc_pipeline.steps.doubts import missed, read_anew
from mlc_pipeline.steps.metadata import materialized, preview
from mlc_pipeline.steps.reference import ReferenceFrames


def step(
    connection: Connection, reports: pd.DataFrame, reference: ReferenceFrames, zoho: ZohoAccess
) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    frame, decided = _resolved(connection, reports, reference)
    with explained():
        anew = read_anew(connection, reference, missed(connection, frame), zoho)
    if anew is not None:
        frame, decided = _resolved(connection, reports, anew)
    open_rows = frame[frame["reason_code"].notna()]
    return materialized(
        frame,
        unresolved=len(open_rows),
        lists_read_again=anew is not None,
        overrides_without_a_value=", ".join(unmatched(frame, decided)) or "none",
        waiting=preview(open_rows, "kind", "workspace", "level", "name", "code", "reason"),
    )


def resolve(connection: Connection, reports: pd.DataFrame, frames: ReferenceFrames) -> pd.DataFrame:
    """Resolve what the period's expenses name against the reference frames."""
    return _resolved(connection, reports, frames)[0]


def _resolved(
    connection: Connection, reports: pd.DataFrame, frames: ReferenceFrames
) -> tuple[pd.DataFrame, MappingRules]:
    reference = frames.to_reference_data()
    decided = rules(connection, reference, frames.edition)
    return frame_of(MAPPINGS, resolve_period(reports, reference, decided)), decided


def rules(connection: Connection, reference: ReferenceData, edition: str) -> MappingRules:
    """What of mlc.yaml and of the organization decides a mapping."""
    mapping, posting = connection.mapping, connection.posting
    fallback = None if mapping.unmapped_category == "review" else mapping.unmapped_category.account
    is_journal = posting.reimbursable == "journal"
    version = mapping_version(
        mapping.model_dump(mode="json"),
        posting.create_vendors,
        card_accounts(connection),
        card_vendors(connection),
        posting.employee_payable_account if is_journal else None,
        edition,
        *_told_apart(reference),
    )
    return MappingRules(
        categories=CategoryRules(dict(mapping.categories), fallback),
        employees=EmployeeRules(
            posting.create_vendors,
            trusts_number=mapping.employee_number_field is not None,
            numbers_contacts=mapping.employee_number_field in (None, "contact_number"),
        ),
        version=version,
        cards=CardRules(card_accounts(connection) or None, card_vendors(connection)),
        tags={str(level): _dimension_rule(target) for level, target in mapping.tags.items()},
        report_fields={name: _dimension_rule(target) for name, target in mapping.report_fields.items()},
        taxes=TaxRules({name: _tax_override(choice) for name, choice in mapping.taxes.items()}, edition),
        payable_code=posting.employee_payable_account if is_journal else None,
    )


def card_accounts(connection: Connection) -> dict[str, str]:
    """The accounts of company cards, if company-paid expenses are posted; without any they are only listed."""
    wanted = connection.posting.company_paid == "journal"
    return dict(connection.posting.company_card_accounts) if wanted else {}


def card_vendors(connection: Connection) -> dict[str, str] | None:
    """The vendors of company cards by mlc.yaml, if company-paid expenses become bills; else None."""
    wanted = connection.posting.company_paid == "bill"
    return dict(connection.posting.company_card_vendors) if wanted else None


def _dimension_rule(target: TagTarget) -> DimensionRule:
    return DimensionRule(target.dimension, target.reporting_tag or "", dict(target.values))


def _tax_override(choice: str | TaxTarget) -> TaxOverride:
    return TaxOverride(choice) if isinstance(choice, str) else TaxOverride(choice.tax or "", choice.account or "")


def _told_apart(reference: ReferenceData) -> tuple[object, ...]:
    return (
        reference.accounts,
        reference.vendors,
        reference.currencies,
        reference.taxes,
        reference.reporting_tags,
        reference.dimensions,
        sorted(reference.gl_codes.items()),
    )
