"""From the objects of an exported file to typed reports. What cannot be read becomes a problem of its
report, the rest is kept: one bad report never spoils the file.
"""

from __future__ import annotations

from datetime import tzinfo

from mlc_pipeline.expensify.checks import problems_of
from mlc_pipeline.expensify.fields import Fields
from mlc_pipeline.expensify.models import (
    Approval,
    ExpenseRecord,
    ReportProblem,
    ReportRecord,
    ReportState,
    TagLevel,
)

TAG_LEVELS = 5

# Expensify manual: `report.status` is the old wording, `report.displayStatus` the new; sources differ on Paid.
_STATES = {
    "open": ReportState.OPEN,
    "processing": ReportState.SUBMITTED,
    "approved": ReportState.APPROVED,
    "reimbursed": ReportState.REIMBURSED,
    "closed": ReportState.ARCHIVED,
    "draft": ReportState.OPEN,
    "outstanding": ReportState.SUBMITTED,
    "paid": ReportState.REIMBURSED,
    "done": ReportState.ARCHIVED,
}


def read_report(source: object, zone: tzinfo) -> ReportRecord:
    """The typed report of one object (see `export_lines`); `zone` is where a date without a time begins."""
    fields = Fields(source, "report", zone)
    expense_problems: list[ReportProblem] = []
    expenses = []
    for position, expense in enumerate(fields.objects("expenses"), start=1):
        record, problems = _read_expense(expense, position, zone)
        expenses.append(record)
        expense_problems += problems
    report = ReportRecord(
        report_id=fields.identifier("reportID"),
        old_report_id=fields.identifier("oldReportID"),
        name=fields.text("reportName"),
        state=state_of(fields.text("status"), fields.text("displayStatus")),
        status=fields.text("status"),
        display_status=fields.text("displayStatus"),
        policy_id=fields.identifier("policyID"),
        policy_name=fields.text("policyName"),
        currency=fields.currency("currency"),
        total_cents=fields.cents("total"),
        account_email=fields.text("accountEmail"),
        submitter_name=fields.text("submitterFullName"),
        employee_custom_field_1=fields.text("employeeCustomField1"),
        employee_custom_field_2=fields.text("employeeCustomField2"),
        created=fields.instant("created"),
        submitted=fields.instant("submitted"),
        approved=fields.instant("approved"),
        reimbursed=fields.instant_or_none("reimbursed"),
        manager_email=fields.text("managerEmail"),
        manager_name=fields.text("managerFullName"),
        approvers=tuple(_read_approval(approver, zone) for approver in fields.objects("approvers")),
        custom_fields=fields.texts_by_name("customField"),
        expenses=tuple(expenses),
    )
    return report.with_problems(*fields.problems, *expense_problems, *problems_of(report))


def _read_expense(source: object, position: int, zone: tzinfo) -> tuple[ExpenseRecord, list[ReportProblem]]:
    fields = Fields(source, f"expense number {position}", zone)
    transaction_id = fields.identifier("transactionID")
    if transaction_id:
        fields.whose = f"expense {transaction_id}"
    else:
        fields.add_problem("it has no transactionID")
    record = ExpenseRecord(
        transaction_id=transaction_id,
        amount_cents=fields.cents("amount"),
        modified_amount_cents=fields.cents("modifiedAmount"),
        converted_amount_cents=fields.cents("convertedAmount"),
        currency=fields.currency("currency"),
        created=fields.day("created"),
        modified_created=fields.day("modifiedCreated"),
        merchant=fields.text("merchant"),
        modified_merchant=fields.text("modifiedMerchant"),
        category=fields.text("category"),
        category_gl_code=fields.text("categoryGlCode"),
        tag=fields.text("tag"),
        tag_gl_code=fields.text("tagGlCode"),
        numbered_tags=_numbered_tags(fields),
        comment=fields.text("comment"),
        billable=fields.truth("billable"),
        reimbursable=fields.truth("reimbursable"),
        bank=fields.text("bank"),
        card_name=fields.text("cardName"),
        tax_amount_cents=fields.cents("taxAmount"),
        modified_tax_amount_cents=fields.cents("modifiedTaxAmount"),
        tax_name=fields.text("taxName"),
        tax_rate=fields.text("taxRate"),
        tax_rate_name=fields.text("taxRateName"),
        tax_code=fields.text("taxCode"),
        receipt_id=fields.identifier("receiptID"),
        receipt_filename=fields.text("receiptFilename"),
        receipt_url=fields.text("receiptURL"),
    )
    if record.reimbursable is None:
        fields.add_problem("it is not said whether it is reimbursable, so it is unknown who paid")
    if record.effective_amount_cents is None:
        fields.add_problem("it has no readable amount")
    return record, fields.problems


def _read_approval(source: object, zone: tzinfo) -> Approval:
    fields = Fields(source, "approver", zone)
    return Approval(fields.text("email"), fields.instant_or_none("date"))


def _numbered_tags(fields: Fields) -> tuple[TagLevel, ...]:
    """`ntag1` to `ntag5` up to the last that is set; a gap keeps its place."""
    levels = [
        TagLevel(fields.text(f"ntag{level}"), fields.text(f"ntag{level}GlCode"))
        for level in range(1, TAG_LEVELS + 1)
    ]
    while levels and not levels[-1].name:
        levels.pop()
    return tuple(levels)


def state_of(status: str, display_status: str) -> ReportState | None:
    """The state that the old wording names, else the new one; None when neither is documented."""
    words = (status.lower(), display_status.lower())
    return next((_STATES[word] for word in words if word in _STATES), None)
