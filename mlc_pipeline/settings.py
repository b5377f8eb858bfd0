"""Where things are: the only place that reads the environment.

Everything else is handed a `Settings` value.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of one process, resolved: paths are absolute, defaults are filled in."""

    config_path: Path
    home: Path
    database_url: str
    vault_keys: tuple[str, ...]
    log_level: str
    dagster_home: Path
    sandbox_time_scale: float = 1.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `MLC_*` and `DAGSTER_HOME`; an empty variable counts as unset."""
        home = _path(environment.get("MLC_HOME")) or project_root() / ".mlc"
        keys = environment.get("MLC_VAULT_KEY", "")
        return cls(
            config_path=_path(environment.get("MLC_CONFIG")) or project_root() / "mlc.yaml",
            home=home,
            database_url=environment.get("MLC_DATABASE_URL") or f"sqlite:///{home / 'mlc.db'}",
            vault_keys=tuple(key.strip() for key in keys.split(",") if key.strip()),
            log_level=(environment.get("MLC_LOG_LEVEL") or "INFO").upper(),
            dagster_home=_path(environment.get("DAGSTER_HOME")) or home / "dagster",
            sandbox_time_scale=_share(environment.get("MLC_SANDBOX_TIME_SCALE")),
        )

    @property
    def assets_path(self) -> Path:
        """Where the partitions of the DataFrame assets are kept as Parquet files."""
        return self.home / "assets"

    @property
    def vault_key_path(self) -> Path:
        """The generated key, used when `MLC_VAULT_KEY` is not set."""
        return self.home / "vault.key"


def project_root() -> Path:
    """The folder with `workspace.yaml`: the checkout, or the working directory of an installed package."""
    checkout = _PACKAGE.parent
    return checkout if (checkout / "workspace.yaml").exists() else Path.cwd()


def prepare_dagster_home(settings: Settings) -> None:
    """Make `DAGSTER_HOME` from the project's `dagster.yaml`, unless the user keeps one of their own there."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    target = settings.dagster_home / "dagster.yaml"
    source = project_root() / "dagster.yaml"
    if source.exists() and not target.exists():
        shutil.copyfile(source, target)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def _share(text: str | None) -> float:
    """Of its real length a sandbox's minute lasts this much; anything else than such a share means 1."""
    if not text or not re.fullmatch(r"0?\.[0-9]{1,20}|[01](\.0*)?", text):
        return 1.0
    return float(text) or 1.0


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser().absolute() if text else None
