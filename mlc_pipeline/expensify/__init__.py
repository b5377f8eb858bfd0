"""All that knows Expensify: the client, the export template, and reports as typed values.

Knows no accounting, no Zoho Books, no Dagster and no database.
"""

from mlc_pipeline.expensify.client import ExpensifyClient, ReportExport
from mlc_pipeline.expensify.errors import (
    CredentialsRefused,
    ExpensifyError,
    ExportIncomplete,
    InvalidRequest,
    RateLimited,
    TemplateError,
    Unavailable,
    UnexpectedAnswer,
)
from mlc_pipeline.expensify.models import (
    Approval,
    ExpenseRecord,
    ProblemCode,
    ReportProblem,
    ReportRecord,
    ReportState,
    TagLevel,
    approval_instant,
)
from mlc_pipeline.expensify.patience import Patience
from mlc_pipeline.expensify.windows import ExportWindow
from mlc_pipeline.expensify.workspaces import (
    Category,
    Employee,
    ReportField,
    Tag,
    TagList,
    TaxRate,
    Workspace,
    WorkspaceSettings,
)

__all__ = [
    "Approval",
    "Category",
    "CredentialsRefused",
    "Employee",
    "ExpenseRecord",
    "ExpensifyClient",
    "ExpensifyError",
    "ExportIncomplete",
    "ExportWindow",
    "InvalidRequest",
    "Patience",
    "ProblemCode",
    "RateLimited",
    "ReportExport",
    "ReportField",
    "ReportProblem",
    "ReportRecord",
    "ReportState",
    "Tag",
    "TagLevel",
    "TagList",
    "TaxRate",
    "TemplateError",
    "Unavailable",
    "UnexpectedAnswer",
    "Workspace",
    "WorkspaceSettings",
    "approval_instant",
]
