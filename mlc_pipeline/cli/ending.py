"""How the command line ends: one sentence on standard error and exit code 2, and no traceback."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from mlc_pipeline.settings import Settings


def fail(sentence: str, told: Mapping[str, Any] | None = None) -> NoReturn:
    """Exit code 2 with one sentence; who asked for JSON gets it there too, with what the command always tells."""
    click.echo(sentence, err=True)
    if "--json" in sys.argv:
        click.echo(json.dumps({**(told or {}), "error": sentence}, ensure_ascii=False))
    sys.exit(2)


def explained(error: Exception) -> str:
    """The sentence of an error that explains itself; for any other, how to report it."""
    from mlc_pipeline.commands.audit import NoTrail
    from mlc_pipeline.commands.connect import CredentialsMissing
    from mlc_pipeline.commands.mapping import MappingRefused
    from mlc_pipeline.commands.review import NoSuchEntry
    from mlc_pipeline.failures import EXPLAINED
    from mlc_pipeline.sandbox.serving import PortTaken
    from mlc_pipeline.sandbox.state_file import StateFileUnreadable
    from mlc_pipeline.transport.redaction import redact

    own = (CredentialsMissing, MappingRefused, NoSuchEntry, NoTrail, PortTaken, StateFileUnreadable)
    if isinstance(error, (*EXPLAINED, *own)):
        return redact(str(error))
    if isinstance(error, OSError) and error.filename is not None:
        return redact(
            f"{error.filename} cannot be used: {error.strerror}. Give this user the right to it, or set MLC_HOME, "
            "MLC_CONFIG or DAGSTER_HOME to another place."
        )
    logging.getLogger(__name__).debug("Unexpected error", exc_info=error)
    return redact(
        f"Something unexpected went wrong: {type(error).__name__}: {error}. Nothing more was done. Please report "
        "it; MLC_LOG_LEVEL=DEBUG shows the details."
    )


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, without secrets, at the level of `MLC_LOG_LEVEL`."""
    from mlc_pipeline.transport.redaction import RedactingFilter

    handler = logging.StreamHandler()
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("mlc_pipeline")
    logger.addHandler(handler)
    try:
        logger.setLevel(settings.log_level)
    except ValueError:
        levels = "DEBUG, INFO, WARNING or ERROR"
        raise click.ClickException(f"MLC_LOG_LEVEL is {settings.log_level}: set it to {levels}.") from None
