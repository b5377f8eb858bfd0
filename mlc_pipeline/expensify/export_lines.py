"""The lines that the export template writes: the names of their cells, and one report's lines as an object.

A line is tab-separated cells: what it is (`report`, `expense`, `end`), its values, and a dot that closes it. A
value is escaped as in a JSON string, so a tab or a line end is never inside one. See `report_export.ftl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from mlc_pipeline.expensify.errors import TemplateError
from mlc_pipeline.expensify.values import quoted
from mlc_pipeline.transport import json

CLOSING = "."

REPORT_CELLS = (
    "reportID", "oldReportID", "reportName", "status", "displayStatus", "policyID", "policyName", "currency",
    "total", "accountEmail", "submitterFullName", "employeeCustomField1", "employeeCustomField2", "created",
    "submitted", "approved", "reimbursed", "managerEmail", "managerFullName", "approvers", "customField",
)  # fmt: skip
EXPENSE_CELLS = (
    "transactionID", "amount", "modifiedAmount", "convertedAmount", "currency", "created", "modifiedCreated",
    "merchant", "modifiedMerchant", "category", "categoryGlCode", "tag", "tagGlCode", "ntag1", "ntag1GlCode",
    "ntag2", "ntag2GlCode", "ntag3", "ntag3GlCode", "ntag4", "ntag4GlCode", "ntag5", "ntag5GlCode", "comment",
    "billable", "reimbursable", "bank", "cardName", "taxAmount", "modifiedTaxAmount", "taxName", "taxRate",
    "taxRateName", "taxCode", "receiptID", "receiptFilename", "receiptURL",
)  # fmt: skip

_AMOUNTS = ("total", "amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount")
_TRUTHS = ("billable", "reimbursable")
_JSON = ("approvers", "customField")
_TRUTH = {"": None, "true": True, "false": False}


def report_object(lines: str) -> dict[str, Any]:
    """The report of a `report` line and the `expense` lines below it, with its expenses in `expenses`.

    Texts are strings, amounts are strings or None, truths are true, false or None.

    Raises:
        TemplateError: a line is not one that the template writes.
    """
    report, *expenses = [line.removesuffix("\r") for line in lines.split("\n") if line.strip()]
    return {
        **_cells(report, "report", REPORT_CELLS),
        "expenses": [_cells(line, "expense", EXPENSE_CELLS) for line in expenses],
    }


def cell_text(cell: str) -> str:
    """The text that a cell holds. Half of a surrogate pair, which no file can hold, becomes U+FFFD."""
    if "\\" not in cell:
        return cell
    text: str = _of_json(f'"{cell}"', "a cell")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def json_cell(name: str, cell: str) -> Any:
    """The value of a cell that is JSON."""
    return _of_json(cell, name)


def _cells(line: str, kind: str, names: Sequence[str]) -> dict[str, Any]:
    first, *cells = line.split("\t")
    if first != kind or len(cells) != len(names) + 1 or cells[-1] != CLOSING:
        raise _not_ours(f"a line begins {quoted(line)} where {kind} with {len(names)} cells is written")
    return {name: _READERS.get(name, cell_text)(cell) for name, cell in zip(names, cells[:-1], strict=True)}


def _amount(cell: str) -> str | None:
    return cell_text(cell) or None


def _truth(name: str, cell: str) -> bool | None:
    if cell not in _TRUTH:
        raise _not_ours(f"{name} is {quoted(cell)}")
    return _TRUTH[cell]


def _of_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise _not_ours(f"{name} holds {quoted(text)}") from None


def _not_ours(what: str) -> TemplateError:
    return TemplateError(f"Expensify's file is whole but is not what the export template renders: {what}.")


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(_AMOUNTS, _amount),
    **{name: partial(_truth, name) for name in _TRUTHS},
    **{name: partial(json_cell, name) for name in _JSON},
}
