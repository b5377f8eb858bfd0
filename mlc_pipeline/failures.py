"""Which errors carry a sentence for people, and how an asset ends with that sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from mlc_pipeline.config import ConfigurationError
from mlc_pipeline.database import DatabaseError
from mlc_pipeline.expensify.errors import ExpensifyError
from mlc_pipeline.leases import LeaseUnavailable
from mlc_pipeline.periods import UnknownPeriod
from mlc_pipeline.resources import MissingCredentials
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.vault import VaultError
from mlc_pipeline.zoho.errors import ZohoError

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


@contextmanager
def explained() -> Iterator[None]:
    """Within an asset: an error that explains itself fails the step with its sentence."""
    try:
        yield
    except EXPLAINED as error:
        raise dg.Failure(redact(str(error))) from None
