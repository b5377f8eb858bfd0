"""Zoho's OAuth as an `httpx.Auth`: one access token is kept, shared and renewed in time, for Zoho Books only.

A 401 is answered once with a new token: Zoho did nothing then, so a write is sent again too. Code 57 also means
a missing scope or role, which no token mends: what a new token did not mend is not tried again for a while, by no
process, and where no new token is to be had, the 401 of one that serves other calls stands.
"""

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta

import httpx

from mlc_pipeline.transport import errands
from mlc_pipeline.transport.redaction import known_secrets
from mlc_pipeline.zoho.errors import (
    ReconnectRequired,
    TokenThrottled,
    Unavailable,
    UntrustedHost,
    WrongClientOrRegion,
    ZohoError,
)
from mlc_pipeline.zoho.limit_answers import limit_code
from mlc_pipeline.zoho.token_endpoint import TokenEndpoint
from mlc_pipeline.zoho.tokens import AccessToken, Refusal, TokenStore, ZohoCredentials

AMBIGUOUS_REFUSAL = 57
_NO_SECOND_REFRESH = timedelta(minutes=10)
_BEFORE_THE_NEXT_TRY = timedelta(minutes=1)
"""For how long no new token is asked for after the accounts server was away: so long an ageing one is used."""
_LONGEST_WAIT_SECONDS = 300.0


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


class ZohoOAuth(httpx.Auth):
    """Puts `Authorization: Zoho-oauthtoken ...` on requests to the token's own API host, and on no other."""

    def __init__(
        self,
        endpoint: TokenEndpoint,
        credentials: ZohoCredentials,
        store: TokenStore,
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = errands.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._store = store
        self._now = now
        self._sleep = sleep
        self._token: AccessToken | None = None
        self._served: AccessToken | None = None
        self._in_vain: AccessToken | None = None
        self._put_off: tuple[datetime, TokenThrottled | Unavailable] | None = None
        self._ageing_until = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.RLock()

    def token(self) -> AccessToken:
        """A token that is good now: ours, another process's, or a new one.

        While no new one can be had (Zoho throttles or is away) an ageing one is used until its very end, and
        after that a throttling of a few minutes is waited out.
        """
        kept = self._token
        if kept is not None and kept.is_fresh(self._now()):
            return kept
        return self._renewed(rejected=None)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the present token; on a 401 that a newer token may mend, once more with that."""
        token = self.token()
        self._sign(request, token)
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED:
            self._served = token
            return
        response.read()
        newer = self._newer(token, response)
        if newer is None:
            return
        self._sign(request, newer)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._in_vain = newer
            self._store.note_in_vain(newer)
        else:
            self._served = newer

    def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Not offered: tokens are shared under locks that would block an event loop."""
        raise RuntimeError("ZohoOAuth works with httpx.Client, not with httpx.AsyncClient.")

    def _sign(self, request: httpx.Request, token: AccessToken) -> None:
        host = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        if host != token.api_domain:
            raise UntrustedHost(f"The access token is for {token.api_domain}; it is not sent to {host}.")
        request.headers["Authorization"] = f"Zoho-oauthtoken {token.value}"

    def _newer(self, rejected: AccessToken, response: httpx.Response) -> AccessToken | None:
        """Another token to try after a 401; None where it is the scope or the role, as far as can be known now."""
        is_ambiguous = limit_code(response) == AMBIGUOUS_REFUSAL
        if is_ambiguous and self._is_hopeless(rejected):
            return None
        try:
            return self._renewed(rejected)
        except TokenThrottled:
            if is_ambiguous and rejected == self._served:
                return None
            raise

    def _is_hopeless(self, token: AccessToken) -> bool:
        """It met a 401 when it was brand-new, a short while ago: here, or elsewhere while it serves here.

        One that has served nobody may be dead by now.
        """
        if self._now() - token.obtained_at >= _NO_SECOND_REFRESH:
            return False
        return token == self._in_vain or (token == self._served and self._store.was_in_vain(token))

    def _renewed(self, rejected: AccessToken | None) -> AccessToken:
        """The token of whoever was first: another thread, another process, or this one."""
        with self._lock:
            found = self._usable(self._token, rejected) or self._usable(self._store.load(), rejected)
            if found is None:
                found = self._awaited(rejected)
            known_secrets.add(found.value)
            self._token = found
            return found

    def _awaited(self, rejected: AccessToken | None) -> AccessToken:
        """Wait only while the lease is not held: another process may be let through sooner."""
        try:
            return self._shared(rejected)
        except TokenThrottled as error:
            if error.retry_after > _LONGEST_WAIT_SECONDS:
                raise
            self._sleep(error.retry_after)
        return self._shared(rejected)

    def _shared(self, rejected: AccessToken | None) -> AccessToken:
        with self._store.refreshing():
            return self._usable(self._store.load(), rejected) or self._refreshed(rejected)

    def _usable(self, token: AccessToken | None, rejected: AccessToken | None) -> AccessToken | None:
        if token is None or (rejected is not None and token.value == rejected.value):
            return None
        if not self._endpoint.may_have_given(token):
            return None
        return token if token.is_fresh(self._now()) else None

    def _refreshed(self, rejected: AccessToken | None) -> AccessToken:
        ageing = self._store.load()
        if ageing is None or ageing == rejected or not ageing.is_alive(self._now()):
            ageing = None
        if ageing is not None and self._now() < self._ageing_until:
            return ageing
        try:
            token = self._ask_for_new()
        except (TokenThrottled, Unavailable):
            if ageing is None:
                raise
            self._ageing_until = self._now() + _BEFORE_THE_NEXT_TRY
            return ageing
        self._store.save(token)
        return token

    def _ask_for_new(self) -> AccessToken:
        now = self._now()
        if self._put_off is not None and now < self._put_off[0]:
            raise self._again(*self._put_off)
        refusal = self._store.refusal(self._credentials)
        if refusal is not None and refusal.holds(now):
            raise refusal.error()
        try:
            return self._endpoint.refresh(self._credentials)
        except TokenThrottled as error:
            self._put_off = (now + timedelta(seconds=error.retry_after), error)
            raise
        except Unavailable as error:
            self._put_off = (now + _BEFORE_THE_NEXT_TRY, error)
            raise
        except (ReconnectRequired, WrongClientOrRegion) as error:
            self._store.refuse(self._credentials, Refusal.of(error, now))
            raise

    def _again(self, until: datetime, error: TokenThrottled | Unavailable) -> ZohoError:
        """The same error in the same words, so that a run that meets it in several steps tells it once."""
        if isinstance(error, Unavailable):
            return error
        wait = (until - self._now()).total_seconds()
        return TokenThrottled(
            error.message,
            retry_after=wait,
            code=error.code,
            http_status=error.http_status,
            what_to_do=error.what_to_do,
        )
