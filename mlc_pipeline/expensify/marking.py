"""Marks reports as exported: the one thing that is ever written to Expensify.

The label shows in the history of the report and cannot be taken away again through the interface (Expensify
manual: report exporter, onFinish). No list of reports that we read from is ever narrowed by it: a report that is
reopened keeps its label and would be lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mlc_pipeline.expensify.endpoint import Endpoint
from mlc_pipeline.expensify.export_file import NotWhole
from mlc_pipeline.expensify.jobs import downloaded, export_job, rendered
from mlc_pipeline.expensify.patience import DOWNLOADS, Patience

_END = "end"
_TEMPLATE = f"<#list reports as report>${{report.reportID}}\n</#list>{_END}\n"
_OUTPUT = {"fileExtension": "txt", "fileBasename": "mlc_marks"}


class ExportMarks:
    """Marks and asks by label; every method raises an `ExpensifyError` when Expensify fails."""

    def __init__(self, endpoint: Endpoint, patience: Patience = DOWNLOADS) -> None:
        self._endpoint = endpoint
        self._patience = patience

    def without(self, label: str, report_ids: Collection[str]) -> frozenset[str]:
        """Which of these reports do not carry the label yet; nothing is written."""
        job = export_job(sorted(report_ids), _OUTPUT, filters={"markedAsExported": label})
        return self._listed(job, report_ids)

    def mark(self, label: str, report_ids: Collection[str]) -> frozenset[str]:
        """Give these reports the label; returns those that Expensify's export held, which have it now.

        A failure leaves open whether they have it: ask with `without` before it is repeated.
        """
        job = export_job(sorted(report_ids), _OUTPUT)
        # Nothing else belongs here: `test` was never seen to hold these actions back.
        job["onFinish"] = [{"actionName": "markAsExported", "label": label}]
        return self._listed(job, report_ids)

    def _listed(self, job: dict[str, object], asked: Iterable[str]) -> frozenset[str]:
        (name, *_) = rendered(self._endpoint, job, _TEMPLATE)
        return downloaded(self._endpoint, name, _ids, self._patience) & frozenset(asked)


def _ids(content: bytes) -> frozenset[str]:
    lines = content.decode("utf-8-sig", errors="replace").split()
    if lines[-1:] != [_END]:
        raise NotWhole("its end is missing")
    return frozenset(lines[:-1])
