"""The way of a Books API request: found, authorised, counted, checked against the facts, handled, answered."""

from __future__ import annotations

import asyncio
import mimetypes
from itertools import chain
from typing import Any

import simplejson
from starlette.requests import Request
from starlette.responses import Response

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.call import FILE, Call
from mlc_pipeline.sandbox.zoho.conformity import body_findings, null_findings, query_findings
from mlc_pipeline.sandbox.zoho.errors import UNKNOWN_IN_THE_REFERENCE, Refusal
from mlc_pipeline.sandbox.zoho.exchanges import Exchange, Observer, observers
from mlc_pipeline.sandbox.zoho.facts import Operation, operation_for
from mlc_pipeline.sandbox.zoho.handlers import HANDLERS
from mlc_pipeline.sandbox.zoho.limits import admit, rate_limit_headers
from mlc_pipeline.sandbox.zoho.multipart import UploadedFile, uploaded_files
from mlc_pipeline.sandbox.zoho.oauth import authorize, granted_scopes
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: Properties that are taken and forgotten without a word, as seen live (section 5.1), by operation and edition.
SILENTLY_DROPPED = {
    (operation, "in"): ("source_of_supply", "destination_of_supply")
    for operation in ("create_journal", "update_journal")
}


class BooksApi:
    """Serves one sandbox's Books API."""

    def __init__(self, books: ZohoBooks, observer: Observer | None = None) -> None:
        self.books = books
        self.observer = observer

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        path = "/" + request.path_params["path"]
        body = await request.body()
        headers: dict[str, str] = {}
        try:
            status, answer = await self._answer(request, path, body, headers)
        except Refusal as refusal:
            status, answer = refusal.status, {"code": self._code(refusal), "message": refusal.message}
            if status == 429 and self.books.settings.retry_after_seconds is not None:
                headers["Retry-After"] = str(self.books.settings.retry_after_seconds)
        file = answer.pop(FILE, None)
        self._show(request, path, body, status, answer)
        if isinstance(file, UploadedFile):
            return Response(file.content, status, headers, mimetypes.guess_type(file.name)[0])
        return Response(
            simplejson.dumps(answer, use_decimal=True),
            status,
            headers,
            "application/json;charset=UTF-8",
        )

    def _code(self, refusal: Refusal) -> int:
        """The code of a refusal; the settings may put one in place of all that the reference does not know."""
        chosen = self.books.settings.code_of_unknown_refusals
        is_known = refusal.code < UNKNOWN_IN_THE_REFERENCE
        return refusal.code if is_known or chosen is None else chosen

    async def _answer(
        self, request: Request, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, Record]:
        operation, path_values = _found(request.method, path)
        authorize(self.books, request.headers.get("authorization"), operation.scope)
        organization = self._organization(operation, request)
        usage = admit(self.books, organization)
        headers.update(rate_limit_headers(self.books, organization))
        try:
            await asyncio.sleep(self.books.limits.latency)
            query = _checked_query(operation, request)
            content = _checked_body(operation, request, body, organization)
            files = _checked_files(operation, request, body)
            call = Call(self.books, organization, path_values, query, content, files)
            answer = {"code": 0, "message": "success", **HANDLERS[operation.name](call)}
        finally:
            usage.in_process -= 1
        if operation.method != "GET":
            self.books.changes += 1
        return operation.status, answer

    def _organization(self, operation: Operation, request: Request) -> Organization:
        """The organization the query names; calls that need none go to the login's default one."""
        if "organization_id" not in operation.query:
            return next(each for each in self.books.organizations.values() if each.is_default_org)
        given = request.query_params.get("organization_id", "")
        if given not in self.books.organizations:
            raise errors.wrong_organization(given)
        return self.books.organizations[given]

    def _show(self, request: Request, path: str, body: bytes, status: int, answer: Record) -> None:
        watching = [*([self.observer] if self.observer else []), *observers()]
        if not watching:
            return
        organization = self.books.organizations.get(request.query_params.get("organization_id", ""))
        exchange = Exchange(
            method=request.method,
            path=path,
            query=dict(request.query_params),
            request_json=_json_or_none(request, body),
            files=tuple(file.field for file in _files(request, body)),
            status=status,
            response_json=answer,
            edition=organization.edition if organization else None,
            granted_scopes=granted_scopes(self.books, request.headers.get("authorization")),
        )
        for observer in watching:
            observer(exchange)


def _found(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    found = operation_for(method, path)
    if found is None or found[0].name not in HANDLERS:
        raise errors.url_not_found()
    return found


def _checked_query(operation: Operation, request: Request) -> dict[str, str]:
    query = dict(request.query_params)
    for finding in query_findings(operation.query, query):
        raise errors.invalid_value(finding.name)
    return query


def _checked_body(operation: Operation, request: Request, body: bytes, organization: Organization) -> Record:
    """Read and check a JSON body; an operation that takes none gets none."""
    if not operation.takes_body:
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise errors.invalid_value("JSONString")
    content = _json(body)
    if not isinstance(content, dict):
        raise errors.invalid_value("JSONString")
    dropped = SILENTLY_DROPPED.get((operation.name, organization.edition), ())
    content = {name: value for name, value in content.items() if name not in dropped}
    findings = body_findings(operation.request, content, organization.edition)
    for finding in chain(findings, null_findings(content)):
        raise errors.invalid_value(finding.name)
    return content


def _checked_files(operation: Operation, request: Request, body: bytes) -> tuple[UploadedFile, ...]:
    files = _files(request, body)
    for file in files:
        if file.field not in operation.files:
            raise errors.invalid_value(file.field)
    return files


def _files(request: Request, body: bytes) -> tuple[UploadedFile, ...]:
    content_type = request.headers.get("content-type", "")
    return uploaded_files(content_type, body) if content_type.startswith("multipart/form-data") else ()


def _json(body: bytes) -> Any:
    try:
        return simplejson.loads(body, use_decimal=True)
    except ValueError:
        raise errors.invalid_value("JSONString") from None


def _json_or_none(request: Request, body: bytes) -> Any:
    is_json = request.headers.get("content-type", "").startswith("application/json")
    try:
        return simplejson.loads(body, use_decimal=True) if is_json and body else None
    except ValueError:
        return None
