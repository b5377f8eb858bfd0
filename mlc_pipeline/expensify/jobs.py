"""Export jobs besides the one that reads reports: named reports, rendered to files, which are then downloaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import httpx

from mlc_pipeline.expensify.endpoint import Endpoint
from mlc_pipeline.expensify.errors import CredentialsRefused, ExpensifyError, LimitsClosed, UnexpectedAnswer
from mlc_pipeline.expensify.export_file import NotWhole
from mlc_pipeline.expensify.patience import Patience
from mlc_pipeline.transport import errands

# The export call blocks until the file is rendered, which Expensify says "might take many minutes".
EXPORT_TIMEOUT = httpx.Timeout(600.0, connect=15.0)
READ_TIMEOUT = httpx.Timeout(60.0, connect=15.0)

T = TypeVar("T")

_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,250}\.[A-Za-z0-9]{1,8}")
_REPORT_ID = re.compile(r"[A-Za-z0-9]{1,40}")


def is_report_id(text: str) -> bool:
    """Whether this can stand in a list of report ids."""
    return _REPORT_ID.fullmatch(text) is not None


def export_job(
    report_ids: Iterable[str], output: Mapping[str, Any], *, filters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The export of exactly these reports, in whatever state (manual: report exporter).

    Raises:
        ValueError: there are none, or one is no id: such a list might select other reports.
    """
    ids = tuple(report_ids)
    if not ids or not all(map(is_report_id, ids)):
        raise ValueError("An export of named reports needs ids of reports.")
    return {
        "type": "file",
        "onReceive": {"immediateResponse": ["returnRandomFileName"]},
        "inputSettings": {
            "type": "combinedReportData",
            "filters": {"reportIDList": ",".join(ids), **(filters or {})},
        },
        "outputSettings": dict(output),
    }


def rendered(endpoint: Endpoint, job: Mapping[str, Any], template: str) -> tuple[str, ...]:
    """The names of the files that the export made: several come separated by commas."""
    answer = endpoint.render(job, template, timeout=EXPORT_TIMEOUT).decode("utf-8", errors="replace")
    names = tuple(name.strip() for name in answer.lstrip("\ufeff").split(",") if name.strip())
    if not names or not all(_FILE_NAME.fullmatch(name) and ".." not in name for name in names):
        raise UnexpectedAnswer("Expensify answered the export with something that is not a file name.")
    return names


def downloaded(endpoint: Endpoint, name: str, read: Callable[[bytes], T], patience: Patience) -> T:
    """What `read` makes of a file, downloaded again while it raises NotWhole or Expensify has it not ready."""
    job = {"type": "download", "fileName": name, "fileSystem": "integrationServer"}
    pauses = patience.pauses()
    while True:
        try:
            return read(endpoint.download(job, timeout=READ_TIMEOUT))
        except (CredentialsRefused, LimitsClosed):
            raise
        except (ExpensifyError, NotWhole) as error:
            reason = error.message.rstrip(".") if isinstance(error, ExpensifyError) else str(error)
            pause = next(pauses, None)
            if pause is None:
                tried = f"Expensify's file did not come whole in {patience.attempts} downloads"
                raise UnexpectedAnswer(f"{tried}: {reason}.") from error
            errands.sleep(pause)
