"""Plans as columns: those of some thousand reports; one becomes an object when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from mlc_pipeline.accounting.batches import Batch
from mlc_pipeline.accounting.checks import Checks
from mlc_pipeline.accounting.columns import Flags, objects
from mlc_pipeline.accounting.contents import Contents
from mlc_pipeline.accounting.document_columns import DocumentColumns
from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.accounting.problems import Problem
from mlc_pipeline.accounting.sheets import Sheet

_Problems = dict[int, tuple[Problem, ...]]


class PlanColumns:
    """The plans of one part of some reports: of all, or of those of which the company paid anything."""

    def __init__(self, sheet: Sheet, contents: Contents) -> None:
        part, heads = sheet.part, sheet.part.period.heads
        reports = np.arange(part.report_count) if part.name == "reimbursable" else np.unique(part.reports)
        batch, rows = Batch.of(part, reports), pa.array(reports)
        names = ("report_id", "currency", "approver_email")
        self._part, self._version = part.name, sheet.mappings.version
        self._texts = [*(heads.texts(name).take(rows) for name in names), heads.approved_at.take(rows)]
        self._totals = sheet.totals[reports]
        self._contents, self._batch = contents, batch
        self._hashes = contents.hashes(batch)
        self._cents = part.cents[batch.rows]
        self._problems = _problems(sheet, batch, contents.unreadable(batch))
        chosen = sheet.has_lines[reports] & (sheet.rules.kind != "skip")
        chosen[list(self._problems)] = False
        self._has_document = chosen
        self._documents = DocumentColumns.of(sheet, batch, chosen)

    def __len__(self) -> int:
        return len(self._hashes)

    def plans(self, start: int, end: int) -> Iterator[ReportPlan]:
        """The plans from one place to before another."""
        documents = np.cumsum(self._has_document) - 1
        texts = [objects(column.slice(start, end - start)) for column in self._texts]
        totals = self._totals[start:end].tolist()
        former_hashes = self._contents.former_hashes(self._batch.part_of(start, end))
        bounds = pairwise(self._batch.bounds[start : end + 1].tolist())
        for number, report_id, currency, approver, approved_at, total, former, (first, last) in zip(
            range(start, end), *texts, totals, former_hashes, bounds, strict=True
        ):
            yield ReportPlan(
                report_id=report_id,
                part=self._part,
                currency=currency,
                total_cents=total,
                content_hash=self._hashes[number],
                transactions=self._transactions(first, last),
                approved_at=approved_at,
                approver=approver,
                mapping_version=self._version,
                document=self._documents.document(documents[number]) if self._has_document[number] else None,
                problems=self._problems.get(number, ()),
                former_hashes=former,
            )

    def _transactions(self, first: int, last: int) -> dict[str, int]:
        """The cents of each transaction, also of those that are zero."""
        found: dict[str, int] = {}
        ids = objects(self._batch.ids.slice(first, last - first))
        for transaction_id, cents in zip(ids, self._cents[first:last].tolist(), strict=True):
            if transaction_id:
                found[transaction_id] = found.get(transaction_id, 0) + cents
        return found


def _problems(sheet: Sheet, batch: Batch, unreadable: _Problems) -> _Problems:
    """By number in the batch, all that keeps reports from having a document: first what is unreadable of them."""
    if sheet.rules.kind == "skip":
        return unreadable
    checks = Checks(sheet)
    spent: Flags = sheet.part.spent[batch.rows]
    found = dict(unreadable)
    for number in np.flatnonzero(checks.holds[batch.reports] & batch.any_of(spent)).tolist():
        rows = slice(batch.bounds[number], batch.bounds[number + 1])
        amounts = sheet.amount_of_row[batch.rows[rows][spent[rows]]].tolist()
        found[number] = checks.problems(batch.reports[number], amounts, unreadable.get(number, ()))
    return {number: problems for number, problems in found.items() if problems}
