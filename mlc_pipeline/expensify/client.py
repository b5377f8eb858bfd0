"""The Expensify client: approved reports of a range of time, and the settings of workspaces.

An export is two calls: the export itself, which renders the template and answers with a file name, and the
download of that file. Only the download is repeated.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol, Self, TypeVar

import httpx

from mlc_pipeline.expensify.endpoint import Endpoint, json_object
from mlc_pipeline.expensify.errors import (
    CredentialsRefused,
    ExpensifyError,
    ExportIncomplete,
    LimitsClosed,
    UnexpectedAnswer,
)
from mlc_pipeline.expensify.export_file import ExportFile, NotWhole, whole_file
from mlc_pipeline.expensify.exported import ExportedReports, SelectedReports
from mlc_pipeline.expensify.jobs import EXPORT_TIMEOUT, READ_TIMEOUT
from mlc_pipeline.expensify.limits import expensify_transport
from mlc_pipeline.expensify.marking import ExportMarks
from mlc_pipeline.expensify.patience import DOWNLOADS, Patience
from mlc_pipeline.expensify.report_pdfs import ReportPdfs
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.expensify.windows import ExportWindow, export_windows
from mlc_pipeline.expensify.workspaces import Workspace, WorkspaceSettings, read_policies, read_policy_list
from mlc_pipeline.transport.pacing import Rules
from mlc_pipeline.transport.traffic import RetryLog, Traffic

logger = logging.getLogger(__name__)

FILE_BASENAME = "mlc_export"
POLICY_FIELDS = ("categories", "tags", "reportFields", "tax", "employees")

T = TypeVar("T")

_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,250}\.[A-Za-z0-9]{1,8}")


class Range(Protocol):
    """Instants `[start, end)`, both aware; an approval period is one."""

    @property
    def start(self) -> datetime:
        """The first instant."""

    @property
    def end(self) -> datetime:
        """The first instant after it."""


@dataclass(frozen=True, slots=True)
class ReportExport:
    """The reports approved in a range, and the exports that were asked for."""

    reports: SelectedReports
    windows: tuple[ExportWindow, ...]


class ExpensifyClient:
    """Reads from Expensify with one pair of partner credentials; usable as a context manager.

    `zone` is where a date without a time begins: the connection's time zone. `rules` pace it by a budget
    that all processes share. `http` replaces the whole way to the network, retries and pacing included; `traffic`
    knows nothing of it then.
    Every method raises an `ExpensifyError` and nothing else when Expensify fails.
    """

    def __init__(
        self,
        url: str,
        partner_user_id: str,
        partner_user_secret: str,
        *,
        zone: tzinfo,
        rules: Rules | None = None,
        http: httpx.Client | None = None,
        downloads: Patience = DOWNLOADS,
    ) -> None:
        self._log = RetryLog()
        self._http = http or httpx.Client(transport=expensify_transport(self._log, rules=rules))
        self._endpoint = Endpoint(self._http, url, partner_user_id, partner_user_secret, downloads)
        self._zone = zone
        self._downloads = downloads
        self.report_pdfs = ReportPdfs(self._endpoint, downloads)
        self.export_marks = ExportMarks(self._endpoint, downloads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def traffic(self) -> Traffic:
        """What was sent, repeated and waited for until now; for the metadata of a run."""
        return self._log.traffic

    def export_reports(
        self, period: Range, states: Collection[str], policy_ids: Collection[str] = ()
    ) -> ReportExport:
        """The reports approved in the range, each once, in these states and (if any are named) workspaces."""
        (export,) = self.export_ranges([period], states, policy_ids)
        return export

    def export_ranges(
        self, periods: Sequence[Range], states: Collection[str], policy_ids: Collection[str] = ()
    ) -> Iterator[ReportExport]:
        """The reports of each range, in their order, out of the exports that all of them together need."""
        start, end = min(one.start for one in periods), max(one.end for one in periods)
        windows = tuple(export_windows(start, end, states, policy_ids))
        exported = ExportedReports([self._exported(window) for window in windows], self._zone)
        for period in periods:
            reports = exported.approved_within(period.start, period.end, states, policy_ids)
            logger.info("Expensify: %d reports read, %d of them in the period", len(exported), len(reports))
            yield ReportExport(reports, windows)

    def policy_list(self) -> tuple[Workspace, ...]:
        """The workspaces that the credentials see."""
        return self._get({"type": "policyList"}, read_policy_list)

    def policies(
        self, policy_ids: Sequence[str], fields: Sequence[str] = POLICY_FIELDS
    ) -> dict[str, WorkspaceSettings]:
        """The named settings of these workspaces, by workspace id. An id that does not exist: InvalidRequest."""
        job = {"type": "policy", "policyIDList": list(policy_ids), "fields": list(fields)}
        return self._get(job, read_policies)

    def _exported(self, window: ExportWindow) -> ExportFile:
        job = _export_job(window)
        body = self._endpoint.render(job, export_template(), timeout=EXPORT_TIMEOUT)
        return self._downloaded(_file_name(body))

    def _downloaded(self, file_name: str) -> ExportFile:
        """The file, downloaded again and again until it is whole."""
        pauses = self._downloads.pauses()
        while True:
            try:
                return whole_file(self._file(file_name))
            except NotWhole as reason:
                pause = next(pauses, None)
                if pause is None:
                    raise ExportIncomplete(
                        f"Expensify's file did not come whole in {self._downloads.attempts} downloads: {reason}."
                    ) from reason
                logger.info("Expensify's file is not whole yet (%s); again in %.1f s", reason, pause)
                time.sleep(pause)

    def _file(self, file_name: str) -> bytes:
        """One download. How "not ready yet" looks is not documented: only refused credentials are final."""
        job = {"type": "download", "fileName": file_name, "fileSystem": "integrationServer"}
        try:
            return self._endpoint.download(job, timeout=READ_TIMEOUT)
        except (CredentialsRefused, LimitsClosed):
            raise
        except ExpensifyError as error:
            raise NotWhole(error.message.rstrip(".")) from error

    def _get(self, settings: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
        job = {"type": "get", "inputSettings": settings}
        body = self._endpoint.read(job, timeout=READ_TIMEOUT)
        try:
            return read(json_object(body) or {})
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else "a value has another form"
            raise UnexpectedAnswer(
                f"Expensify's answer to {settings['type']!r} is not as its manual says: {what}."
            ) from error


def _export_job(window: ExportWindow) -> dict[str, Any]:
    """Expensify manual, report exporter: `reportState` stands beside `filters`, never inside."""
    return {
        "type": "file",
        "onReceive": {"immediateResponse": ["returnRandomFileName"]},
        "inputSettings": {
            "type": "combinedReportData",
            "reportState": ",".join(window.states),
            "filters": dict(window.filters),
        },
        "outputSettings": {"fileExtension": "txt", "fileBasename": FILE_BASENAME},
    }


def _file_name(body: bytes) -> str:
    """The one file name that an export answers with."""
    answer = body.decode("utf-8", errors="replace").strip().lstrip("\ufeff")
    if _FILE_NAME.fullmatch(answer) and ".." not in answer:
        return answer
    names = answer.split(",")
    if len(names) > 1 and all(_FILE_NAME.fullmatch(name.strip()) for name in names):
        raise UnexpectedAnswer(
            f"Expensify rendered {len(names)} files where one was asked for.",
            what_to_do="Nothing was read. Please report it with this sentence.",
        )
    raise UnexpectedAnswer("Expensify answered the export with something that is not a file name.")
