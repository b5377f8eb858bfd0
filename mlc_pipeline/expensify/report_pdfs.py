"""The PDF of a report, which stands for receipts whose links do not open (manual: report exporter, pdf)."""

from __future__ import annotations

from mlc_pipeline.expensify.endpoint import Endpoint
from mlc_pipeline.expensify.export_file import NotWhole
from mlc_pipeline.expensify.jobs import downloaded, export_job, rendered
from mlc_pipeline.expensify.patience import DOWNLOADS, Patience

# "xlsx/xls/pdf work on their own with template=default" (recorded by others).
_TEMPLATE = "default"
_BASENAME = "mlc_report"


class ReportPdfs:
    """Makes PDFs of single reports; every method raises an `ExpensifyError` when Expensify fails."""

    def __init__(self, endpoint: Endpoint, patience: Patience = DOWNLOADS) -> None:
        self._endpoint = endpoint
        self._patience = patience

    def with_receipts(self, report_id: str) -> tuple[bytes, ...]:
        """The report with a full page for each receipt; mostly one file."""
        return self._made(report_id, {"includeFullPageReceiptsPdf": True})

    def alone(self, report_id: str) -> tuple[bytes, ...]:
        """The report as Expensify prints it usually, which is smaller."""
        return self._made(report_id, {})

    def _made(self, report_id: str, options: dict[str, bool]) -> tuple[bytes, ...]:
        output = {"fileExtension": "pdf", "fileBasename": _BASENAME, **options}
        names = rendered(self._endpoint, export_job((report_id,), output), _TEMPLATE)
        return tuple(downloaded(self._endpoint, name, _whole, self._patience) for name in names)


def _whole(content: bytes) -> bytes:
    if not content.lstrip().startswith(b"%PDF-"):
        raise NotWhole("it is no PDF")
    if b"%%EOF" not in content:
        raise NotWhole("the end of the PDF is missing")
    return content
