"""The Dagster instance of the commands."""

from __future__ import annotations

import dagster as dg
from filelock import FileLock

from mlc_pipeline.settings import Settings, prepare_dagster_home


def dagster_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance in `DAGSTER_HOME`, whose databases are there when this returns.

    Dagster makes them without a lock: of two processes that did so at once, one would fail.
    """
    prepare_dagster_home(settings)
    with FileLock(settings.dagster_home / ".opening.lock"):
        instance = dg.DagsterInstance.get()
        instance.get_runs_count()
    return instance
