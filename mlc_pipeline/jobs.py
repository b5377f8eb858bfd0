"""The job of a connection: all its assets for one approval period."""

from __future__ import annotations

import dagster as dg

from mlc_pipeline.config import Connection
from mlc_pipeline.naming import posting_pool

_MAX_RUNTIME_SECONDS = 4 * 3600  # a run whose machine died would stay "started" for ever without it


def period_job_name(connection_name: str) -> str:
    """The name of the connection's job."""
    return f"{connection_name}_approval_period"


def period_job(connection: Connection) -> dg.UnresolvedAssetJobDefinition:
    """Reads, maps, posts and reconciles one approval period."""
    return dg.define_asset_job(
        period_job_name(connection.name),
        selection=dg.AssetSelection.key_prefixes([connection.name]),
        description=f"Reads, maps, posts and reconciles one approval period of {connection.name}.",
        tags={
            "mlc/connection": connection.name,
            # Dagster limits a pool only once it has met it; this tag is limited from the first run on.
            "mlc/posts_to": posting_pool(connection),
            "dagster/max_runtime": str(_MAX_RUNTIME_SECONDS),
        },
    )
