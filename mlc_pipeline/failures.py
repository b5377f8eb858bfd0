"""Which errors carry a sentence for people, and how an asset ends with that sentence instead of a traceback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from mlc_pipeline.config import ConfigurationError
from mlc_pipeline.database import DatabaseError
from mlc_pipeline.expensify.errors import ExpensifyError, LimitsClosed
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

GOES_ON_AT = "goes_on_at"
"""Metadata of a failure that a limit made: from when on the period can go on. The sensor of that name reads it."""


@contextmanager
def explained() -> Iterator[None]:
    """Within an asset: an error that explains itself fails the step with its sentence."""
    try:
        yield
    except EXPLAINED as error:
        raise dg.Failure(redact(str(error)), metadata=goes_on(error)) from None


def goes_on(error: Exception) -> dict[str, dg.MetadataValue[Any]]:
    """The metadata that says when the work can go on after a limit; empty after any other error."""
    if not isinstance(error, RateLimited | LimitsClosed):
        return {}
    return {GOES_ON_AT: dg.MetadataValue.timestamp(time.time() + error.retry_after)}
