"""Zoho's token endpoint: a refresh token or a grant code in, an access token out.

Source: Books OAuth page. Its status says nothing: a refusal may come with HTTP 200, so an answer is a success
when, and only when, it carries an access token.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from mlc_pipeline.transport import errands, json
from mlc_pipeline.transport.redaction import known_secrets, redact
from mlc_pipeline.transport.retry import retry_after
from mlc_pipeline.zoho.data_centers import accounts_server, books_api_host, default_api_domain, web_host
from mlc_pipeline.zoho.errors import (
    AccessRefused,
    ReconnectRequired,
    TokenThrottled,
    Unavailable,
    UnexpectedAnswer,
    WrongClientOrRegion,
    ZohoError,
)
from mlc_pipeline.zoho.limit_answers import THROTTLE_SECONDS, TOKEN_PATH, tokens_are_denied
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.tokens import AccessToken, ZohoCredentials

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_DOCUMENTED_LIFETIME = timedelta(hours=1)
_BEFORE_THE_SECOND_TRY = 1.0

_WORN_OUT = frozenset({"invalid_code", "invalid_grant", "invalid_token"})
_WRONG_CLIENT = frozenset({"invalid_client", "invalid_client_secret", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What a grant code is exchanged for: the lasting refresh token, and a first access token."""

    refresh_token: str = field(repr=False)
    access_token: AccessToken


class TokenEndpoint:
    """`POST {accounts_url}/oauth/v2/token` of one data center.

    Raises UntrustedHost when `accounts_url` is none of Zoho Books' (or, with `sandbox`, not loopback).
    """

    def __init__(
        self,
        accounts_url: str,
        *,
        connection: str,
        sandbox: bool,
        transport: httpx.BaseTransport,
        now: Callable[[], datetime],
    ) -> None:
        self.server = accounts_server(accounts_url, sandbox=sandbox)
        self._sandbox = sandbox
        self._connect_again = f"Connect again with: mlc connect zoho --connection {connection}"
        self._now = now
        self._http = httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False)

    def refresh(self, credentials: ZohoCredentials) -> AccessToken:
        """A new access token; the refresh token stays the same (Zoho does not rotate it)."""
        known_secrets.add(credentials.refresh_token)
        form = {"grant_type": "refresh_token", "refresh_token": credentials.refresh_token}
        try:
            answer = self._ask(form, credentials.client_id, credentials.client_secret)
        except Unavailable as error:
            if error.http_status is not None and error.http_status < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
            # A second token harms nobody, but they are few: once more, not as often as a read.
            errands.sleep(_BEFORE_THE_SECOND_TRY)
            answer = self._ask(form, credentials.client_id, credentials.client_secret)
        return self._access_token(answer)

    def exchange(self, grant_code: str, *, client_id: str, client_secret: str, redirect_uri: str | None) -> Grant:
        """The refresh token for a grant code, which works once and for two or three minutes."""
        known_secrets.add(grant_code)
        form = {"grant_type": "authorization_code", "code": grant_code}
        if redirect_uri is not None:
            form["redirect_uri"] = redirect_uri
        answer = self._ask(form, client_id, client_secret)
        refresh_token = answer.get("refresh_token")
        if not isinstance(refresh_token, str) or not refresh_token:
            raise ReconnectRequired(
                "Zoho gave an access token but no refresh token for this grant code",
                what_to_do="Make a new code with access_type=offline and prompt=consent, or with a self client.",
            )
        known_secrets.add(refresh_token)
        return Grant(refresh_token, self._access_token(answer))

    def may_have_given(self, token: AccessToken) -> bool:
        """False for a stored token of another place: a sandbox that has moved, or that was before or after."""
        if self._sandbox:
            return token.api_domain == default_api_domain(self.server)
        return web_host(token.api_domain) is not None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _ask(self, form: Mapping[str, str], client_id: str, client_secret: str) -> dict[str, Any]:
        known_secrets.add(client_secret)
        fields = {**form, "client_id": client_id, "client_secret": client_secret}
        try:
            response = self._http.post(f"{self.server}{TOKEN_PATH}", data=fields)
        except httpx.RequestError as error:
            raise Unavailable(
                f"The accounts server {self.server} gave no answer ({type(error).__name__})"
            ) from error
        answer = json.object_of(response.content)
        if answer.get("access_token"):
            return answer
        raise self._refusal(answer, response)

    def _refusal(self, answer: Mapping[str, Any], response: httpx.Response) -> ZohoError:
        status = response.status_code
        code = str(answer.get("error") or "")
        message = redact(str(answer.get("error_description") or code))
        if tokens_are_denied(answer) or status == httpx.codes.TOO_MANY_REQUESTS:
            wait = retry_after(response) or THROTTLE_SECONDS
            return TokenThrottled(
                message or "Too many tokens", code=code or None, http_status=status, retry_after=wait
            )
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Unavailable(f"The accounts server {self.server} failed", http_status=status)
        if code in _WORN_OUT:
            message = f"Zoho does not accept the refresh token or grant code any more: {message}"
            return ReconnectRequired(message, code=code, http_status=status, what_to_do=self._connect_again)
        if code in _WRONG_CLIENT:
            message = f"The accounts server {self.server} does not know this client: {message}"
            mend = f"{WrongClientOrRegion.remedy} {self._connect_again}"
            return WrongClientOrRegion(message, code=code, http_status=status, what_to_do=mend)
        if code:
            return AccessRefused(message, code=code, http_status=status, what_to_do=self._connect_again)
        # The page of a proxy, or of a server that is being repaired.
        what = f"The accounts server {self.server} answered without a token and without an error"
        return Unavailable(what, http_status=status, what_to_do=f"{Unavailable.remedy} {UnexpectedAnswer.remedy}")

    def _access_token(self, answer: Mapping[str, Any]) -> AccessToken:
        value = answer["access_token"]
        if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
            raise UnexpectedAnswer(f"The accounts server {self.server} answered with a malformed token")
        known_secrets.add(value)
        api_domain = answer.get("api_domain") or default_api_domain(self.server)
        now = self._now()
        return AccessToken(
            value=value,
            api_domain=books_api_host(str(api_domain), sandbox=self._sandbox),
            obtained_at=now,
            expires_at=now + _lifetime(answer.get("expires_in")),
        )


def exchange_grant_code(
    grant_code: str,
    *,
    accounts_url: str,
    client_id: str,
    client_secret: str,
    connection: str,
    redirect_uri: str | None = None,
    sandbox: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> Grant:
    """Exchange the grant code of `mlc connect zoho` at once; a self client's code has no `redirect_uri`."""
    endpoint = TokenEndpoint(
        accounts_url,
        connection=connection,
        sandbox=sandbox,
        transport=transport or books_transport(),
        now=lambda: datetime.now(UTC),
    )
    try:
        return endpoint.exchange(
            grant_code, client_id=client_id, client_secret=client_secret, redirect_uri=redirect_uri
        )
    finally:
        endpoint.close()


def _lifetime(expires_in: object) -> timedelta:
    """Zoho says seconds (3600); anything unreadable or longer counts as the documented hour."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit():
        expires_in = int(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | Decimal) or expires_in <= 0:
        return _DOCUMENTED_LIFETIME
    return min(timedelta(seconds=float(min(expires_in, 3600))), _DOCUMENTED_LIFETIME)
