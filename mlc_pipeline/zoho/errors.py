"""What can go wrong with Zoho Books, as a small tree: whose fault it is, and whether trying later helps.

`temporary` says that the same call may succeed later with nothing mended. AccessRefused means that the
connection is at fault and no document can pass; any other Refused, that this one document or record is.
"""

from datetime import UTC, datetime, timedelta
from typing import ClassVar


class ZohoError(Exception):
    """A call to Zoho that did not do what it should.

    `code` is Zoho's own ("code" of the envelope, or "error" of the token endpoint), `http_status` that of the
    answer, `message` Zoho's text word for word (or ours where Zoho said nothing), `what_to_do` one sentence.
    """

    temporary: ClassVar[bool] = False
    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        code: int | str | None = None,
        http_status: int | None = None,
        what_to_do: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.what_to_do = what_to_do or self.remedy

    @property
    def said(self) -> str:
        """Zoho's own words, with its code and the HTTP status."""
        facts = [f"code {self.code}"] if self.code is not None else []
        facts += [f"HTTP {self.http_status}"] if self.http_status is not None else []
        origin = f" ({', '.join(facts)})" if facts else ""
        return f"{self.message.rstrip('. ')}{origin}."

    def __str__(self) -> str:
        return f"{self.said} {self.what_to_do}".rstrip()


class Refused(ZohoError):
    """Zoho understood the call and said no; nothing was changed, and saying it again changes nothing."""

    remedy = "Mend what Zoho names, in Zoho Books or in the mapping, then retry."


class DuplicateBillNumber(Refused):
    """Code 13011: this vendor already has a bill with this number (compared trimmed and without case)."""

    remedy = "Look the bill up by vendor and number and compare it."


class DuplicateVendorCreditNumber(Refused):
    """There is a vendor credit with this number already; Zoho's code for it is not known, its text is."""

    remedy = "Look the vendor credit up by its number and compare it."


class DuplicateContact(Refused):
    """Code 3062: a contact, customer or vendor, already has this name."""

    remedy = "Use the contact of that name if it is the vendor meant, or choose another name."


class NotFound(Refused):
    """HTTP 404 or code 1002: what was asked for does not exist."""

    remedy = "It may have been deleted in Zoho Books."


class AccessRefused(Refused):
    """The connection itself is refused: the same will happen to every call until a person mends it."""


class UnknownOrganization(AccessRefused):
    """Code 6041, or an organization in the configuration that this login does not see."""

    remedy = "Check zoho.organization in mlc.yaml, and that the login belongs to that organization."


class Unauthorized(AccessRefused):
    """HTTP 401 that no new token mended: a missing scope, or a role without the permission."""

    remedy = (
        "Check that the consent covers the scopes listed in the documentation, and that the user's role in "
        "Zoho Books has the permission."
    )


class ReconnectRequired(AccessRefused):
    """The refresh token or grant code is used up, expired, revoked or deleted."""

    remedy = "Connect again with: mlc connect zoho"


class WrongClientOrRegion(AccessRefused):
    """The accounts server does not know this client id and secret."""

    remedy = (
        "Check the client id and secret, and that zoho.accounts_url is the region in which the client was made."
    )


class UntrustedHost(AccessRefused):
    """A URL that is not one of Zoho Books' own; nothing secret was sent there."""

    remedy = "Check zoho.accounts_url in mlc.yaml."


class RateLimited(ZohoError):
    """A limit was reached; nothing was done. `retry_after` is in seconds from now."""

    temporary = True

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        code: int | str | None = None,
        http_status: int | None = None,
        what_to_do: str | None = None,
    ) -> None:
        super().__init__(message, code=code, http_status=http_status, what_to_do=what_to_do)
        self.retry_after = retry_after
        self.what_to_do = what_to_do or _go_on(retry_after)


class DailyLimitReached(RateLimited):
    """Code 45: the organization's calls of the day are used up, by us or by others."""


class TokenThrottled(RateLimited):
    """Too many access tokens were asked for in ten minutes."""


class Unavailable(ZohoError):
    """Zoho was not reached, or a read was not answered; nothing was changed."""

    temporary = True
    remedy = "Nothing was changed; run again later."


class OutcomeUnknown(ZohoError):
    """A write was sent and its answer is lost or makes no sense: it may or may not have been done."""

    temporary = True
    remedy = "Look in Zoho Books before it is sent again."


class UnexpectedAnswer(ZohoError):
    """A read was answered with something Zoho Books does not answer, for example a proxy's page."""

    remedy = "Check what stands between this machine and Zoho (proxy, gateway, accounts_url)."


def _go_on(seconds: float) -> str:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return f"Nothing is lost. Run again in {_span(seconds)}, after {moment:%Y-%m-%d %H:%M} UTC."


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{max(1, round(seconds))} seconds"
    if seconds < 7200:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"
