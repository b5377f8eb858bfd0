"""What Zoho's answers say of its limits: which code means which limit, and what each asks for.

Source: Zoho Books API introduction (codes 44, 45, 1070, all HTTP 429); 43 was seen live, with an hour in
`Retry-After`; `X-Rate-Limit-*` were seen by some. Zoho documents no waiting times; ours are cautious ones.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from mlc_pipeline.transport import json
from mlc_pipeline.transport.pacing import (
    DAY,
    FULL,
    LONGEST_WAIT_SECONDS,
    NOTHING,
    PAUSE,
    Heard,
    Pause,
    Remaining,
)
from mlc_pipeline.transport.retry import retry_after

TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 - a path

INTERNAL_ERROR = 1000
TOO_MANY_FROM_THIS_USER = 43
TOO_MANY_PER_MINUTE = 44
TOO_MANY_TODAY = 45
TOO_MANY_AT_ONCE = 1070

REQUESTS_PER_DAY = {
    "FREE": 1000,
    "STANDARD": 2000,
    "PROFESSIONAL": 5000,
    "PREMIUM": 10_000,
    "ELITE": 10_000,
    "ULTIMATE": 10_000,
}
"""By the plan (API introduction)."""

THROTTLE_SECONDS = 600.0

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_CUT_OFF = 1.0  # Zoho says whole seconds
_LEAST_WAIT_SECONDS = {
    TOO_MANY_FROM_THIS_USER: _HOUR,
    TOO_MANY_PER_MINUTE: _MINUTE,
    TOO_MANY_AT_ONCE: 0.0,  # the policy's jittered pause alone
}
_REFUSED = {
    TOO_MANY_FROM_THIS_USER: "Zoho has blocked this login for a while (code 43)",
    TOO_MANY_PER_MINUTE: "too many requests in a minute, by us or by others (code 44)",
}


def limit_code(response: httpx.Response) -> int | None:
    """Zoho's code in a refused answer; None when the body is not Zoho's envelope."""
    code = json.object_of(response.content).get("code")
    return code if isinstance(code, int) else None


def least_wait(response: httpx.Response) -> float:
    """The least seconds to wait before this call is repeated; `math.inf` when repeating makes it worse."""
    asked = retry_after(response)
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return asked or 0.0
    code = limit_code(response)
    if code == TOO_MANY_TODAY or response.request.url.path == TOKEN_PATH:
        return math.inf
    return asked if asked is not None else _LEAST_WAIT_SECONDS.get(code or 0, 0.0)


def least_wait_when_paced(response: httpx.Response) -> float:
    """As `least_wait`, where a budget makes everybody wait already after a refusal for the minute."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and limit_code(response) == TOO_MANY_PER_MINUTE:
        return 0.0
    return least_wait(response)


def resume_in(response: httpx.Response) -> float:
    """Seconds after which a refused call has a chance again, for people: finite, a day at most.

    After code 45 without a word about the reset it is an hour: then one request asks whether the day is over.
    """
    wait = least_wait(response)
    if math.isfinite(wait):
        return wait
    asked = retry_after(response) or _until_reset(response)
    return min(asked or _HOUR, _DAY)


def garbled(response: httpx.Response) -> bool:
    """True for what a read was not meant to get: the page of a proxy, half an answer, an internal error of Zoho's.

    The last (code 1000) comes with a status that is not documented.
    """
    envelope = json.object_of(response.content)
    return (response.is_success and not envelope) or envelope.get("code") in (INTERNAL_ERROR, str(INTERNAL_ERROR))


def pause(response: httpx.Response, time_scale: float) -> Pause | None:
    """The pause for everybody that a refusal asks for; `time_scale` shortens ours, not what Zoho says."""
    code, asked = limit_code(response), retry_after(response)
    if code == TOO_MANY_TODAY:
        reset = asked or _until_reset(response)
        reason = "the limit of the day is reached, by us or by others (code 45)"
        if reset is None:
            return Pause(_HOUR * time_scale, DAY, reason, probe=True)
        return Pause(reset + _CUT_OFF, DAY, reason)
    if code == TOO_MANY_AT_ONCE:
        return Pause(asked, PAUSE, "too many requests at once (code 1070)") if asked else None
    usual = _LEAST_WAIT_SECONDS.get(code or 0, _MINUTE) * time_scale
    reason = _REFUSED.get(code or 0, f"Zoho takes no requests for a while (HTTP 429, code {code or 'unknown'})")
    too_fast = code == TOO_MANY_PER_MINUTE
    return Pause(
        usual if asked is None else asked, PAUSE, reason, probe=too_fast and asked is None, slows=too_fast
    )


def heard_of_tokens(response: httpx.Response) -> Heard:
    """The pause that the token endpoint asks for."""
    denied = tokens_are_denied(json.object_of(response.content))
    if not denied and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return NOTHING
    reason = "Zoho gives no new access tokens for now (Access Denied)"
    return Heard(Pause(retry_after(response) or THROTTLE_SECONDS, PAUSE, reason))


def tokens_are_denied(body: Mapping[str, Any]) -> bool:
    """True when the token endpoint's answer means that too many tokens were asked for."""
    return str(body.get("error") or "").lower().replace("_", " ") == "access denied"


def remaining(response: httpx.Response) -> Remaining | None:
    """What `X-Rate-Limit-*` say is left; None where they are not there."""
    limit = _whole(response.headers.get("X-Rate-Limit-Limit"))
    left = _whole(response.headers.get("X-Rate-Limit-Remaining"))
    if not limit or left is None:
        return None
    # They were seen for the day, but it is not documented that they always are. Without a reset the word holds for
    # an hour, or for a minute when so few are a day's of no plan: later answers will say it again.
    reset = _until_reset(response)
    if reset is None:
        reset = _HOUR if limit >= min(REQUESTS_PER_DAY.values()) else _MINUTE
    kind = DAY if reset > LONGEST_WAIT_SECONDS else FULL
    return Remaining(limit, left, reset + _CUT_OFF, kind)


def _until_reset(response: httpx.Response) -> float | None:
    """Seconds until the day begins anew; a moment is understood too."""
    value = _whole(response.headers.get("X-Rate-Limit-Reset"))
    if value is None:
        return None
    if value > 10 * _DAY:
        value = max(0, value - int(datetime.now(UTC).timestamp()))
    return min(float(value), _DAY)


def plans(response: httpx.Response) -> dict[str, str]:
    """Plan by organization id, of `GET /organizations`."""
    rows = json.object_of(response.content).get("organizations")
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {
        str(row.get("organization_id")): row["plan_name"]
        for row in known
        if isinstance(row.get("plan_name"), str) and row["plan_name"]
    }


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
