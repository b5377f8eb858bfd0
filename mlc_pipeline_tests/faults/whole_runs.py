"""One whole run of a period, Dagster and all, as the life of a process: `mlc run` with less patience."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

import dagster as dg

from mlc_pipeline.build import build_defs
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.posting.poster import Patience
from mlc_pipeline.resources import Database, PostingAccess
from mlc_pipeline.settings import Settings, prepare_dagster_home


def materialise(environment: Mapping[str, str], connection: str, period: str) -> None:
    """Materialise the partition of all assets of the connection; the process ends with 1 if that failed."""
    logging.disable()
    os.environ.clear()
    os.environ.update(environment)
    settings = Settings.from_environment(environment)
    prepare_dagster_home(settings)
    patience = Patience(grace_seconds=0.3, unguarded_grace_seconds=0.3)
    defs = build_defs(
        settings=settings, resource_overrides={"posting": PostingAccess(Database(settings), patience)}
    )
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(period_job_name(connection)).execute_in_process(
            instance=instance,
            partition_key=period,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success:
        raise SystemExit(1)
