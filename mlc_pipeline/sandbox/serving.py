"""Runs one ASGI app in a background thread on a loopback port, from ready to stopped."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from mlc_pipeline.sandbox.connections import LentConnections

HOST = "127.0.0.1"
SECONDS_TO_START = 20.0
SECONDS_TO_FINISH_REQUESTS = 2


class PortTaken(OSError):
    """The port that was asked for is in use."""


@contextmanager
def serve_app(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 while the context lasts and give its URL; port 0 takes a free one.

    Raises PortTaken. Requests under way when the context ends get two seconds.
    """
    listener = _listen(port)
    connections = LentConnections()
    config = uvicorn.Config(
        connections.lend(app),
        http=connections.protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"Port {port} of {HOST} is in use; choose another one or 0 for a free one.") from error
    return listener


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The sandbox's server did not start.")
        time.sleep(0.005)
