"""Expensify's one address: a job goes in as form fields, and what comes back is judged by its content.

Facts (Expensify manual and recorded answers): errors commonly come with HTTP 200, the content type tells
nothing, the exporter answers with a bare file name and the downloader with the bytes of the file.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx

from mlc_pipeline.expensify.errors import (
    AnsweredByAnother,
    CredentialsRefused,
    ExpensifyError,
    InvalidRequest,
    RateLimited,
    TemplateError,
    Unavailable,
)
from mlc_pipeline.expensify.patience import Patience
from mlc_pipeline.transport import errands, json
from mlc_pipeline.transport.redaction import known_secrets, redact
from mlc_pipeline.transport.retry import SAFE_TO_REPEAT

logger = logging.getLogger(__name__)

_LONGEST_MESSAGE = 300
_BLANKS = b"\xef\xbb\xbf \t\r\n"

# Expensify refuses credentials under other codes too, such as 500.
_WORDS_OF_REFUSAL = ("not authorized", "authentication error")


class Endpoint:
    """Posts jobs with the partner credentials; every failure leaves it as an `ExpensifyError`."""

    def __init__(
        self, http: httpx.Client, url: str, partner_user_id: str, partner_user_secret: str, patience: Patience
    ) -> None:
        known_secrets.add(partner_user_secret)
        self._patience = patience
        self._http = http
        self._url = url
        self._credentials = {"partnerUserID": partner_user_id, "partnerUserSecret": partner_user_secret}

    def read(self, job: Mapping[str, Any], *, timeout: httpx.Timeout) -> bytes:
        """The answer to a light job, which the transport may send again whenever its answer is lost."""
        return self._post(job, {}, timeout, dict(SAFE_TO_REPEAT))

    def download(self, job: Mapping[str, Any], *, timeout: httpx.Timeout) -> bytes:
        """The bytes of a file. The caller downloads again, for reasons the transport cannot see."""
        return self._post(job, {}, timeout, {})

    def render(self, job: Mapping[str, Any], template: str, *, timeout: httpx.Timeout) -> bytes:
        """The answer to a heavy job with a template; not sent again once Expensify may have begun with it.

        When it was somebody else who answered, it is sent again a few times.
        """
        pauses = self._patience.pauses()
        while True:
            try:
                return self._post(job, {"template": template}, timeout, {})
            except AnsweredByAnother as error:
                pause = next(pauses, None)
                if pause is None:
                    raise
                logger.info("%s Again in %.1f s", error.message, pause)
                errands.sleep(pause)

    def _post(
        self,
        job: Mapping[str, Any],
        further_fields: Mapping[str, str],
        timeout: httpx.Timeout,
        extensions: dict[str, Any],
    ) -> bytes:
        description = json.dumps({**job, "credentials": self._credentials})
        fields = {"requestJobDescription": description, **further_fields}
        try:
            response = self._http.post(self._url, data=fields, timeout=timeout, extensions=extensions)
        except httpx.RequestError as error:
            reason = redact(f"{type(error).__name__}: {error}")
            raise Unavailable(f"Expensify could not be reached or did not answer ({reason}).") from error
        refusal = refusal_in(response)
        if refusal is not None:
            raise refusal
        return response.content


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that `body` is; None when it is anything else, such as a file name or an array."""
    if not body.lstrip(_BLANKS).startswith(b"{"):
        return None
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def refusal_in(response: httpx.Response) -> ExpensifyError | None:
    """The error that the answer is; the code in its body wins over the HTTP status."""
    if is_by_another(response):
        what = "a web page" if response.content.strip(_BLANKS) else "nothing"
        what = "a redirection" if response.is_redirect else what
        status = response.status_code
        return AnsweredByAnother(f"Expensify's address answered with {what} (HTTP {status}).", code=status)
    body = json_object(response.content)
    if body is not None and ("responseCode" in body or "responseMessage" in body):
        code = _code(body.get("responseCode"))
        if code == httpx.codes.OK:
            return None
        message = str(body.get("responseMessage") or "no message")
        return _error_for(code or response.status_code, message)
    if response.is_success:
        return None
    return _error_for(response.status_code, response.reason_phrase or "no reason given")


def is_by_another(response: httpx.Response) -> bool:
    """True for a page, a redirection or nothing, where Expensify answers in words of its own, also to refuse."""
    said = response.content.lstrip(_BLANKS)
    return response.is_redirect or (response.is_success and (not said or said.startswith(b"<")))


def _code(value: object) -> int | None:
    return int(str(value)) if str(value).isascii() and str(value).isdigit() else None


def _error_for(code: int, message: str) -> ExpensifyError:
    said = redact(message)[:_LONGEST_MESSAGE].strip().rstrip(".")
    sentence = f"Expensify answered {code}: {said}."
    if code in (401, 403) or any(words in message.lower() for words in _WORDS_OF_REFUSAL):
        return CredentialsRefused(sentence, code=code)
    if code == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited(sentence, code=code)
    if "template" in message.lower():
        return TemplateError(sentence, code=code)
    if 500 <= code < 600:
        return Unavailable(sentence, code=code)
    return InvalidRequest(sentence, code=code)
