"""The frames that flow between the assets: their columns, types and meaning, as pandera schemas.

Money is Int64 of cents (hundredths of the currency's unit), times are UTC, days are `YYYY-MM-DD` strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow

# Frames are made of columns that live for a moment. Arrow's own allocator gives their pages back to the system,
# which has to clear them again for the next column: a third of the time of reading.
arrow.set_memory_pool(arrow.system_memory_pool())

TEXT, CENTS, FLAG, TIME = "string[pyarrow]", "Int64", "boolean", "datetime64[ns, UTC]"

_PANDAS_TYPES = {
    arrow.string(): pd.StringDtype("pyarrow"),
    arrow.large_string(): pd.StringDtype("pyarrow"),
    arrow.int64(): pd.Int64Dtype(),
    arrow.bool_(): pd.BooleanDtype(),
}


def _column(dtype: str, description: str, *, nullable: bool = True) -> pa.Column:
    return pa.Column(dtype, description=description, nullable=nullable)


def _schema(name: str, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns, name=name, strict=True, coerce=True)


EXPENSES = _schema(
    "ExpensifyReports",
    {
        "report_id": _column(TEXT, "Expensify's reportID", nullable=False),
        "report_name": _column(TEXT, "title of the report"),
        "state": _column(TEXT, "APPROVED, REIMBURSED or ARCHIVED"),
        "policy_id": _column(TEXT, "workspace"),
        "currency": _column(TEXT, "currency of the report"),
        "report_total_cents": _column(CENTS, "Expensify's own total of the report"),
        "employee_email": _column(TEXT, "who created the report"),
        "employee_name": _column(TEXT, "the submitter's full name"),
        "employee_number": _column(TEXT, "the submitter's custom field 1"),
        "approved_at": _column(TIME, "the approval that places the report in its period"),
        "approver_email": _column(TEXT, "the last approver"),
        "report_fields": _column(TEXT, "JSON object: the report's custom fields by name"),
        "transaction_id": _column(
            TEXT, "Expensify's transactionID; empty on the one row of a report without expenses"
        ),
        "expense_date": _column(TEXT, "effective day of the expense"),
        "merchant": _column(TEXT, "effective merchant"),
        "category": _column(TEXT, "category name at the time of export"),
        "category_gl_code": _column(TEXT, "GL code of the category"),
        "tag": _column(TEXT, "tag, levels joined with a colon"),
        "tag_gl_code": _column(TEXT, "GL code of the tag"),
        **{f"tag_{n}": _column(TEXT, f"tag of level {n}") for n in range(1, 6)},
        **{f"tag_{n}_gl_code": _column(TEXT, f"GL code of the tag of level {n}") for n in range(1, 6)},
        "original_cents": _column(CENTS, "amount as first recorded, in original_currency"),
        "original_currency": _column(TEXT, "currency of the expense"),
        "effective_cents": _column(
            CENTS, "converted, else modified, else original amount, in the report's currency"
        ),
        "reimbursable": _column(FLAG, "true: the employee paid; false: the company paid"),
        "billable": _column(FLAG, "to be billed to a customer"),
        "bank": _column(TEXT, "bank the expense was imported from"),
        "card_name": _column(TEXT, "name of the imported card"),
        "tax_cents": _column(CENTS, "effective tax amount"),
        "tax_name": _column(TEXT, "name of the tax rate"),
        "tax_rate": _column(TEXT, "tax rate as printed by Expensify"),
        "tax_code": _column(TEXT, "code of the tax"),
        "comment": _column(TEXT, "description of the expense"),
        "receipt_id": _column(TEXT, "Expensify's receiptID"),
        "receipt_filename": _column(TEXT, "file name of the receipt"),
        "receipt_url": _column(TEXT, "where Expensify keeps the receipt"),
        "problems": _column(TEXT, "JSON list of what keeps the report from being posted", nullable=False),
    },
)

MAPPINGS = _schema(
    "CategoryMappings",
    {
        "kind": _column(
            TEXT,
            "category, tag, report_field, tax, tax_account, employee, currency, card, card_vendor or payable",
            nullable=False,
        ),
        "workspace": _column(TEXT, "policy id, of a category"),
        "level": _column(
            TEXT, "tag level, name of the report field, rate of the tax, or currency of the card's vendor"
        ),
        "name": _column(
            TEXT,
            "category, tag, value of the report field, tax, employee's e-mail address, ISO currency or card",
            nullable=False,
        ),
        "code": _column(
            TEXT, "GL code of the category or tag; code of the tax; currency of the employee; bank of the card"
        ),
        "expenses": _column(CENTS, "how many expenses of the period it stands for", nullable=False),
        "how": _column(
            TEXT,
            "override, gl_code, name, email, number, to_create, code, percentage, card, unmapped_category; none: "
            "nothing is sent; empty if unresolved",
        ),
        "target_id": _column(TEXT, "id in Zoho Books"),
        "target_code": _column(TEXT, "account code in Zoho Books"),
        "target_name": _column(TEXT, "name in Zoho Books"),
        "detail": _column(
            TEXT, "decimals of a currency, percentage of a tax, type of an account, currency of a vendor"
        ),
        "dimension": _column(
            TEXT, "what a tag or report field becomes: reporting_tag, project, customer, location"
        ),
        "group_id": _column(TEXT, "reporting tag of the option, customer of the project"),
        "reason_code": _column(TEXT, "why it is unresolved"),
        "reason": _column(TEXT, "the same in a sentence"),
        "version": _column(TEXT, "hash of the configuration and the reference data", nullable=False),
    },
)

DOCUMENTS = _schema(
    "ZohoBills",
    {
        "report_id": _column(TEXT, "Expensify's reportID", nullable=False),
        "part": _column(TEXT, "reimbursable or company_paid", nullable=False),
        "revision": _column("Int64", "n-th approved content of the report", nullable=False),
        "kind": _column(TEXT, "bill or journal; empty when the report waits without a document"),
        "state": _column(TEXT, "posted, review, unknown, failed or nothing_to_post", nullable=False),
        "number": _column(TEXT, "number of the document in Zoho Books"),
        "zoho_id": _column(TEXT, "id in Zoho Books"),
        "date": _column(TEXT, "day of the document"),
        "currency": _column(TEXT, "currency of the document"),
        "total_cents": _column(CENTS, "cents that the document stands for", nullable=False),
        "shown_total_cents": _column(CENTS, "the total that Zoho Books shows for it"),
        "reason_code": _column(TEXT, "why it is not posted"),
        "reason": _column(TEXT, "the same in a sentence, with how to mend it"),
        "run_id": _column(TEXT, "Dagster run that last moved it"),
    },
)

RECONCILIATION = _schema(
    "Reconciliation",
    {
        "report_id": _column(TEXT, "Expensify's reportID", nullable=False),
        "currency": _column(TEXT, "currency of the report"),
        "expensify_cents": _column(CENTS, "Expensify's approved total", nullable=False),
        "posted_cents": _column(CENTS, "cents of its posted documents", nullable=False),
        "in_review_cents": _column(CENTS, "cents that wait for a person", nullable=False),
        "dismissed_cents": _column(
            CENTS, "cents of which a person decided that they are not posted", nullable=False
        ),
        "not_yet_posted_cents": _column(
            CENTS, "company-paid cents, and parts that are configured as skip", nullable=False
        ),
        "zoho_expected_cents": _column(CENTS, "what its documents in Zoho Books stand for", nullable=False),
        "zoho_cents": _column(CENTS, "what Zoho Books holds now under its documents", nullable=False),
        "difference_cents": _column(CENTS, "Expensify less all of these", nullable=False),
        "remark": _column(TEXT, "what is off, in a sentence"),
    },
)

ACCOUNTS = _schema(
    "ZohoAccounts",
    {
        "account_id": _column(TEXT, "id in Zoho Books", nullable=False),
        "name": _column(TEXT, "account name", nullable=False),
        "code": _column(TEXT, "account code, not always unique"),
        "type": _column(TEXT, "account type"),
        "is_active": _column(FLAG, "can be posted to", nullable=False),
    },
)

VENDORS = _schema(
    "ZohoVendors",
    {
        "vendor_id": _column(TEXT, "id in Zoho Books", nullable=False),
        "name": _column(TEXT, "contact name", nullable=False),
        "email": _column(TEXT, "e-mail address of the primary contact person"),
        "currency": _column(TEXT, "currency of the vendor"),
        "is_active": _column(FLAG, "can be posted to", nullable=False),
        "number": _column(TEXT, "contact number, or the field with the employee number, where Zoho lists it"),
    },
)

CURRENCIES = _schema(
    "ZohoCurrencies",
    {
        "currency_id": _column(TEXT, "id in Zoho Books", nullable=False),
        "code": _column(TEXT, "ISO 4217 code", nullable=False),
        "precision": _column("Int64", "decimals kept in Zoho Books", nullable=False),
        "exchange_rate": _column(TEXT, "present worth of one in the organization's own currency"),
    },
)

TAXES = _schema(
    "ZohoTaxes",
    {
        "tax_id": _column(TEXT, "id in Zoho Books", nullable=False),
        "name": _column(TEXT, "name of the tax or tax group", nullable=False),
        "percentage": _column(TEXT, "percent, as a decimal number"),
        "is_active": _column(FLAG, "can be used", nullable=False),
    },
)

DIMENSIONS = _schema(
    "ZohoDimensions",
    {
        "dimension": _column(
            TEXT,
            "tag for a reporting tag itself; reporting_tag for its options; project, customer, location",
            nullable=False,
        ),
        "id": _column(TEXT, "id in Zoho Books", nullable=False),
        "name": _column(TEXT, "name in Zoho Books", nullable=False),
        "path": _column(TEXT, "JSON list of the names from the topmost option or location to this one"),
        "code": _column(TEXT, "number of a customer, where Zoho lists it"),
        "group_id": _column(TEXT, "reporting tag of an option, customer of a project"),
        "group_name": _column(TEXT, "name of the same"),
        "is_active": _column(FLAG, "can be used", nullable=False),
        "is_mandatory": _column(FLAG, "of a reporting tag: every document needs it"),
        "on_bills": _column(TEXT, "of a reporting tag: line_item, transaction or, where it cannot stand, nothing"),
        "on_journals": _column(TEXT, "the same for journals"),
    },
)

ORGANIZATION = _schema(
    "ZohoOrganization",
    {
        "organization_id": _column(TEXT, "id in Zoho Books", nullable=False),
        "name": _column(TEXT, "name of the organization", nullable=False),
        "currency": _column(TEXT, "the organization's own currency"),
        "precision": _column("Int64", "decimals that this currency has"),
        "edition": _column(TEXT, "country version, where Zoho says it"),
    },
)

WORKSPACES = _schema(
    "ExpensifyCategories",
    {
        "policy_id": _column(TEXT, "workspace", nullable=False),
        "workspace": _column(TEXT, "name of the workspace"),
        "currency": _column(TEXT, "output currency of the workspace"),
        "category": _column(
            TEXT, "category name; empty on the one row of a workspace without readable categories"
        ),
        "gl_code": _column(TEXT, "GL code of the category, where Expensify gives it"),
        "enabled": _column(FLAG, "can be chosen by employees"),
    },
)

RECEIPTS = _schema(
    "Receipts",
    {
        "report_id": _column(TEXT, "Expensify's reportID", nullable=False),
        "number": _column(TEXT, "number of the document in Zoho Books", nullable=False),
        "transaction_id": _column(TEXT, "Expensify's transactionID", nullable=False),
        "file_name": _column(TEXT, "name of the file on the document"),
        "bytes": _column("Int64", "size of the file"),
        "state": _column(TEXT, "attached, skipped, unknown or failed", nullable=False),
        "reason": _column(TEXT, "why it is not attached, or what stands for it, in a sentence"),
    },
)

EXPORT_MARKS = _schema(
    "ExpensifyExportMarks",
    {
        "report_id": _column(TEXT, "Expensify's reportID", nullable=False),
        "label": _column(TEXT, "the label in Expensify", nullable=False),
        "state": _column(TEXT, "marked, waits or failed", nullable=False),
        "reason": _column(TEXT, "why it is not marked, in a sentence"),
    },
)


def frame_of(schema: pa.DataFrameSchema, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame with exactly the schema's columns and types, also when there are no rows.

    Raises:
        pandera.errors.SchemaErrors: a row does not fit.
    """
    frame = pd.DataFrame(list(rows), columns=list(schema.columns), dtype="object")
    required = [name for name, column in schema.columns.items() if not column.nullable]
    try:
        typed = frame.astype({name: str(column.dtype) for name, column in schema.columns.items()})
    except (TypeError, ValueError):
        return schema.validate(frame, lazy=True)
    # Types and missing values are all that our schemas ask for; only what is wrong is worth pandera's time.
    return schema.validate(frame, lazy=True) if typed[required].isna().to_numpy().any() else typed


def arrow_schema(schema: pa.DataFrameSchema) -> arrow.Schema:
    """The same columns in Arrow."""
    kinds = {
        TEXT: arrow.large_string(),
        CENTS: arrow.int64(),
        FLAG: arrow.bool_(),
        TIME: arrow.timestamp("ns", tz="UTC"),
    }
    return arrow.schema([(name, kinds[str(column.dtype)]) for name, column in schema.columns.items()])


def frame_from(table: arrow.Table) -> pd.DataFrame:
    """The rows of an Arrow table with the types of our schemas; texts stay where they are in memory."""
    plain = table.replace_schema_metadata(None)
    frame: pd.DataFrame = plain.to_pandas(types_mapper=_PANDAS_TYPES.get, split_blocks=True, self_destruct=True)
    return frame


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values; what is missing is None."""
    plain = frame.astype("object")
    rows: list[dict[str, Any]] = plain.where(frame.notna(), None).to_dict("records")  # type: ignore[call-overload]
    return rows


def column_schema(schema: pa.DataFrameSchema) -> dg.TableSchema:
    """The same columns for the Dagster UI."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                type=str(column.dtype).removesuffix("[pyarrow]"),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for name, column in schema.columns.items()
        ]
    )
