"""Where the frames of the assets are kept: one Parquet file a partition, replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pandas as pd
from upath import UPath


class ParquetIOManager(dg.UPathIOManager):
    """Frames as `<base>/<asset key>/<partition>.parquet`."""

    extension: str = ".parquet"

    def __init__(self, base_path: Path) -> None:
        super().__init__(base_path=UPath(base_path))

    def dump_to_path(self, context: dg.OutputContext, obj: pd.DataFrame, path: UPath) -> None:
        """Write beside the old file and then take its place, so that a reader never sees half of it."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        obj.to_parquet(str(draft), index=False)
        Path(str(draft)).replace(str(path))

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pd.DataFrame:
        """Read one partition with the nullable types it was written with."""
        return pd.read_parquet(str(path))
