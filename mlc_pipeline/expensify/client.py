"""The Expensify client: approved reports of a range of time, and the settings of workspaces. It only reads.

An export is two calls: the export itself, which renders the template and answers with a file name, and the
download of that file. Only the download is repeated.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol, Self, TypeVar

import httpx

from mlc_pipeline.expensify.endpoint import Endpoint, json_object
from mlc_pipeline.expensify.errors import (
    CredentialsRefused,
    ExpensifyError,
    ExportIncomplete,
    RateLimited,
    UnexpectedAnswer,
)
from mlc_pipeline.expensify.export_file import NotWhole, reports_in
from mlc_pipeline.expensify.models import ReportRecord
from mlc_pipeline.expensify.patience import DOWNLOADS, LIMITS, Patience
from mlc_pipeline.expensify.reading import read_report
from mlc_pipeline.expensify.selection import approved_within, latest, without_copies
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.expensify.windows import ExportWindow, export_windows
from mlc_pipeline.expensify.workspaces import Workspace, WorkspaceSettings, read_policies, read_policy_list
from mlc_pipeline.transport.retry import RetryPolicy, RetryTransport

logger = logging.getLogger(__name__)

FILE_BASENAME = "mlc_export"
POLICY_FIELDS = ("categories", "tags", "reportFields", "tax", "employees")

# The export call blocks until the file is rendered, which Expensify says "might take many minutes".
EXPORT_TIMEOUT = httpx.Timeout(600.0, connect=15.0)
READ_TIMEOUT = httpx.Timeout(60.0, connect=15.0)

T = TypeVar("T")

# A refusal by the limit is waited out by the client itself, whether it comes as HTTP 429 or in the body.
_RETRIES = RetryPolicy(
    least_wait=lambda response: math.inf if response.status_code == httpx.codes.TOO_MANY_REQUESTS else 0.0
)

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
    """The reports approved in a range, the exports that were asked for, and how many reports these held."""

    reports: tuple[ReportRecord, ...]
    windows: tuple[ExportWindow, ...]
    reports_read: int


class ExpensifyClient:
    """Reads from Expensify with one pair of partner credentials; usable as a context manager.

    `zone` is where a date without a time begins: the connection's time zone. `http` brings its own transports
    (pacing, retry); without it there is a client that retries what `transport.retry` calls safe.
    Every method raises an `ExpensifyError` and nothing else when Expensify fails.
    """

    def __init__(
        self,
        url: str,
        partner_user_id: str,
        partner_user_secret: str,
        *,
        zone: tzinfo,
        http: httpx.Client | None = None,
        downloads: Patience = DOWNLOADS,
        limits: Patience = LIMITS,
    ) -> None:
        self._http = http or httpx.Client(transport=RetryTransport(httpx.HTTPTransport(), _RETRIES))
        self._endpoint = Endpoint(self._http, url, partner_user_id, partner_user_secret)
        self._zone = zone
        self._downloads = downloads
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def export_reports(
        self, period: Range, states: Collection[str], policy_ids: Collection[str] = ()
    ) -> ReportExport:
        """The reports approved in the range, each once, in these states and (if any are named) workspaces."""
        windows = export_windows(period.start, period.end, states, policy_ids)
        files = [self._exported(window) for window in windows]
        reports = approved_within(latest(files), period.start, period.end, states, policy_ids)
        reports_read = sum(len(file) for file in files)
        logger.info("Expensify: %d reports read, %d of them in the period", reports_read, len(reports))
        return ReportExport(tuple(reports), tuple(windows), reports_read)

    def policy_list(self) -> tuple[Workspace, ...]:
        """The workspaces that the credentials see."""
        return self._get({"type": "policyList"}, read_policy_list)

    def policies(
        self, policy_ids: Sequence[str], fields: Sequence[str] = POLICY_FIELDS
    ) -> dict[str, WorkspaceSettings]:
        """The named settings of these workspaces, by workspace id. An id that does not exist: InvalidRequest."""
        job = {"type": "policy", "policyIDList": list(policy_ids), "fields": list(fields)}
        return self._get(job, read_policies)

    def _exported(self, window: ExportWindow) -> list[ReportRecord]:
        job = _export_job(window)
        body = self._within_limits(lambda: self._endpoint.render(job, export_template(), timeout=EXPORT_TIMEOUT))
        reports = self._downloaded(_file_name(body))
        return without_copies(read_report(report, self._zone) for report in reports)

    def _downloaded(self, file_name: str) -> list[dict[str, Any]]:
        """The report objects of the file, downloaded again and again until it is whole."""
        pauses = self._downloads.pauses()
        while True:
            try:
                return reports_in(self._file(file_name))
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
        except CredentialsRefused:
            raise
        except ExpensifyError as error:
            raise NotWhole(error.message.rstrip(".")) from error

    def _get(self, settings: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
        job = {"type": "get", "inputSettings": settings}
        body = self._within_limits(lambda: self._endpoint.read(job, timeout=READ_TIMEOUT))
        try:
            return read(json_object(body) or {})
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            raise UnexpectedAnswer(
                f"Expensify's answer to {settings['type']!r} is not as its manual says ({error!r})."
            ) from error

    def _within_limits(self, ask: Callable[[], bytes]) -> bytes:
        """`ask` again after a pause when Expensify's limit refused it; nothing was done then."""
        for pause in self._limits.pauses():
            try:
                return ask()
            except RateLimited as refusal:
                logger.info("Expensify: %s Again in %.1f s", refusal.message, pause)
                time.sleep(pause)
        return ask()


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
        "outputSettings": {"fileExtension": "json", "fileBasename": FILE_BASENAME},
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
