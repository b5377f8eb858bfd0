"""The accounts server: grant codes and refresh tokens become access tokens (API OAuth page).

Errors come with HTTP 200 and an `error` in the body; success is only seen in the body, as at Zoho.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse

from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.errors import not_authenticated, not_authorized
from mlc_pipeline.sandbox.zoho.logins import AccessToken, Client, RefreshToken

LIFETIME = 3600
GRANTS_IN_TEN_MINUTES = 10
ACTIVE_TOKENS = 15


class TokenError(Exception):
    """An answer of the token endpoint without a token; the text is the `error` value."""


class Throttled(TokenError):
    """More than ten access tokens from one refresh token in ten minutes."""


class Accounts:
    """The endpoints of the accounts server over the logins of one sandbox."""

    def __init__(self, books: ZohoBooks) -> None:
        self.books = books

    async def token(self, request: Request) -> JSONResponse:
        """POST /oauth/v2/token: parameters in a form or in the query, never in JSON."""
        parameters = await _parameters(request)
        try:
            answer = self._grant(parameters)
        except Throttled:
            return JSONResponse(
                {
                    "error_description": "You have made too many requests continuously. "
                    "Please try again after some time.",
                    "error": "Access Denied",
                },
                self.books.settings.throttled_token_status,
            )
        except TokenError as error:
            return JSONResponse({"error": str(error)})
        self.books.changes += 1
        base = str(request.base_url).rstrip("/")
        return JSONResponse({**answer, "api_domain": base, "token_type": "Bearer", "expires_in": LIFETIME})

    async def revoke(self, request: Request) -> JSONResponse:
        """POST /oauth/v2/token/revoke: kill a token."""
        token = (await _parameters(request)).get("token", "")
        if token not in self.books.refresh_tokens and token not in self.books.access_tokens:
            return JSONResponse({"error": "invalid_code"})
        self.books.revoke(token)
        self.books.changes += 1
        return JSONResponse({"status": "success"})

    def _grant(self, parameters: dict[str, str]) -> dict[str, str]:
        client = self._client(parameters)
        match parameters.get("grant_type"):
            case "refresh_token":
                return {"access_token": self._access_token(self._refresh_token(client, parameters))}
            case "authorization_code":
                refresh_token = self._exchange(client, parameters)
                return {
                    "access_token": self._access_token(refresh_token),
                    "refresh_token": refresh_token.token,
                }
            case _:
                raise TokenError("invalid_client")

    def _client(self, parameters: dict[str, str]) -> Client:
        client = self.books.clients.get(parameters.get("client_id", ""))
        if client is None:
            raise TokenError("invalid_client")
        if parameters.get("client_secret") != client.client_secret:
            raise TokenError("invalid_client_secret")
        return client

    def _refresh_token(self, client: Client, parameters: dict[str, str]) -> RefreshToken:
        refresh_token = self.books.refresh_tokens.get(parameters.get("refresh_token", ""))
        if refresh_token is None or refresh_token.client_id != client.client_id:
            raise TokenError("invalid_code")
        return refresh_token

    def _exchange(self, client: Client, parameters: dict[str, str]) -> RefreshToken:
        grant = self.books.grant_codes.get(parameters.get("code", ""))
        if grant is None or grant.client_id != client.client_id:
            raise TokenError("invalid_code")
        if parameters.get("redirect_uri", client.redirect_uri) != client.redirect_uri:
            raise TokenError("invalid_redirect_uri")
        del self.books.grant_codes[grant.code]
        if grant.expires_at <= self.books.now():
            raise TokenError("invalid_code")
        token = self._new_token("refresh")
        return self.books.allow_refresh_token(client.client_id, token, tuple(grant.scopes))

    def _access_token(self, refresh_token: RefreshToken) -> str:
        now = self.books.now()
        refresh_token.granted_at = [instant for instant in refresh_token.granted_at if instant > now - 600]
        if len(refresh_token.granted_at) >= GRANTS_IN_TEN_MINUTES:
            raise Throttled
        refresh_token.granted_at.append(now)
        self._make_room(refresh_token, now)
        token = self._new_token("access")
        self.books.access_tokens[token] = AccessToken(
            token, refresh_token.token, refresh_token.scopes, now + LIFETIME
        )
        return token

    def _make_room(self, refresh_token: RefreshToken, now: int) -> None:
        """Drop what has expired, and the oldest of fifteen active tokens of this grant."""
        alive = {key: token for key, token in self.books.access_tokens.items() if token.expires_at > now}
        siblings = [key for key, token in alive.items() if token.refresh_token == refresh_token.token]
        for key in siblings[: max(0, len(siblings) - ACTIVE_TOKENS + 1)]:
            del alive[key]
        self.books.access_tokens = alive

    def _new_token(self, kind: str) -> str:
        digest = hashlib.sha256(f"{kind} {self.books.new_id()}".encode()).hexdigest()
        return f"1000.{digest[:32]}.{digest[32:]}"


def authorize(books: ZohoBooks, header: str | None, scope: str) -> None:
    """Refuse a request whose Authorization header does not carry a live token with this scope."""
    if _token(header) is None:
        raise not_authenticated()
    granted = granted_scopes(books, header)
    if granted is None or not includes(granted, scope):
        raise not_authorized()


def granted_scopes(books: ZohoBooks, header: str | None) -> tuple[str, ...] | None:
    """Return the scopes of the header's access token, None if it is not alive."""
    access_token = books.access_tokens.get(_token(header) or "")
    if access_token is None or access_token.expires_at <= books.now():
        return None
    return tuple(access_token.scopes)


def includes(granted: Iterable[str], scope: str) -> bool:
    """Say whether the granted scopes hold this one, by itself or as its group's ALL."""
    return bool({scope, f"{scope.rpartition('.')[0]}.ALL"} & set(granted))


def _token(header: str | None) -> str | None:
    """The token of a header in the one format Zoho takes."""
    scheme, _, token = (header or "").partition(" ")
    return token if scheme == "Zoho-oauthtoken" and token else None


async def _parameters(request: Request) -> dict[str, str]:
    """Read query and form; a JSON body leaves only the query, so that Zoho's invalid_client follows."""
    parameters = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        parameters |= dict(parse_qsl((await request.body()).decode()))
    return parameters
