"""The answers of a period and the reference data they come from: as the assets kept them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from mlc_pipeline import frames, schemas
from mlc_pipeline.assets.category_mappings import REFERENCE
from mlc_pipeline.commands.mapping.problems import MappingRefused
from mlc_pipeline.config import Connection
from mlc_pipeline.io_managers import ParquetIOManager
from mlc_pipeline.naming import asset_key
from mlc_pipeline.periods import approval_periods
from mlc_pipeline.resources import Database, ZohoAccess
from mlc_pipeline.settings import Settings
from mlc_pipeline.steps.reference import ReferenceFrames, read_reference

_TOLD = (
    "kind", "workspace", "level", "name", "code", "expenses", "how", "target_id", "target_code", "target_name",
    "reason_code", "reason",
)  # fmt: skip

_SCHEMAS: dict[str, schemas.Schema] = {
    "categories": schemas.WORKSPACES,
    "accounts": schemas.ACCOUNTS,
    "vendors": schemas.VENDORS,
    "currencies": schemas.CURRENCIES,
    "taxes": schemas.TAXES,
    "dimensions": schemas.DIMENSIONS,
    "organization": schemas.ORGANIZATION,
}


@dataclass(frozen=True, slots=True)
class Answers:
    """The `category_mappings` of one period: rows with the columns of `schemas.MAPPINGS`, missing ones None."""

    connection: str
    period: str
    rows: tuple[dict[str, Any], ...]

    @property
    def unresolved(self) -> tuple[dict[str, Any], ...]:
        """The rows without an answer."""
        return tuple(row for row in self.rows if row["reason_code"])

    def to_json(self) -> dict[str, Any]:
        """The object that `mlc mapping show --json` prints."""
        return {
            "connection": self.connection,
            "period": self.period,
            "unresolved": len(self.unresolved),
            "answers": [{name: row[name] for name in _TOLD} for row in self.rows],
        }


def answers_of(settings: Settings, connection: Connection, period: str | None) -> Answers:
    """The kept answers of a period; of the newest one that has some, if none is named.

    Raises:
        MappingRefused: nothing is kept.
        UnknownPeriod: there is no such period.
    """
    files = ParquetIOManager(settings.assets_path)
    key = asset_key(connection, "category_mappings")
    if period is not None:
        approval_periods(connection.period).period(period)
    kept = files.kept_partitions(key)
    chosen = period or (kept[-1] if kept else None)
    frame = files.kept(key, chosen) if chosen else None
    if chosen is None or frame is None:
        raise _none_kept(connection, period, kept)
    complete = frame.reindex(columns=list(schemas.MAPPINGS.columns))
    return Answers(connection.name, chosen, tuple(frames.records(complete)))


def stored_reference(settings: Settings, connection: Connection) -> ReferenceFrames | None:
    """The reference assets as they are kept; None if one is missing, or was kept by an earlier version."""
    files = ParquetIOManager(settings.assets_path)
    kept: dict[str, pd.DataFrame] = {}
    for argument, name in REFERENCE.items():
        frame = files.kept(asset_key(connection, name))
        if frame is None or list(frame.columns) != list(_SCHEMAS[argument].columns):
            return None
        kept[argument] = frame
    return ReferenceFrames(**kept)


def asked_reference(settings: Settings, connection: Connection) -> ReferenceFrames:
    """The same, asked from Zoho Books now; nothing is written anywhere."""
    no_categories = frames.frame_of(schemas.WORKSPACES, ())
    with closing(ZohoAccess(Database(settings))) as access:
        return read_reference(connection, no_categories, access.client(connection))


def reference_of(settings: Settings, connection: Connection) -> ReferenceFrames:
    """What is kept, else what Zoho Books says now."""
    return stored_reference(settings, connection) or asked_reference(settings, connection)


def _none_kept(connection: Connection, period: str | None, kept: list[str]) -> MappingRefused:
    closed = approval_periods(connection.period).closed_by(datetime.now(UTC))
    example = period or (closed[-1].key if closed else "YYYY-MM-DD")
    others = f" There are those of {', '.join(kept[-3:])}." if kept else ""
    which = f"The period {period} of" if period else "No period of"
    return MappingRefused(
        f"{which} {connection.name} has {'no' if period else 'its'} category_mappings yet.{others} They are made "
        f"by `mlc run --connection {connection.name} --period {example}`, or by materializing category_mappings "
        "and what is upstream of it in the Dagster UI, which posts nothing."
    )
