"""A tiny Expensify on loopback for these tests: it records what it is sent and renders the template it is sent.

It speaks as recorded from the real one: errors with HTTP 200, content types that mean nothing, an export that
answers with a bare file name.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mlc_pipeline.sandbox.freemarker import render

FILE_NAME = "mlc_export0fd99e06-a636-4974-b6bc-3ceb12163386.json"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came over the wire."""

    query: str
    headers: dict[str, str]
    body: str
    form: dict[str, str]

    @property
    def job(self) -> dict[str, Any]:
        job: dict[str, Any] = json.loads(self.form["requestJobDescription"])
        return job


@dataclass
class ExpensifyServer:
    """`reports` is the data model of the next exports. `answers[type]` are answers to give first, in order."""

    url: str
    reports: list[list[dict[str, Any]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    answers: dict[str, deque[Response]] = field(default_factory=dict)
    file: str = ""

    def forget(self) -> None:
        self.reports = [[]]
        self.received = []
        self.answers = {"file": deque(), "download": deque(), "get": deque()}

    def will_answer(self, job_type: str, *answers: Response | str) -> None:
        for answer in answers:
            self.answers[job_type].append(answer if isinstance(answer, Response) else PlainTextResponse(answer))

    def jobs(self, job_type: str) -> list[dict[str, Any]]:
        return [request.job for request in self.received if request.job["type"] == job_type]

    async def answer(self, request: Request) -> Response:
        body = (await request.body()).decode("ascii")
        form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        received = Received(str(request.url.query), dict(request.headers), body, form)
        self.received.append(received)
        job_type = received.job["type"]
        if self.answers[job_type]:
            return self.answers[job_type].popleft()
        if job_type == "file":
            reports = self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]
            self.file = render(form["template"], {"reports": reports, "addHeader": True})
            return PlainTextResponse(FILE_NAME)
        if job_type == "download" and received.job["fileName"] == FILE_NAME:
            return PlainTextResponse(self.file)
        return PlainTextResponse('{"responseMessage":"Bad request. Verify the request.","responseCode":410}')


@contextmanager
def running_server() -> Iterator[ExpensifyServer]:
    """The server on a free loopback port, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    expensify = ExpensifyServer(f"http://127.0.0.1:{listener.getsockname()[1]}/Integration-Server/Integrations")
    app = Starlette(routes=[Route("/Integration-Server/Integrations", expensify.answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield expensify
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
