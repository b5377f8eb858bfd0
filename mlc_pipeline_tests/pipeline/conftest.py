"""Houses to run periods in: one for each test, or one for a whole module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from mlc_pipeline.settings import Settings, prepare_dagster_home
from mlc_pipeline_tests.front_door import House, clean_environment, open_house


@pytest.fixture(scope="session")
def new_dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home whose databases are made, to be copied."""
    home = tmp_path_factory.mktemp("dagster-template")
    settings = Settings.from_environment(clean_environment(home))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(settings.dagster_home))
        prepare_dagster_home(settings)
        with dg.DagsterInstance.get() as instance:
            instance.get_runs(limit=1)
            instance.get_asset_keys(limit=1)
    return settings.dagster_home


@pytest.fixture
def house(tmp_path: Path, new_dagster_home: Path) -> Iterator[House]:
    """A small company, connected; nothing was run yet."""
    with open_house(tmp_path / "home", dagster_home=new_dagster_home) as opened:
        yield opened
