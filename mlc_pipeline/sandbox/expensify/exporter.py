"""The report exporter and the downloader (manual: "Report exporter", "Downloader")."""

import uuid
from typing import Any

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount, JsonObject
from mlc_pipeline.sandbox.expensify.answers import JobError
from mlc_pipeline.sandbox.expensify.selection import read_selection
from mlc_pipeline.sandbox.freemarker import TemplateFailure, render

_TEMPLATED_EXTENSIONS = ("csv", "txt", "json", "xml")


def export_reports(account: ExpensifyAccount, job: JsonObject, template: str | None) -> str:
    """Render the template over the reports the job selects, keep the file, and return its name."""
    settings = _settings(job)
    extension, basename = _output(job)
    if not template:
        raise JobError(410, "No Template Submitted")
    reports = read_selection(settings, account.clock().date()).reports(account)
    content = _rendered(template, reports)
    name = f"{basename}{uuid.uuid4()}.{extension}"
    account.files[name] = content
    _finish(account, job, reports)
    return name


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


def _output(job: JsonObject) -> tuple[str, str]:
    output: Any = job.get("outputSettings")
    extension = output.get("fileExtension") if isinstance(output, dict) else None
    if extension not in _TEMPLATED_EXTENSIONS:
        raise JobError(410, "Argument 'fileExtension' is missing or malformed")
    return extension, output.get("fileBasename", "export")


def _rendered(template: str, reports: list[JsonObject]) -> str:
    try:
        return render(template, {"reports": reports, "addHeader": True})
    except TemplateFailure as failure:
        raise JobError(500, f"Error encountered while rendering the template: {failure}") from failure


def _finish(account: ExpensifyAccount, job: JsonObject, reports: list[JsonObject]) -> None:
    """The `onFinish` actions: they happen when the job succeeds, whether or not the file is ever fetched."""
    if job.get("test") == "true":
        return
    for action in job.get("onFinish", []):
        if action.get("actionName") != "markAsExported":
            raise JobError(410, f"The sandbox does not know the action '{action.get('actionName')}'")
        for report in reports:
            labels = account.exported_labels.setdefault(report["reportID"], [])
            if action["label"] not in labels:
                labels.append(action["label"])
