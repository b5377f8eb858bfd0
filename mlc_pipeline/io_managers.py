"""Where the frames of the assets are kept: one Parquet file a partition, replaced whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow.parquet
from upath import UPath

from mlc_pipeline.frames import frame_from

# The frames name people and what they spent.
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


class ParquetIOManager(dg.UPathIOManager):
    """Frames as `<base>/<asset key>/<partition>.parquet`, readable by nobody else."""

    extension: str = ".parquet"

    def __init__(self, base_path: Path) -> None:
        super().__init__(base_path=UPath(base_path))

    def make_directory(self, path: UPath) -> None:
        """The folder and those above it, as far as they are not there yet."""
        folder = Path(str(path))
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)

    def keep(self, key: dg.AssetKey, partition: str, frame: pd.DataFrame) -> None:
        """Keep the frame of one partition of several, which the asset itself reports."""
        path = self._folder(key) / f"{partition}{self.extension}"
        self.make_directory(UPath(path.parent))
        _replace(path, frame)

    def kept_partitions(self, key: dg.AssetKey) -> list[str]:
        """The keys of the partitions of an asset that are kept, oldest first."""
        return sorted(path.stem for path in self._folder(key).glob(f"[0-9]*{self.extension}"))

    def kept(self, key: dg.AssetKey, partition: str | None = None) -> pd.DataFrame | None:
        """What is kept of an asset or of one partition of it, as it was written; None where nothing is."""
        folder = self._folder(key)
        path = folder.with_name(f"{folder.name}{self.extension}")
        if partition is not None:
            path = folder / f"{partition}{self.extension}"
        return _read(path) if path.exists() else None

    def _folder(self, key: dg.AssetKey) -> Path:
        return Path(str(self._base_path)).joinpath(*key.path)

    def dump_to_path(self, context: dg.OutputContext, obj: pd.DataFrame, path: UPath) -> None:
        """Write one partition."""
        _replace(Path(str(path)), obj)

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pd.DataFrame:
        """Read one partition with the nullable types it was written with.

        Raises:
            dagster.Failure: it was never written.
        """
        if not path.exists():
            raise dg.Failure(_never_written(context))
        return _read(Path(str(path)))


def _never_written(context: dg.InputContext) -> str:
    asset = context.asset_key.to_user_string()
    period = f" of {context.asset_partition_key}" if context.has_asset_partitions else ""
    return f"{asset}{period} has not been materialized yet. Materialize it first, or together with this asset."


def _read(path: Path) -> pd.DataFrame:
    # Opened once: Arrow would open a path twice, and the file may be replaced in between.
    with pyarrow.OSFile(str(path)) as file:
        return frame_from(pyarrow.parquet.read_table(file))


def _replace(path: Path, frame: pd.DataFrame) -> None:
    """Write beside the old file and then take its place, so that a reader never sees half of it."""
    # Not by the process's number: two containers that share the folder may both be process 1.
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    draft.touch(_PRIVATE_FILE)
    try:
        with draft.open("r+b") as file:
            frame.to_parquet(file, index=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
