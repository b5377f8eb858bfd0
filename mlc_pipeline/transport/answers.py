"""Answers are read to their end where they are received, so that one cut in its middle counts as lost."""

import httpx


def answered(transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The whole answer of `transport` to `request`; the connection is free again.

    Raises:
        httpx.TransportError: there is no answer, or only a part of one.
    """
    response = transport.handle_request(request)
    response.request = request
    try:
        response.read()
    finally:
        response.close()
    return response
