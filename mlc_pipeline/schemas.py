"""The frames that flow between the assets: their columns, types and meaning.

Money is Int64 of cents (hundredths of the currency's unit), times are UTC, days are `YYYY-MM-DD` strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TEXT, CENTS, FLAG, TIME = "string[pyarrow]", "Int64", "boolean", "datetime64[ns, UTC]"


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a column; the type as pandas writes it."""

    dtype: str
    description: str
    nullable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A frame has exactly these columns, in this order."""

    name: str
    columns: Mapping[str, Column]


EXPENSES = Schema(
    "ExpensifyReports",
    {
        "report_id": Column(TEXT, "Expensify's reportID", nullable=False),
        "report_name": Column(TEXT, "title of the report"),
        "state": Column(TEXT, "APPROVED, REIMBURSED or ARCHIVED"),
        "policy_id": Column(TEXT, "workspace"),
        "currency": Column(TEXT, "currency of the report"),
        "report_total_cents": Column(CENTS, "Expensify's own total of the report"),
        "employee_email": Column(TEXT, "who created the report"),
        "employee_name": Column(TEXT, "the submitter's full name"),
        "employee_number": Column(TEXT, "the submitter's custom field 1"),
        "approved_at": Column(TIME, "the approval that places the report in its period"),
        "approver_email": Column(TEXT, "the last approver"),
        "report_fields": Column(TEXT, "JSON object: the report's custom fields by name"),
        "transaction_id": Column(
            TEXT, "Expensify's transactionID; empty on the one row of a report without expenses"
        ),
        "expense_date": Column(TEXT, "effective day of the expense"),
        "merchant": Column(TEXT, "effective merchant"),
        "category": Column(TEXT, "category name at the time of export"),
        "category_gl_code": Column(TEXT, "GL code of the category"),
        "tag": Column(TEXT, "tag, levels joined with a colon"),
        "tag_gl_code": Column(TEXT, "GL code of the tag"),
        **{f"tag_{n}": Column(TEXT, f"tag of level {n}") for n in range(1, 6)},
        **{f"tag_{n}_gl_code": Column(TEXT, f"GL code of the tag of level {n}") for n in range(1, 6)},
        "original_cents": Column(CENTS, "amount as first recorded, in original_currency"),
        "original_currency": Column(TEXT, "currency of the expense"),
        "effective_cents": Column(
            CENTS, "converted, else modified, else original amount, in the report's currency"
        ),
        "reimbursable": Column(FLAG, "true: the employee paid; false: the company paid"),
        "billable": Column(FLAG, "to be billed to a customer"),
        "bank": Column(TEXT, "bank the expense was imported from"),
        "card_name": Column(TEXT, "name of the imported card"),
        "tax_cents": Column(CENTS, "effective tax amount"),
        "tax_name": Column(TEXT, "name of the tax rate"),
        "tax_rate": Column(TEXT, "tax rate as printed by Expensify"),
        "tax_code": Column(TEXT, "code of the tax"),
        "comment": Column(TEXT, "description of the expense"),
        "receipt_id": Column(TEXT, "Expensify's receiptID"),
        "receipt_filename": Column(TEXT, "file name of the receipt"),
        "receipt_url": Column(TEXT, "where Expensify keeps the receipt"),
        "problems": Column(TEXT, "JSON list of what keeps the report from being posted", nullable=False),
    },
)

MAPPINGS = Schema(
    "CategoryMappings",
    {
        "kind": Column(
            TEXT,
            "category, tag, report_field, tax, tax_account, employee, currency, card, card_vendor or payable",
            nullable=False,
        ),
        "workspace": Column(TEXT, "policy id, of a category"),
        "level": Column(
            TEXT, "tag level, name of the report field, rate of the tax, or currency of the card's vendor"
        ),
        "name": Column(
            TEXT,
            "category, tag, value of the report field, tax, employee's e-mail address, ISO currency or card",
            nullable=False,
        ),
        "code": Column(
            TEXT, "GL code of the category or tag; code of the tax; currency of the employee; bank of the card"
        ),
        "expenses": Column(CENTS, "how many expenses of the period it stands for", nullable=False),
        "how": Column(
            TEXT,
            "override, gl_code, name, email, number, to_create, code, percentage, card, unmapped_category; none: "
            "nothing is sent; empty if unresolved",
        ),
        "target_id": Column(TEXT, "id in Zoho Books"),
        "target_code": Column(TEXT, "account code in Zoho Books"),
        "target_name": Column(TEXT, "name in Zoho Books"),
        "detail": Column(
            TEXT, "decimals of a currency, percentage of a tax, type of an account, currency of a vendor"
        ),
        "dimension": Column(
            TEXT, "what a tag or report field becomes: reporting_tag, project, customer, location"
        ),
        "group_id": Column(TEXT, "reporting tag of the option, customer of the project"),
        "reason_code": Column(TEXT, "why it is unresolved"),
        "reason": Column(TEXT, "the same in a sentence"),
        "version": Column(TEXT, "hash of the configuration and the reference data", nullable=False),
    },
)

DOCUMENTS = Schema(
    "ZohoBills",
    {
        "report_id": Column(TEXT, "Expensify's reportID", nullable=False),
        "part": Column(TEXT, "reimbursable or company_paid", nullable=False),
        "revision": Column("Int64", "n-th approved content of the report", nullable=False),
        "kind": Column(TEXT, "bill or journal; empty when the report waits without a document"),
        "state": Column(TEXT, "posted, review, unknown, failed or nothing_to_post", nullable=False),
        "number": Column(TEXT, "number of the document in Zoho Books"),
        "zoho_id": Column(TEXT, "id in Zoho Books"),
        "date": Column(TEXT, "day of the document"),
        "currency": Column(TEXT, "currency of the document"),
        "total_cents": Column(CENTS, "cents of the expenses that the document stands for", nullable=False),
        "shown_total_cents": Column(CENTS, "the total that Zoho Books shows for it"),
        "reason_code": Column(TEXT, "why it is not posted"),
        "reason": Column(TEXT, "the same in a sentence, with how to mend it"),
        "run_id": Column(TEXT, "Dagster run that last moved it"),
    },
)

RECONCILIATION = Schema(
    "Reconciliation",
    {
        "report_id": Column(TEXT, "Expensify's reportID", nullable=False),
        "currency": Column(TEXT, "currency of the report, or another one that it was posted in"),
        "expensify_cents": Column(CENTS, "Expensify's approved total", nullable=False),
        "posted_cents": Column(CENTS, "cents of its posted documents", nullable=False),
        "in_review_cents": Column(CENTS, "cents of Expensify's total that wait for a person", nullable=False),
        "dismissed_cents": Column(
            CENTS, "cents of which a person decided that they are not posted", nullable=False
        ),
        "not_yet_posted_cents": Column(
            CENTS, "company-paid cents, and parts that are configured as skip", nullable=False
        ),
        "zoho_expected_cents": Column(CENTS, "what its documents in Zoho Books stand for", nullable=False),
        "zoho_cents": Column(CENTS, "what Zoho Books holds now under its documents", nullable=False),
        "difference_cents": Column(CENTS, "Expensify less all of these", nullable=False),
        "remark": Column(TEXT, "what is off, in a sentence"),
    },
)

ACCOUNTS = Schema(
    "ZohoAccounts",
    {
        "account_id": Column(TEXT, "id in Zoho Books", nullable=False),
        "name": Column(TEXT, "account name", nullable=False),
        "code": Column(TEXT, "account code, not always unique"),
        "type": Column(TEXT, "account type"),
        "is_active": Column(FLAG, "can be posted to", nullable=False),
    },
)

VENDORS = Schema(
    "ZohoVendors",
    {
        "vendor_id": Column(TEXT, "id in Zoho Books", nullable=False),
        "name": Column(TEXT, "contact name", nullable=False),
        "email": Column(TEXT, "e-mail address of the primary contact person"),
        "currency": Column(TEXT, "currency of the vendor"),
        "is_active": Column(FLAG, "can be posted to", nullable=False),
        "number": Column(TEXT, "contact number, or the field with the employee number, where Zoho lists it"),
    },
)

CURRENCIES = Schema(
    "ZohoCurrencies",
    {
        "currency_id": Column(TEXT, "id in Zoho Books", nullable=False),
        "code": Column(TEXT, "ISO 4217 code", nullable=False),
        "precision": Column("Int64", "decimals kept in Zoho Books", nullable=False),
        "exchange_rate": Column(TEXT, "present worth of one in the organization's own currency"),
    },
)

TAXES = Schema(
    "ZohoTaxes",
    {
        "tax_id": Column(TEXT, "id in Zoho Books", nullable=False),
        "name": Column(TEXT, "name of the tax or tax group", nullable=False),
        "percentage": Column(TEXT, "percent, as a decimal number"),
        "is_active": Column(FLAG, "can be used", nullable=False),
    },
)

DIMENSIONS = Schema(
    "ZohoDimensions",
    {
        "dimension": Column(
            TEXT,
            "tag for a reporting tag itself; reporting_tag for its options; project, customer, location",
            nullable=False,
        ),
        "id": Column(TEXT, "id in Zoho Books", nullable=False),
        "name": Column(TEXT, "name in Zoho Books", nullable=False),
        "path": Column(TEXT, "JSON list of the names from the topmost option or location to this one"),
        "code": Column(TEXT, "number of a customer, where Zoho lists it"),
        "group_id": Column(TEXT, "reporting tag of an option, customer of a project"),
        "group_name": Column(TEXT, "name of the same"),
        "is_active": Column(FLAG, "can be used", nullable=False),
        "is_mandatory": Column(FLAG, "of a reporting tag: every document needs it"),
        "on_bills": Column(TEXT, "of a reporting tag: line_item, transaction or, where it cannot stand, nothing"),
        "on_journals": Column(TEXT, "the same for journals"),
    },
)

ORGANIZATION = Schema(
    "ZohoOrganization",
    {
        "organization_id": Column(TEXT, "id in Zoho Books", nullable=False),
        "name": Column(TEXT, "name of the organization", nullable=False),
        "currency": Column(TEXT, "the organization's own currency"),
        "precision": Column("Int64", "decimals that this currency has"),
        "edition": Column(TEXT, "country version, where Zoho says it"),
    },
)

WORKSPACES = Schema(
    "ExpensifyCategories",
    {
        "policy_id": Column(TEXT, "workspace", nullable=False),
        "workspace": Column(TEXT, "name of the workspace"),
        "currency": Column(TEXT, "output currency of the workspace"),
        "category": Column(TEXT, "category name; empty on the one row of a workspace without readable categories"),
        "gl_code": Column(TEXT, "GL code of the category, where Expensify gives it"),
        "enabled": Column(FLAG, "can be chosen by employees"),
    },
)

RECEIPTS = Schema(
    "Receipts",
    {
        "report_id": Column(TEXT, "Expensify's reportID", nullable=False),
        "number": Column(TEXT, "number of the document in Zoho Books", nullable=False),
        "transaction_id": Column(TEXT, "Expensify's transactionID", nullable=False),
        "file_name": Column(TEXT, "name of the file on the document"),
        "bytes": Column("Int64", "size of the file"),
        "state": Column(TEXT, "attached, skipped, unknown or failed", nullable=False),
        "reason": Column(TEXT, "why it is not attached, or what stands for it, in a sentence"),
    },
)

EXPORT_MARKS = Schema(
    "ExpensifyExportMarks",
    {
        "report_id": Column(TEXT, "Expensify's reportID", nullable=False),
        "label": Column(TEXT, "the label in Expensify", nullable=False),
        "state": Column(TEXT, "marked, waits or failed", nullable=False),
        "reason": Column(TEXT, "why it is not marked, in a sentence"),
    },
)
