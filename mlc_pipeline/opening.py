"""The resources of a run, for Dagster: each is imported and opened when a run begins, not with the definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import dagster as dg

from mlc_pipeline.settings import Settings

if TYPE_CHECKING:
    from mlc_pipeline.io_managers import ParquetIOManager
    from mlc_pipeline.resources import Database, ExpensifyAccess, PostingAccess, ZohoAccess


def opened_once(settings: Settings) -> Callable[[], Database]:
    """Our database, one for all runs and sensors of the process."""

    @cache
    def database() -> Database:
        from mlc_pipeline.resources import Database

        return Database(settings)

    return database


def run_resources(settings: Settings, database: Callable[[], Database]) -> dict[str, Any]:
    """The resources by name."""
    return {
        "heartbeat": dg.ResourceDefinition(lambda context: _beating(database(), context.instance, context.run)),
        "expensify": dg.ResourceDefinition(lambda _: _expensify(database())),
        "zoho": dg.ResourceDefinition(lambda _: _zoho(database())),
        "posting": dg.ResourceDefinition(lambda _: _posting(database())),
        # Every asset has an IO manager: so every run has a heartbeat.
        "io_manager": dg.IOManagerDefinition(lambda _: _files(settings), required_resource_keys={"heartbeat"}),
    }


@contextmanager
def _beating(database: Database, instance: dg.DagsterInstance | None, run: dg.DagsterRun | None) -> Iterator[None]:
    """For one run: it says that it lives until it ends, which it does when its backfill is cancelled."""
    from mlc_pipeline.cancelling import interrupt_if_cancelled
    from mlc_pipeline.heartbeats import heartbeat

    if run is None or instance is None:
        yield
        return
    with heartbeat(lambda: database.engine, run.run_id, with_each=lambda: interrupt_if_cancelled(instance, run)):
        yield


def _expensify(database: Database) -> ExpensifyAccess:
    from mlc_pipeline.resources import ExpensifyAccess

    return ExpensifyAccess(database)


@contextmanager
def _zoho(database: Database) -> Iterator[ZohoAccess]:
    """For one run: its connections are closed when the run ends, however it ends."""
    from mlc_pipeline.resources import ZohoAccess

    with closing(ZohoAccess(database)) as access:
        yield access


def _posting(database: Database) -> PostingAccess:
    from mlc_pipeline.resources import PostingAccess

    return PostingAccess(database)


def _files(settings: Settings) -> ParquetIOManager:
    from mlc_pipeline.io_managers import ParquetIOManager

    return ParquetIOManager(settings.assets_path)
