"""The Books API v3 as calls and pages: hosts, organization, envelope, logging; it knows no kind of record."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import httpx

from mlc_pipeline.transport import json
from mlc_pipeline.zoho.answers import body_of, envelope_code, lost_answer, senseless
from mlc_pipeline.zoho.data_centers import books_api_host
from mlc_pipeline.zoho.errors import UnexpectedAnswer
from mlc_pipeline.zoho.fields import MalformedRecord, Row
from mlc_pipeline.zoho.models import Organization
from mlc_pipeline.zoho.oauth import ZohoOAuth, utc_now
from mlc_pipeline.zoho.organizations import choose_organization
from mlc_pipeline.zoho.token_endpoint import TokenEndpoint
from mlc_pipeline.zoho.tokens import TokenStore, ZohoCredentials

logger = logging.getLogger("mlc_pipeline.zoho")

PER_PAGE = 200
MOST_PAGES = 5000

Record = TypeVar("Record")


class BooksApi:
    """Calls to one organization of Zoho Books, safe between threads.

    Every call but `GET /organizations` carries `organization_id`; lists always carry `per_page`, since Zoho's
    own default has changed (200, then 10).
    """

    def __init__(
        self,
        *,
        connection: str,
        accounts_url: str,
        credentials: ZohoCredentials,
        organization: str | None,
        token_store: TokenStore,
        sandbox: bool,
        transport: httpx.BaseTransport,
        timeout: httpx.Timeout,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._wanted = organization
        self._sandbox = sandbox
        self._endpoint = TokenEndpoint(
            accounts_url, connection=connection, sandbox=sandbox, transport=transport, now=now
        )
        self._oauth = ZohoOAuth(self._endpoint, credentials, token_store, now=now)
        self._http = httpx.Client(auth=self._oauth, transport=transport, timeout=timeout, follow_redirects=False)
        self._organization: Organization | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()
        self._http.close()

    def api_host(self) -> str:
        """The API host the present token belongs to, for example `https://www.zohoapis.eu`."""
        return books_api_host(self._oauth.token().api_domain, sandbox=self._sandbox)

    def organizations(self) -> tuple[Organization, ...]:
        """All organizations this login sees; `GET /organizations` knows no pages."""
        body = self._send("GET", "/organizations", {}, {})
        rows = _rows(body, "organizations", "/organizations")
        return tuple(_read(Organization.read, row, "GET", "/organizations") for row in rows)

    def organization(self) -> Organization:
        """The organization of this connection, looked up once."""
        with self._lock:
            if self._organization is None:
                self._organization = choose_organization(self._wanted, self.organizations())
            return self._organization

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One call in the organization; the envelope of its success. Amounts in `payload` are Decimals."""
        return self._send(method, path, self._scoped(params), _json_body(payload))

    def upload(self, path: str, field: str, file: tuple[str, bytes, str]) -> dict[str, Any]:
        """Send a file (name, content, media type) as a multipart form; the envelope of its success."""
        return self._send("POST", path, self._scoped(), {"files": {field: file}})

    def get(self, path: str, key: str, read: Callable[[Row], Record]) -> Record:
        """The record under `key` of `GET path`."""
        return _read(read, self.call("GET", path).get(key), "GET", path)

    def write(
        self,
        method: str,
        path: str,
        key: str,
        read: Callable[[Row], Record],
        payload: Mapping[str, Any],
        params: Mapping[str, str] | None = None,
    ) -> Record:
        """The record that a POST or PUT made; OutcomeUnknown when a success comes without it."""
        return _read(read, self.call(method, path, params, payload).get(key), method, path)

    def rows(
        self, path: str, key: str, read: Callable[[Row], Record], params: Mapping[str, str] | None = None
    ) -> tuple[Record, ...]:
        """The records of a list that knows no pages."""
        found = _rows(self.call("GET", path, params), key, path)
        return tuple(_read(read, row, "GET", path) for row in found)

    def read(self, read: Callable[[list[Row]], Record], body: Mapping[str, Any], key: str, path: str) -> Record:
        """What the list under `key` of an answer stands for as a whole."""
        try:
            return read(_rows(body, key, path))
        except MalformedRecord as error:
            raise senseless("GET", path, str(error)) from error

    def pages(
        self, path: str, key: str, id_key: str, read: Callable[[Row], Record], params: Mapping[str, str]
    ) -> Iterator[Record]:
        """The records of all pages of a list, each once, as they come."""
        return chain.from_iterable(self.page_by_page(path, key, id_key, read, params))

    def page_by_page(
        self, path: str, key: str, id_key: str, read: Callable[[Row], Record], params: Mapping[str, str]
    ) -> Iterator[tuple[Record, ...]]:
        """What each page of a list has that those before it had not; one request each.

        Without `page_context` (some lists document none) a full page means that another one follows; the same
        page once more means that the server knows no pages. A page may well show nothing new: records that came
        into being meanwhile have moved those on it that we know.
        """
        seen: set[Any] = set()
        before: list[Any] | None = None
        for page in range(1, MOST_PAGES + 1):
            body = self.call("GET", path, {**params, "page": str(page), "per_page": str(PER_PAGE)})
            rows = _rows(body, key, path)
            new = [row for row in rows if row.get(id_key) not in seen]
            seen.update(row.get(id_key) for row in new)
            yield tuple(_read(read, row, "GET", path) for row in new)
            ids = [row.get(id_key) for row in rows]
            if not ids or ids == before or not has_more(body, len(rows)):
                return
            before = ids
        raise UnexpectedAnswer(f"GET {path} did not end after {MOST_PAGES} pages of {PER_PAGE}")

    def _scoped(self, params: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**(params or {}), "organization_id": self.organization().organization_id}

    def _send(self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        request = self._http.build_request(method, f"{self.api_host()}/books/v3{path}", params=params, **body)
        started = time.monotonic()
        try:
            response = self._http.send(request)
        except httpx.RequestError as error:
            logger.info("%s %s: %s", method, path, type(error).__name__)
            raise lost_answer(error, request) from error
        elapsed_ms = round((time.monotonic() - started) * 1000)
        code = envelope_code(response)
        logger.debug("%s %s: HTTP %d, code %s, %d ms", method, path, response.status_code, code, elapsed_ms)
        return body_of(response)


def _json_body(payload: Mapping[str, Any] | None) -> dict[str, Any]:
    if payload is None:
        return {}
    return {"content": json.dumps(payload), "headers": {"Content-Type": "application/json"}}


def _rows(body: Mapping[str, Any], key: str, path: str) -> list[Row]:
    rows = body.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise UnexpectedAnswer(f"GET {path} was answered without a list of {key}")
    return rows


def _read(read: Callable[[Row], Record], record: object, method: str, path: str) -> Record:
    if not isinstance(record, Mapping):
        raise senseless(method, path, "the record is missing")
    try:
        return read(record)
    except MalformedRecord as error:
        raise senseless(method, path, str(error)) from error


def has_more(body: Mapping[str, Any], rows: int) -> bool:
    """Whether another page follows one of so many rows; without `page_context` a full page means so."""
    context = body.get("page_context")
    said = context.get("has_more_page") if isinstance(context, Mapping) else None
    return said if isinstance(said, bool) else rows >= PER_PAGE


def path_id(record_id: str) -> str:
    """An id as it stands in a path; raises ValueError for what is none."""
    if not record_id.isascii() or not record_id.isalnum():
        raise ValueError(f"{record_id!r} is not an id of Zoho Books.")
    return record_id
