"""What a connection asks for that this version reads but does not do yet: silence about it would mislead."""

from __future__ import annotations

from collections.abc import Iterator

from mlc_pipeline.config.models import Connection, PostingSettings


def not_done_yet(connection: Connection) -> str | None:
    """A sentence that names the keys without an effect yet; None when there are none."""
    keys = ", ".join(_keys(connection))
    if not keys:
        return None
    return f"Connection {connection.name}: {keys} in mlc.yaml have no effect in this version."


def _keys(connection: Connection) -> Iterator[str]:
    usual = PostingSettings()
    for name in ("on_locked_period",):
        if getattr(connection.posting, name) != getattr(usual, name):
            yield f"posting.{name}"
