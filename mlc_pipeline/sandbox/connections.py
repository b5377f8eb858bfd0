"""Lends the server's connections to the apps, so that a fault can cut one under a request.

An ASGI app cannot close its connection: if it answers nothing, uvicorn answers 500 in its place.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]


class LentConnections:
    """The open connections of one server, by the client's address."""

    def __init__(self) -> None:
        self.transports: dict[Address, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return uvicorn's HTTP protocol, made to note each connection here."""
        transports = self.transports

        class NotingProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                transports[transport.get_extra_info("peername")] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.transport.get_extra_info("peername"), None)
                super().connection_lost(exc)

        return NotingProtocol

    def lend(self, app: ASGIApp) -> ASGIApp:
        """Wrap an app: each request finds a function at `scope["extensions"]["mlc.cut"]` that cuts it off."""

        async def lending(scope: Scope, receive: Receive, send: Send) -> None:
            transport = self.transports.get(tuple(scope.get("client") or ()))
            if transport is not None:
                scope.setdefault("extensions", {})["mlc.cut"] = transport.close
            await app(scope, receive, send)

        return lending
