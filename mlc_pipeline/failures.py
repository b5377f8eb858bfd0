"""How an asset ends with a sentence instead of a traceback, and whether and when its run goes on by itself.

What stands in the way for a while (a limit, an outage, a database that is held) is tried again by the sensors, at
the time that the failure names. What does not pass by itself is a person's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from mlc_pipeline.config import ConfigurationError
from mlc_pipeline.database import DatabaseError
from mlc_pipeline.expensify.errors import ExpensifyError, LimitsClosed
from mlc_pipeline.going_on import GOES_ON_AS, GOES_ON_AT, GONE_ON
from mlc_pipeline.leases import LeaseUnavailable
from mlc_pipeline.periods import UnknownPeriod
from mlc_pipeline.resources import MissingCredentials
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.vault import VaultError
from mlc_pipeline.zoho.errors import RateLimited, ZohoError

EXPLAINED = (
    ConfigurationError,
    DatabaseError,
    ExpensifyError,
    LeaseUnavailable,
    MissingCredentials,
    UnknownPeriod,
    VaultError,
    ZohoError,
)
"""Errors whose text says what is wrong, where, and how to mend it."""

PAUSES_MINUTES = (5, 15, 60, 60, 60, 60, 60, 60)
"""How long a run that was stopped waits before it goes on, time after time; then a person has to look."""


class NotSettled(Exception):
    """Documents of a period are neither posted nor in review: the next run looks for them."""

    temporary = True


@contextmanager
def explained() -> Iterator[None]:
    """Within an asset: an error that explains itself fails the step with its sentence."""
    try:
        yield
    except EXPLAINED as error:
        raise stopped(str(error), error) from None


def stopped(text: str, error: Exception, metadata: Mapping[str, Any] | None = None) -> dg.Failure:
    """The failure of a step that `error` stopped: the text, and when its run goes on if it does so by itself."""
    sentence, when = _goes_on(error)
    return dg.Failure(redact(f"{text} {sentence}".strip()), metadata={**(metadata or {}), **when})


def passes(error: Exception) -> bool:
    """Whether the same may succeed later with nothing mended."""
    return bool(getattr(error, "temporary", False))


def _goes_on(error: Exception) -> tuple[str, dict[str, dg.MetadataValue[Any]]]:
    if isinstance(error, RateLimited | LimitsClosed):
        return "", _at(time.time() + error.retry_after, 0)  # the error itself names the time
    if not passes(error):
        return "", {}
    before = _times_gone_on()
    if before >= len(PAUSES_MINUTES):
        return (
            f"It went on by itself {before} times and did not get through: now a person has to run it again.",
            {},
        )
    moment = time.time() + 60 * PAUSES_MINUTES[before]
    on = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
    return f"It goes on by itself after {on}, if Dagster's daemon and sensors run.", _at(moment, before + 1)


def _at(moment: float, times: int) -> dict[str, dg.MetadataValue[Any]]:
    return {GOES_ON_AT: dg.MetadataValue.timestamp(moment), GOES_ON_AS: dg.MetadataValue.int(times)}


def _times_gone_on() -> int:
    try:
        context = dg.AssetExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return 0  # not within a run
    return int(context.run.tags.get(GONE_ON, "0"))
