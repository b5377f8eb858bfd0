"""A served account and a caller that speaks the manual's form."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mlc_pipeline.sandbox.expensify import ENDPOINT, ExpensifyAccount, create_expensify_app
from mlc_pipeline.sandbox.serving import serve_app

CREDENTIALS = {"partnerUserID": "aa_example", "partnerUserSecret": "example-secret"}
IDS_TEMPLATE = "[<#list reports as r>${r.reportID}<#sep>,</#list>]"


@dataclass
class Caller:
    """Sends jobs as a client would; `account` is the state behind the server."""

    http: httpx.Client
    account: ExpensifyAccount

    def send(self, job: dict[str, Any], **fields: str) -> httpx.Response:
        description = json.dumps({"credentials": CREDENTIALS, **job})
        return self.http.post(ENDPOINT, data={"requestJobDescription": description, **fields})

    def export(self, filters: dict[str, Any], template: str = IDS_TEMPLATE, **changes: Any) -> httpx.Response:
        return self.send(export_job(filters, **changes), template=template)

    def download(self, name: str) -> httpx.Response:
        return self.send({"type": "download", "fileName": name, "fileSystem": "integrationServer"})

    def exported(self, filters: dict[str, Any], **changes: Any) -> str:
        return self.download(self.export(filters, **changes).text).text

    def get(self, **settings: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.send({"type": "get", "inputSettings": settings}).json()
        return answer


def export_job(filters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An export job; `changes` with a name of `inputSettings` go there, the rest to the top."""
    inside = {key: changes.pop(key) for key in ("reportState", "limit", "employeeEmail") if key in changes}
    return {
        "type": "file",
        "onReceive": {"immediateResponse": ["returnRandomFileName"]},
        "inputSettings": {"type": "combinedReportData", "filters": filters, **inside},
        "outputSettings": {"fileExtension": "json"},
        **changes,
    }


def report(report_id: str, status: str, **attributes: str) -> dict[str, Any]:
    return {"reportID": report_id, "policyID": "P1", "status": status, "transactionList": [], **attributes}


@pytest.fixture
def caller() -> Iterator[Caller]:
    account = ExpensifyAccount(
        CREDENTIALS["partnerUserID"],
        CREDENTIALS["partnerUserSecret"],
        reports=[
            report("OPEN1", "Open", created="2026-03-01 10:00:00", submitted=""),
            report("SENT1", "Processing", created="2026-03-01 10:00:00", submitted="2026-03-10 23:30:00"),
            report(
                "APPR1", "Approved", created="2026-02-01", submitted="2026-02-02", approved="2026-03-11 00:30:00"
            ),
            report("APPR2", "Approved", created="2026-03-10", submitted="2026-03-10", approved="2026-03-12"),
            report("PAID1", "Reimbursed", created="2026-03-11", submitted="2026-03-11", approved="2026-03-13"),
            report("DONE1", "Closed", created="2026-03-12", submitted="2026-03-12", policyID="P2"),
        ],
        clock=lambda: datetime(2026, 4, 1, tzinfo=UTC),
        limit=None,
    )
    with serve_app(create_expensify_app(account)) as url, httpx.Client(base_url=url) as http:
        yield Caller(http, account)
