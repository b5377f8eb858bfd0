"""The one endpoint: reads the form, checks the credentials, runs the job, and misbehaves when told to."""

import threading
from typing import Any, Final
from urllib.parse import parse_qsl

import anyio
import simplejson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount, JsonObject
from mlc_pipeline.sandbox.expensify.answers import (
    PLAIN_TEXT,
    RATE_LIMITED,
    JobError,
    error_answer,
    json_answer,
)
from mlc_pipeline.sandbox.expensify.exporter import export_reports, read_file
from mlc_pipeline.sandbox.expensify.faults import Fault
from mlc_pipeline.sandbox.expensify.getters import get
from mlc_pipeline.sandbox.expensify.receipts import RECEIPTS, receipt_answer

ENDPOINT: Final = "/Integration-Server/ExpensifyIntegrations"
_FORM: Final = "application/x-www-form-urlencoded"


def create_expensify_app(account: ExpensifyAccount) -> Starlette:
    """The Integration Server of one account, as an ASGI app."""
    lock = threading.Lock()

    async def integrations(request: Request) -> Response:
        try:
            form = await _form(request)
            job = _job(form)
            fault = _admitted(account, job)
            if fault is not None and fault.name == "slow":
                await anyio.sleep(fault.seconds)
            server = str(request.base_url).rstrip("/")
            return await run_in_threadpool(_answer, account, job, form.get("template"), server, fault, lock)
        except JobError as error:
            answer = error_answer(error)
            if error.code == 429 and account.rate_limits_by_status:
                answer.status_code = 429
            return answer

    async def receipt(request: Request) -> Response:
        return receipt_answer(account.receipts, request.path_params["name"], account.receipt_links)

    return Starlette(
        routes=[
            Route(ENDPOINT, integrations, methods=["POST"]),
            Route(RECEIPTS + "{name}", receipt, methods=["GET"]),
        ]
    )


async def _form(request: Request) -> dict[str, str]:
    if request.url.query:
        raise JobError(410, "The sandbox takes nothing in the query: send every parameter in the form body")
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise JobError(410, f"Bad request. Verify the request parameters: the body must be {_FORM}")
    try:
        text = (await request.body()).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"))
    except ValueError as problem:
        raise JobError(410, "Bad request. Verify the request parameters: body not percent-encoded") from problem


def _job(form: dict[str, str]) -> JsonObject:
    text = form.get("requestJobDescription")
    if text is None:
        raise JobError(410, "Required parameter 'requestJobDescription' is missing")
    try:
        job: Any = simplejson.loads(text)
    except ValueError as problem:
        raise JobError(410, "Argument 'requestJobDescription' is missing or malformed") from problem
    if not isinstance(job, dict):
        raise JobError(410, "Argument 'requestJobDescription' is missing or malformed")
    return job


def _admitted(account: ExpensifyAccount, job: JsonObject) -> Fault | None:
    """Check the limit and the credentials; the fault that is due for this job, if any."""
    if account.limit is not None and not account.limit.admits():
        raise JobError(429, RATE_LIMITED)
    credentials = job.pop("credentials", None)
    expected = {"partnerUserID": account.partner_user_id, "partnerUserSecret": account.partner_user_secret}
    if credentials != expected:
        raise JobError(401, "Authentication error")
    account.received.append(job)
    return account.faults.take(str(job.get("type")))


def _answer(
    account: ExpensifyAccount,
    job: JsonObject,
    template: str | None,
    server: str,
    fault: Fault | None,
    lock: threading.Lock,
) -> Response:
    name = fault.name if fault else None
    if name == "rate_limited":
        raise JobError(429, RATE_LIMITED)
    if name in _WHOLE_ANSWERS:
        return _WHOLE_ANSWERS[name]()
    with lock:
        return _served(account, job, template, server, name)


def _served(
    account: ExpensifyAccount, job: JsonObject, template: str | None, server: str, fault: str | None
) -> Response:
    kind = job.get("type")
    if kind == "file":
        return Response(export_reports(account, job, template, server), headers={"content-type": PLAIN_TEXT})
    if kind == "download":
        content = read_file(account, job)
        whole = fault != "download_truncated"
        return Response(content if whole else content[: len(content) // 2], media_type="application/octet-stream")
    if kind == "get":
        return json_answer(get(account, job))
    raise JobError(410, "Argument 'type' is missing or malformed")


_WHOLE_ANSWERS: Final = {
    "download_empty": lambda: Response(b"", media_type="application/octet-stream"),
    "download_not_found": lambda: json_answer({"responseMessage": "File not found"}),
    "http_429": lambda: Response(RATE_LIMITED, status_code=429, media_type="text/plain"),
    "http_500": lambda: Response("Internal Server Error", status_code=500, media_type="text/plain"),
    "http_502_html": lambda: Response(
        "<html><body><h1>502 Bad Gateway</h1></body></html>", status_code=502, media_type="text/html"
    ),
}
