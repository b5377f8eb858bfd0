"""What a step tells Dagster of its frame: row count, version, and what else a person wants to see of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import records
from mlc_pipeline.naming import asset_key
from mlc_pipeline.transport.traffic import Traffic
from mlc_pipeline.zoho.kept_contacts import Reading

_MOST_ROWS = 50  # Dagster keeps metadata with every materialization, twice


def materialized(frame: pd.DataFrame, **metadata: Any) -> dg.Output[pd.DataFrame]:
    """What an asset returns: the frame, its row count and what else a person wants to see of it.

    The same content again has the same data version, so that it makes nothing downstream out of date.
    """
    return dg.Output(
        frame, metadata={"dagster/row_count": len(frame), **metadata}, data_version=_content_version(frame)
    )


def partition_materialized(
    key: dg.AssetKey, partition: str, frame: pd.DataFrame, **metadata: Any
) -> dg.AssetMaterialization:
    """The same for one partition of several, for an asset that keeps each itself as soon as it has it."""
    version = {
        "dagster/data_version": _content_version(frame).value,
        "dagster/data_version_is_user_provided": "true",
    }
    return dg.AssetMaterialization(
        key, partition=partition, metadata={"dagster/row_count": len(frame), **metadata}, tags=version
    )


def traffic(system: str, sent: Traffic) -> dict[str, Any]:
    """What a client sent, repeated and waited for, as metadata."""
    return {f"{system}_{name}": value for name, value in sent.metadata().items()}


def posts_nothing(context: dg.AssetExecutionContext, connection: Connection) -> bool:
    """Whether the run was asked for some assets by name, and the documents are not among them."""
    selected = context.run.asset_selection or ()  # empty for all assets of the job
    return len(selected) > 0 and asset_key(connection, "zoho_bills") not in selected


def reading(name: str, read: Reading[Any]) -> dict[str, Any]:
    """How a list was read and with how many requests, as metadata."""
    return {f"{name}_read": read.how, f"{name}_requests": read.requests}


def preview(frame: pd.DataFrame, *columns: str) -> dg.MetadataValue[Any]:
    """The first rows as a table, cents written as money; the word "none" if there are no rows."""
    if frame.empty:
        return dg.MetadataValue.text("none")
    return _table(records(frame.head(_MOST_ROWS)[list(columns)]), columns)


def money_table(frame: pd.DataFrame, *columns: str) -> dg.TableMetadataValue:
    """The sums of cents columns per currency, written as money."""
    sums = frame.assign(currency=frame["currency"].fillna("")).groupby("currency")[list(columns)].sum()
    return _table(records(sums.reset_index()), ("currency", *columns))


def _table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> dg.TableMetadataValue:
    names = {column: column.removesuffix("_cents") for column in columns}
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _cell(column, row[column]) for column, name in names.items()}) for row in rows],
        dg.TableSchema([dg.TableColumn(name) for name in names.values()]),
    )


def _cell(column: str, value: Any) -> Any:
    if value is None:
        return ""
    return format_money(value, "").strip() if column.endswith("_cents") else value


def _content_version(frame: pd.DataFrame) -> dg.DataVersion:
    digest = hashlib.sha256(",".join(frame.columns).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return dg.DataVersion(digest.hexdigest())
