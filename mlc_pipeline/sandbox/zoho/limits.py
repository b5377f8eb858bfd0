"""Zoho's limits per organization: requests a minute, requests at once, calls a day (API introduction page)."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.errors import Refusal
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline.sandbox.zoho.settings import Limits, Usage


def too_many_per_minute() -> Refusal:
    """Code 44."""
    return Refusal(
        429,
        44,
        "For security reasons your organization has been blocked as it have exceeded the maximum number of "
        "requests per minute that can originate from an organization.",
    )


def too_many_per_day(limit: int) -> Refusal:
    """Code 45."""
    return Refusal(
        429, 45, f"The API call for this organization has exceeded the maximum call rate limit of {limit}."
    )


def too_many_at_once() -> Refusal:
    """Code 1070."""
    return Refusal(
        429,
        1070,
        "You have reached the maximum number of in process requests allowed. Kindly try again after some time.",
    )


def blocked_for_an_hour() -> Refusal:
    """Code 43, seen live by one observer."""
    return Refusal(
        429,
        43,
        "For security reasons you have been blocked for some time as you have exceeded the maximum number of "
        "requests per minute.",
    )


def admit(books: ZohoBooks, organization: Organization) -> Usage:
    """Count one request of the organization, or refuse it; the caller ends it by lowering `in_process`."""
    usage = books.usage.setdefault(organization.organization_id, Usage())
    limits = books.limits
    now = books.clock().timestamp()
    _forget_the_past(usage, limits, now)
    refusal = _refusal(usage, limits, organization, now) if limits.enforced else None
    if refusal is None or limits.refused_requests_count:
        usage.recent.append(now)
        usage.calls_today += 1
    if refusal is not None:
        if refusal.code == 44:
            usage.blocked_until = now + limits.block_seconds
        raise refusal
    usage.in_process += 1
    usage.most_in_process = max(usage.most_in_process, usage.in_process)
    return usage


def calls_per_day(limits: Limits, organization: Organization) -> int:
    """Return the daily limit that holds for the organization."""
    return limits.calls_per_day or organization.plan.calls_per_day


def rate_limit_headers(books: ZohoBooks, organization: Organization) -> dict[str, str]:
    """Return the daily budget in the headers that some observers saw and others did not."""
    if not books.settings.rate_limit_headers:
        return {}
    usage = books.usage.get(organization.organization_id, Usage())
    limit = calls_per_day(books.limits, organization)
    day = 86400 / books.limits.time_scale
    return {
        "X-Rate-Limit-Limit": str(limit),
        "X-Rate-Limit-Remaining": str(max(0, limit - usage.calls_today)),
        "X-Rate-Limit-Reset": str(int(day - books.clock().timestamp() % day)),
    }


def _forget_the_past(usage: Usage, limits: Limits, now: float) -> None:
    minute_ago = now - 60 / limits.time_scale
    usage.recent = [instant for instant in usage.recent if instant > minute_ago]
    day = int(now * limits.time_scale // 86400)
    if usage.day != day:
        usage.day, usage.calls_today = day, 0


def _refusal(usage: Usage, limits: Limits, organization: Organization, now: float) -> Refusal | None:
    daily = calls_per_day(limits, organization)
    if usage.calls_today >= daily:
        return too_many_per_day(daily)
    if now < usage.blocked_until or len(usage.recent) >= limits.requests_per_minute:
        return too_many_per_minute()
    if usage.in_process >= (limits.concurrency or organization.plan.concurrency):
        return too_many_at_once()
    return None
