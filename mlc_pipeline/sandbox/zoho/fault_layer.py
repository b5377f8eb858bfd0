"""The ASGI layer around the Zoho app that lets faults happen and writes down how each request ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlc_pipeline.sandbox.zoho.books import LoggedRequest, ZohoBooks
from mlc_pipeline.sandbox.zoho.errors import Refusal, internal_error
from mlc_pipeline.sandbox.zoho.faults import FaultKind, take_fault
from mlc_pipeline.sandbox.zoho.limits import (
    blocked_for_an_hour,
    too_many_at_once,
    too_many_per_day,
    too_many_per_minute,
)

#: A slow commit waits this long for the client to give up, then commits all the same.
LONGEST_WAIT_FOR_CLIENT = 30.0

BAD_GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


@dataclass(slots=True)
class Reply:
    """A whole HTTP answer, held back."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Take one ASGI message; serves as `send`."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message["headers"])
        else:
            self.body += message.get("body", b"")

    async def give(self, send: Send) -> None:
        """Send the answer on."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def code(self) -> int | None:
        """The `code` of the envelope, if the body has one."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return None
        return content.get("code") if isinstance(content, dict) else None

    @classmethod
    def json(cls, status: int, content: dict[str, object]) -> Reply:
        """Make a JSON answer."""
        return cls(status, [(b"content-type", b"application/json;charset=UTF-8")], json.dumps(content).encode())

    @classmethod
    def refusal(cls, refusal: Refusal) -> Reply:
        """Make an answer in Zoho's error envelope."""
        return cls.json(refusal.status, {"code": refusal.code, "message": refusal.message})


class FaultLayer:
    """Runs each request through the app, with the fault that waits for it, and logs it."""

    def __init__(self, app: ASGIApp, books: ZohoBooks) -> None:
        self.app = app
        self.books = books

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault = take_fault(self.books.faults, scope["method"], scope["path"])
        handle = _EFFECTS[fault.kind] if fault else FaultLayer._undisturbed
        try:
            reply = await handle(self, scope, receive, fault.delay if fault else 0.0)
        except ClientDisconnect:  # before its request was whole: nothing has reached the books
            reply = None
        status, code = (reply.status, reply.code) if reply else (0, None)
        self.books.request_log.append(
            LoggedRequest(self.books.clock(), scope["method"], scope["path"], status, code)
        )
        if reply is None:
            cut_connection(scope)
            await client_gone(receive)
        else:
            await reply.give(send)

    async def _undisturbed(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        reply = Reply()
        await self.app(scope, receive, reply.collect)
        return reply

    async def _cut_before(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        await read_body(receive)
        return None

    async def _cut_after(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        await self._undisturbed(scope, receive, delay)
        return None

    async def _slow(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        body = await read_body(receive)
        await client_gone(receive)
        await asyncio.sleep(delay)
        return await self._undisturbed(scope, replay(body), delay)

    async def _truncated(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        reply = Reply()
        await self.app(scope, receive, reply.collect)
        kept = [(name, value) for name, value in reply.headers if name.lower() != b"content-length"]
        return Reply(reply.status, kept, reply.body[: len(reply.body) // 2])

    async def _revoked(self, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        self.books.access_tokens.clear()
        return await self._undisturbed(scope, receive, delay)


#: Takes the layer, the request and a delay in seconds; gives the answer, or None to cut the connection.
Effect = Callable[[FaultLayer, Scope, Receive, float], Awaitable[Reply | None]]


def cut_connection(scope: Scope) -> None:
    """Close the connection under the request, without a byte of an answer."""
    cut = scope.get("extensions", {}).get("mlc.cut")
    if cut is None:
        raise LookupError("This server lends no connections to cut; serve the sandbox with serve_sandbox().")
    cut()


async def read_body(receive: Receive) -> bytes:
    """Read the whole request body; raises ClientDisconnect when it does not come to its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes) -> Receive:
    """Return a `receive` that gives a body that was read before."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def client_gone(receive: Receive) -> None:
    """Wait until the client has closed its connection, at most `LONGEST_WAIT_FOR_CLIENT` seconds."""

    async def disconnected() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(disconnected(), LONGEST_WAIT_FOR_CLIENT)
    except TimeoutError:
        return


def _instead(make: Callable[[], Reply]) -> Effect:
    """The books stay as they are and the client gets another answer."""

    async def effect(layer: FaultLayer, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        await read_body(receive)
        return make()

    return effect


def _afterwards(make: Callable[[], Reply]) -> Effect:
    """The books change and the client gets another answer."""

    async def effect(layer: FaultLayer, scope: Scope, receive: Receive, delay: float) -> Reply | None:
        await layer.app(scope, receive, Reply().collect)
        return make()

    return effect


def _bad_gateway() -> Reply:
    return Reply(502, [(b"content-type", b"text/html")], BAD_GATEWAY_PAGE)


def _blocked_for_an_hour() -> Reply:
    reply = Reply.refusal(blocked_for_an_hour())
    reply.headers.append((b"retry-after", b"3600"))
    return reply


_EFFECTS: dict[FaultKind, Effect] = {
    FaultKind.CUT_BEFORE_COMMIT: FaultLayer._cut_before,
    FaultKind.CUT_AFTER_COMMIT: FaultLayer._cut_after,
    FaultKind.SLOW_COMMIT: FaultLayer._slow,
    FaultKind.ERROR_BEFORE_COMMIT: _instead(lambda: Reply.refusal(internal_error())),
    FaultKind.ERROR_AFTER_COMMIT: _afterwards(lambda: Reply.refusal(internal_error())),
    FaultKind.BAD_GATEWAY_BEFORE_COMMIT: _instead(_bad_gateway),
    FaultKind.BAD_GATEWAY_AFTER_COMMIT: _afterwards(_bad_gateway),
    FaultKind.TRUNCATED_JSON: FaultLayer._truncated,
    FaultKind.TOO_MANY_PER_MINUTE: _instead(lambda: Reply.refusal(too_many_per_minute())),
    FaultKind.TOO_MANY_PER_DAY: _instead(lambda: Reply.refusal(too_many_per_day(1000))),
    FaultKind.TOO_MANY_AT_ONCE: _instead(lambda: Reply.refusal(too_many_at_once())),
    FaultKind.BLOCKED_FOR_AN_HOUR: _instead(_blocked_for_an_hour),
    FaultKind.ACCESS_REVOKED: FaultLayer._revoked,
}
