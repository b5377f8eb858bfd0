"""A server on loopback that answers byte for byte what a script says, for tests of what goes over the wire."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Script:
    """What a raw server does with each connection in turn; `requests` holds what arrived, headers and body."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []


@contextmanager
def raw_server(*answers: bytes) -> Iterator[tuple[str, Script]]:
    """A server that reads one request per connection, sends the next of `answers` as it is, and hangs up."""
    script = Script(*answers)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in script.answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                script.requests.append(_request(connection))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", script
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answer(status: int, body: str, *headers: str) -> bytes:
    """A whole raw HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def nobody() -> str:
    """The URL of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
