"""From mlc.yaml to one Definitions: the only place that assembles; tests swap resources here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import dagster as dg

from mlc_pipeline.assets import connection_assets
from mlc_pipeline.assets.naming import posting_pool
from mlc_pipeline.cancelling import interrupt_if_cancelled
from mlc_pipeline.checks import connection_checks
from mlc_pipeline.config import Configuration, ConfigurationProblem, load_configuration
from mlc_pipeline.heartbeats import heartbeat
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.jobs import period_job
from mlc_pipeline.resources import Database, ExpensifyAccess, PostingAccess, ZohoAccess
from mlc_pipeline.resuming import backfills_going_on, going_on
from mlc_pipeline.schedules import period_schedule
from mlc_pipeline.sensors import upkeep
from mlc_pipeline.settings import Settings

# Partitioned asset checks and custom IO managers warn on every load; what they do is pinned by our tests.
for _category in (dg.BetaWarning, dg.PreviewWarning):
    warnings.filterwarnings("ignore", category=_category)
# On purpose: a backfill reads many periods in one run and posts each in its own.
warnings.filterwarnings("ignore", message=r"Asset job \w+ materializes assets with varying BackfillPolicies")


def build_defs(
    *,
    settings: Settings | None = None,
    configuration: Configuration | None = None,
    resource_overrides: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """Everything that Dagster shows and runs. Loads with a missing or broken configuration too.

    Args:
        settings: where things are; from the environment if left out.
        configuration: the connections; from `settings.config_path` if left out.
        resource_overrides: resources to use instead of `expensify`, `zoho`, `posting` or `io_manager`.
    """
    settings = settings or Settings.from_environment()
    configuration = configuration or load_configuration(settings.config_path)
    connections = configuration.connections
    database = Database(settings)
    return dg.Definitions(
        assets=[
            *(asset for connection in connections for asset in connection_assets(connection)),
            *_configuration_assets(configuration.problems),
        ],
        asset_checks=[check for connection in connections for check in connection_checks(connection)],
        jobs=[period_job(connection) for connection in connections],
        schedules=[period_schedule(connection) for connection in connections],
        sensors=[
            upkeep(database, {posting_pool(connection) for connection in connections}),
            *(going_on(connection) for connection in connections),
            backfills_going_on(connections),
        ],
        resources={**_resources(settings, database), **(resource_overrides or {})},
        # One process a run: its steps share one login and are not worth an interpreter each.
        executor=dg.in_process_executor,
    )


def _resources(settings: Settings, database: Database) -> dict[str, Any]:
    return {
        "heartbeat": dg.ResourceDefinition(lambda context: _beating(database, context.instance, context.run)),
        "expensify": ExpensifyAccess(database),
        "zoho": dg.ResourceDefinition(lambda _: _closed_at_the_end(ZohoAccess(database))),
        "posting": PostingAccess(database),
        # Every asset has an IO manager: so every run has a heartbeat.
        "io_manager": dg.IOManagerDefinition(
            lambda _: ParquetIOManager(settings.assets_path), required_resource_keys={"heartbeat"}
        ),
    }


@contextmanager
def _beating(database: Database, instance: dg.DagsterInstance | None, run: dg.DagsterRun | None) -> Iterator[None]:
    """For one run: it says that it lives until it ends, which it does when its backfill is cancelled."""
    if run is None or instance is None:
        yield
        return
    with heartbeat(lambda: database.engine, run.run_id, with_each=lambda: interrupt_if_cancelled(instance, run)):
        yield


@contextmanager
def _closed_at_the_end(access: ZohoAccess) -> Iterator[ZohoAccess]:
    """For one run: its connections are closed when the run ends, however it ends."""
    with closing(access):
        yield access


def _configuration_assets(problems: tuple[ConfigurationProblem, ...]) -> list[dg.AssetsDefinition]:
    """Where the file is wrong, an asset that says so: the UI then shows the sentence instead of nothing."""
    by_connection: dict[str, list[str]] = {}
    for problem in problems:
        by_connection.setdefault(problem.connection or "mlc_yaml", []).append(str(problem))
    return [_configuration_asset(name, sentences) for name, sentences in by_connection.items()]


def _configuration_asset(name: str, sentences: list[str]) -> dg.AssetsDefinition:
    prefix = "".join(character if character.isascii() and character.isalnum() else "_" for character in name)
    # The UI takes descriptions for Markdown with HTML in it.
    shown = "\n".join(f"- {sentence}" for sentence in sentences).replace("<", "&lt;")
    text = "\n".join(sentences)

    @dg.asset(key=[prefix, "configuration_error"], group_name="configuration_errors", description=shown)
    def configuration_error() -> None:
        raise dg.Failure(f"{text}\nMend it and reload the code location.")

    return configuration_error
