"""Reads one answer of the Books API: the body of a success, or the error that says what is known.

After a read, anything odd is just odd. After a write the first question is whether it was done: only Zoho's
own envelope with an error code, or a 429, proves that it was not; any other answer leaves it unknown.
"""

from typing import Any

import httpx

from mlc_pipeline.transport import json
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.transport.retry import NEVER_SENT, changes_nothing
from mlc_pipeline.zoho.errors import (
    DailyLimitReached,
    DuplicateBillNumber,
    DuplicateContact,
    DuplicateVendorCreditNumber,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    UnknownOrganization,
    ZohoError,
)
from mlc_pipeline.zoho.limit_answers import INTERNAL_ERROR, TOO_MANY_TODAY, resume_in

_REFUSALS: dict[int | str, type[Refused]] = {
    14: Unauthorized,
    57: Unauthorized,
    "INVALID_OAUTHTOKEN": Unauthorized,
    1002: NotFound,
    3062: DuplicateContact,
    6041: UnknownOrganization,
    13011: DuplicateBillNumber,
}
_VENDOR_CREDIT_EXISTS = "vendor credit# specified already exists"
_REFUSALS_BY_STATUS: dict[int, type[Refused]] = {401: Unauthorized, 404: NotFound}


def body_of(response: httpx.Response) -> dict[str, Any]:
    """The envelope of a success (2xx and code 0); raises the ZohoError that any other answer means."""
    envelope = json.object_of(response.content)
    code = _code_in(envelope)
    if response.is_success and code == 0:
        return envelope
    raise _failure(response, envelope, code)


def envelope_code(response: httpx.Response) -> int | str | None:
    """`code` of Zoho's envelope: 0 for success, a number, seldom a word; None when there is no envelope."""
    return _code_in(json.object_of(response.content))


def lost_answer(error: httpx.RequestError, request: httpx.Request) -> ZohoError:
    """What a request without an answer means."""
    kind = type(error).__name__
    if isinstance(error, NEVER_SENT):
        return Unavailable(f"Zoho Books at {request.url.host} was not reached ({kind})")
    if changes_nothing(request):
        return Unavailable(f"{_call(request)} was not answered ({kind})")
    return OutcomeUnknown(f"The answer to {_call(request)} was lost ({kind})")


def senseless(method: str, path: str, what: str, http_status: int | None = None) -> ZohoError:
    """What an answer means that was readable to nobody: `what` says how it was odd."""
    kind = UnexpectedAnswer if method == "GET" else OutcomeUnknown
    return kind(f"{method} {path} was answered, but {what}", http_status=http_status)


def _code_in(envelope: dict[str, Any]) -> int | str | None:
    code = envelope.get("code")
    if isinstance(code, str):
        return int(code) if code.isascii() and code.isdigit() else code or None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _failure(response: httpx.Response, envelope: dict[str, Any], code: int | str | None) -> ZohoError:
    status = response.status_code
    message = redact(str(envelope.get("message") or ""))
    if status == httpx.codes.TOO_MANY_REQUESTS:
        kind = DailyLimitReached if code == TOO_MANY_TODAY else RateLimited
        return kind(message or "Too many requests", code=code, http_status=status, retry_after=resume_in(response))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or code == INTERNAL_ERROR:
        said = f"{_call(response.request)} failed on Zoho's side: {message or 'no reason given'}"
        failed = Unavailable if changes_nothing(response.request) else OutcomeUnknown
        return failed(said, code=code, http_status=status)
    if code is None or code == 0:
        request = response.request
        return senseless(request.method, request.url.path, "not as Zoho Books answers", status)
    return _refusal(code, status, message)(message or "Zoho Books refused the call", code=code, http_status=status)


def _refusal(code: int | str, status: int, message: str) -> type[Refused]:
    if _VENDOR_CREDIT_EXISTS in message.casefold():
        return DuplicateVendorCreditNumber
    return _REFUSALS.get(code) or _REFUSALS_BY_STATUS.get(status, Refused)


def _call(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
