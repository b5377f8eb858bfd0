"""Where things are when the environment says nothing, and what it can say."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from mlc_pipeline.settings import Settings, prepare_dagster_home, project_root

ROOT = Path(__file__).parents[2]


def test_everything_has_a_place_in_the_project() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings(
        config_path=ROOT / "mlc.yaml",
        home=ROOT / ".mlc",
        database_url=f"sqlite:///{ROOT}/.mlc/mlc.db",
        vault_keys=(),
        log_level="INFO",
        dagster_home=ROOT / ".mlc/dagster",
    )
    assert settings.vault_key_path == ROOT / ".mlc/vault.key"
    assert settings.assets_path == ROOT / ".mlc/assets"


def test_an_empty_variable_counts_as_unset() -> None:
    names = (
        "MLC_CONFIG",
        "MLC_HOME",
        "MLC_DATABASE_URL",
        "MLC_VAULT_KEY",
        "MLC_LOG_LEVEL",
        "DAGSTER_HOME",
        "MLC_SANDBOX_TIME_SCALE",
    )
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


def test_the_state_moves_with_its_home(tmp_path: Path) -> None:
    settings = Settings.from_environment({"MLC_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/mlc.db"
    assert settings.dagster_home == tmp_path / "dagster"
    assert settings.vault_key_path == tmp_path / "vault.key"
    assert settings.config_path == ROOT / "mlc.yaml"


def test_every_place_can_be_named(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "MLC_CONFIG": str(tmp_path / "books.yaml"),
            "MLC_HOME": str(tmp_path / "home"),
            "MLC_DATABASE_URL": "postgresql+psycopg://mlc@db.example/books",
            "MLC_VAULT_KEY": " first , second ,, ",
            "MLC_LOG_LEVEL": "debug",
            "DAGSTER_HOME": str(tmp_path / "dagster"),
        }
    )
    assert settings == Settings(
        config_path=tmp_path / "books.yaml",
        home=tmp_path / "home",
        database_url="postgresql+psycopg://mlc@db.example/books",
        vault_keys=("first", "second"),
        log_level="DEBUG",
        dagster_home=tmp_path / "dagster",
    )


def test_relative_paths_and_the_home_folder_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    settings = Settings.from_environment({"MLC_CONFIG": "books.yaml", "MLC_HOME": "~/mlc"})
    assert settings.config_path == tmp_path / "books.yaml"
    assert settings.home == Path("/home/ann/mlc")


@pytest.mark.parametrize("folder", ["with space", "100%", "a#b", "a@b:c", "büro"])
def test_the_default_database_is_in_its_home_whatever_that_is_called(tmp_path: Path, folder: str) -> None:
    settings = Settings.from_environment({"MLC_HOME": str(tmp_path / folder)})
    assert sa.make_url(settings.database_url).database == str(tmp_path / folder / "mlc.db")


def test_dagster_gets_the_projects_settings_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = Settings.from_environment({"MLC_HOME": str(tmp_path)})
    prepare_dagster_home(settings)
    made = tmp_path / "dagster/dagster.yaml"
    assert made.read_text() == (project_root() / "dagster.yaml").read_text()
    made.write_text("# mine")
    prepare_dagster_home(settings)
    assert made.read_text() == "# mine"


@pytest.mark.parametrize(
    ("said", "share"),
    [("0.01", 0.01), (str(1 / 60), 1 / 60), ("1", 1), ("0", 1), ("-1", 1), ("60", 1), ("fast", 1)],
)
def test_the_minutes_of_a_sandbox_may_be_shorter_but_never_longer_or_nothing(said: str, share: float) -> None:
    assert Settings.from_environment({"MLC_SANDBOX_TIME_SCALE": said}).sandbox_time_scale == share
