"""The report exporter and the downloader (manual: "Report exporter", "Downloader")."""

import uuid
from typing import Any

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount, JsonObject
from mlc_pipeline.sandbox.expensify.answers import JobError
from mlc_pipeline.sandbox.expensify.receipts import with_links
from mlc_pipeline.sandbox.expensify.report_pdf import report_pdf
from mlc_pipeline.sandbox.expensify.selection import read_selection
from mlc_pipeline.sandbox.freemarker import TemplateFailure, render

_TEMPLATED_EXTENSIONS = ("csv", "txt", "json", "xml")


def export_reports(account: ExpensifyAccount, job: JsonObject, template: str | None, server: str) -> str:
    """Make the files of the reports that the job selects, keep them, and return their names with commas between.

    One file for each extension, but a PDF for each report. `server` is the address that receipts are served at.
    """
    settings = _settings(job)
    output = _output(job)
    if not template:
        raise JobError(410, "No Template Submitted")
    reports = read_selection(settings, account.clock().date()).reports(account)
    files = {
        f"{output.get('fileBasename', 'export')}{uuid.uuid4()}.{extension}": content
        for extension in _extensions(output)
        for content in _contents(account, extension, output, template, reports, server)
    }
    account.files |= files
    _finish(account, job, reports)
    return ",".join(files)


def read_file(account: ExpensifyAccount, job: JsonObject) -> bytes:
    """The bytes of an exported file."""
    name = job.get("fileName")
    if not isinstance(name, str) or not name:
        raise JobError(410, "Argument 'fileName' is missing or malformed")
    if job.get("fileSystem", "integrationServer") != "integrationServer" or name not in account.files:
        raise JobError(404, "File not found")
    return account.files[name].encode("utf-8", errors="replace")  # Java writes a broken surrogate as "?"


def _settings(job: JsonObject) -> JsonObject:
    if job.get("onReceive") != {"immediateResponse": ["returnRandomFileName"]}:
        raise JobError(410, "Argument 'onReceive' is missing or malformed")
    settings: Any = job.get("inputSettings")
    if not isinstance(settings, dict) or settings.get("type") != "combinedReportData":
        raise JobError(410, "Argument 'type' is missing or malformed")
    if email := settings.get("employeeEmail"):
        raise JobError(500, f"Not authorized to authenticate as user {email}")
    return settings


def _output(job: JsonObject) -> JsonObject:
    output: Any = job.get("outputSettings")
    if not isinstance(output, dict):
        raise JobError(410, "Argument 'fileExtension' is missing or malformed")
    receipts = output.get("includeFullPageReceiptsPdf", False)
    if not isinstance(receipts, bool) or (receipts and "pdf" not in _extensions(output)):
        raise JobError(410, "Argument 'includeFullPageReceiptsPdf' is missing or malformed")
    return output


def _extensions(output: JsonObject) -> list[str]:
    """One extension, or several in a list."""
    given: Any = output.get("fileExtension")
    extensions: list[str] = given if isinstance(given, list) else [given]
    if not extensions or any(each not in (*_TEMPLATED_EXTENSIONS, "pdf") for each in extensions):
        raise JobError(410, "Argument 'fileExtension' is missing or malformed")
    return extensions


def _contents(
    account: ExpensifyAccount,
    extension: str,
    output: JsonObject,
    template: str,
    reports: list[JsonObject],
    server: str,
) -> list[str]:
    if extension != "pdf":
        return [_rendered(template, [with_links(report, server) for report in reports])]
    receipts = output.get("includeFullPageReceiptsPdf", False)
    return [report_pdf(report, account.report_pdf_size, receipts=receipts) for report in reports]


def _rendered(template: str, reports: list[JsonObject]) -> str:
    try:
        return render(template, {"reports": reports, "addHeader": True})
    except TemplateFailure as failure:
        raise JobError(500, f"Error encountered while rendering the template: {failure}") from failure


def _finish(account: ExpensifyAccount, job: JsonObject, reports: list[JsonObject]) -> None:
    """The `onFinish` actions: they happen when the job succeeds, whether or not the file is ever fetched."""
    if job.get("test") == "true" and account.test_spares_the_actions:
        return
    for action in job.get("onFinish", []):
        if action.get("actionName") != "markAsExported":
            raise JobError(410, f"The sandbox does not know the action '{action.get('actionName')}'")
        for report in reports:
            labels = account.exported_labels.setdefault(report["reportID"], [])
            if action["label"] not in labels:
                labels.append(action["label"])
