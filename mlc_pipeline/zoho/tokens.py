"""Access tokens as values, and where they are kept so that all processes of a connection share one.

Zoho allows 10 new access tokens in ten minutes per refresh token and keeps 15 of them alive (Books OAuth
page), so one token is shared, and only one process at a time asks for the next.
"""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

REFRESH_AGE = timedelta(minutes=55)
_SAFETY = timedelta(minutes=5)
_CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ZohoCredentials:
    """What `mlc connect zoho` stores: the client made in Zoho's API console, and a user's consent to it."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, valid for `api_domain` until `expires_at`; both instants are aware."""

    value: str = field(repr=False)
    api_domain: str
    obtained_at: datetime
    expires_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """False from 55 minutes of age on, or from 5 minutes before its end if that comes first.

        A token from the future is not fresh either: the clock was set back, its age is unknown.
        """
        lifetime = self.expires_at - self.obtained_at
        refresh_age = min(REFRESH_AGE, max(lifetime - _SAFETY, lifetime / 2))
        return -_CLOCK_SKEW <= now - self.obtained_at < refresh_age

    def is_alive(self, now: datetime) -> bool:
        """True until its end: good enough while no new one can be had."""
        return now - self.obtained_at >= -_CLOCK_SKEW and now < self.expires_at


class TokenStore(Protocol):
    """Keeps one connection's access token, shared by all its processes."""

    def load(self) -> AccessToken | None:
        """The token last saved, or None."""

    def save(self, token: AccessToken) -> None:
        """Keep `token` in the place of the last one."""

    def clear(self) -> None:
        """Forget the token."""

    def refreshing(self) -> AbstractContextManager[object]:
        """Held by the one process that asks Zoho for a new token; the others wait, then load."""


class InMemoryTokenStore:
    """A TokenStore for one process: for tests and for `mlc ping`."""

    def __init__(self) -> None:
        self._token: AccessToken | None = None
        self._lock = threading.Lock()

    def load(self) -> AccessToken | None:
        """The token last saved, or None."""
        return self._token

    def save(self, token: AccessToken) -> None:
        """Keep `token` in the place of the last one."""
        self._token = token

    def clear(self) -> None:
        """Forget the token."""
        self._token = None

    def refreshing(self) -> AbstractContextManager[object]:
        """A lock between the threads of this process."""
        return self._lock
