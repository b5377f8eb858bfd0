"""How the Integration Server answers: errors as a body code, on HTTP 200."""

from typing import Any

import simplejson
from starlette.responses import Response

PLAIN_TEXT = "text/plain;charset=utf-8"
RATE_LIMITED = "You have been rate-limited. Please try again later or contact help@expensify.com for assistance."


class JobError(Exception):
    """A job that is refused: the `responseCode` and `responseMessage` of its answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def json_answer(content: dict[str, Any]) -> Response:
    """A JSON body; the real server also serves JSON as plain text."""
    return Response(simplejson.dumps(content, ensure_ascii=False), headers={"content-type": PLAIN_TEXT})


def error_answer(error: JobError) -> Response:
    """The body of an error, on HTTP 200."""
    return json_answer({"responseMessage": error.message, "responseCode": error.code})
