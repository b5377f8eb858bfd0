"""Who may log in to the sandbox: applications, their grants and tokens."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Every operation of every module the sandbox has.
ALL_SCOPES = tuple(
    f"ZohoBooks.{module}.ALL"
    for module in ("settings", "contacts", "accountants", "bills", "projects", "debitnotes", "vendorpayments")
)


@dataclass(slots=True)
class Client:
    """An application registered in the API console."""

    client_id: str
    client_secret: str
    redirect_uri: str = "http://127.0.0.1/callback"


@dataclass(slots=True)
class GrantCode:
    """A code that is good for one exchange, until `expires_at` (POSIX seconds)."""

    code: str
    client_id: str
    scopes: list[str]
    expires_at: int


@dataclass(slots=True)
class RefreshToken:
    """A lasting grant with its scopes; `granted_at` holds when access tokens were made (POSIX seconds)."""

    token: str
    client_id: str
    scopes: list[str]
    granted_at: list[int] = field(default_factory=list)


@dataclass(slots=True)
class AccessToken:
    """A token for API calls, alive until `expires_at` (POSIX seconds) or until it is pushed out."""

    token: str
    refresh_token: str
    scopes: list[str]
    expires_at: int
