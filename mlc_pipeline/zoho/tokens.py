"""Access tokens as values, and where they are kept so that all processes of a connection share one.

Zoho allows 10 new access tokens in ten minutes per refresh token and keeps 15 of them alive (Books OAuth
page), so one token is shared, and only one process at a time asks for the next.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self

from mlc_pipeline.zoho.errors import ReconnectRequired, WrongClientOrRegion

_SAFETY = timedelta(minutes=5)
_CLOCK_SKEW = timedelta(minutes=1)
_REFUSAL_HOLDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ZohoCredentials:
    """What `mlc connect zoho` stores: the client made in Zoho's API console, and a user's consent to it."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What tells them from others, and from which nobody learns them."""
        parts = (self.client_id, self.client_secret, self.refresh_token)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Refusal:
    """That the accounts server refused credentials, and in which words; `noted_at` is aware."""

    noted_at: datetime
    is_worn_out: bool
    message: str
    code: str
    what_to_do: str

    @classmethod
    def of(cls, error: ReconnectRequired | WrongClientOrRegion, noted_at: datetime) -> Self:
        """The refusal that an error tells."""
        is_worn_out = isinstance(error, ReconnectRequired)
        return cls(noted_at, is_worn_out, error.message, str(error.code or ""), error.what_to_do)

    def holds(self, now: datetime) -> bool:
        """Whether asking again is in vain: tokens are few, and only a person can mend it."""
        return timedelta(0) <= now - self.noted_at < _REFUSAL_HOLDS

    def error(self) -> ReconnectRequired | WrongClientOrRegion:
        """The same error again."""
        kind = ReconnectRequired if self.is_worn_out else WrongClientOrRegion
        return kind(self.message, code=self.code or None, what_to_do=self.what_to_do)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, valid for `api_domain` until `expires_at`; both instants are aware."""

    value: str = field(repr=False)
    api_domain: str
    obtained_at: datetime
    expires_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """False from 5 minutes before its end on: at 55 minutes of age, for Zoho's last an hour.

        Of one that lasts less than 10 minutes it is the second half.
        A token from the future is not fresh either: the clock was set back, its age is unknown.
        """
        lifetime = self.expires_at - self.obtained_at
        refresh_age = max(lifetime - _SAFETY, lifetime / 2)
        return -_CLOCK_SKEW <= now - self.obtained_at < refresh_age

    def is_alive(self, now: datetime) -> bool:
        """True until its end: good enough while no new one can be had."""
        return now - self.obtained_at >= -_CLOCK_SKEW and now < self.expires_at


class TokenStore(Protocol):
    """Keeps one connection's access token, shared by all its processes, and why there is none."""

    def load(self) -> AccessToken | None:
        """The token last saved, or None."""

    def save(self, token: AccessToken) -> None:
        """Keep `token` in the place of the last one."""

    def clear(self) -> None:
        """Forget the token, and what was noted of it and of the credentials."""

    def refusal(self, credentials: ZohoCredentials) -> Refusal | None:
        """Why these credentials were refused, if that was noted of them."""

    def refuse(self, credentials: ZohoCredentials, refusal: Refusal) -> None:
        """Note that these credentials were refused, without keeping them."""

    def was_in_vain(self, token: AccessToken) -> bool:
        """Whether it was noted of this token that it met a 401 when it was new."""

    def note_in_vain(self, token: AccessToken) -> None:
        """Note that this token met a 401 when it was new, in the place of the last one of which that was noted."""

    def refreshing(self) -> AbstractContextManager[object]:
        """Held by the one process that asks Zoho for a new token; the others wait, then load."""


class InMemoryTokenStore:
    """A TokenStore for one process: for tests and for `mlc ping`."""

    def __init__(self) -> None:
        self._token: AccessToken | None = None
        self._refused: tuple[str, Refusal] | None = None
        self._in_vain: str | None = None
        self._lock = threading.Lock()

    def load(self) -> AccessToken | None:
        """The token last saved, or None."""
        return self._token

    def save(self, token: AccessToken) -> None:
        """Keep `token` in the place of the last one."""
        self._token = token

    def clear(self) -> None:
        """Forget the token, and what was noted of it and of the credentials."""
        self._token = self._refused = self._in_vain = None

    def refusal(self, credentials: ZohoCredentials) -> Refusal | None:
        """Why these credentials were refused, if that was noted of them."""
        known = self._refused
        return known[1] if known is not None and known[0] == credentials.fingerprint else None

    def refuse(self, credentials: ZohoCredentials, refusal: Refusal) -> None:
        """Note that these credentials were refused, without keeping them."""
        self._refused = (credentials.fingerprint, refusal)

    def was_in_vain(self, token: AccessToken) -> bool:
        """Whether it was noted of this token that it met a 401 when it was new."""
        return self._in_vain == token.value

    def note_in_vain(self, token: AccessToken) -> None:
        """Note that this token met a 401 when it was new."""
        self._in_vain = token.value

    def refreshing(self) -> AbstractContextManager[object]:
        """A lock between the threads of this process."""
        return self._lock
