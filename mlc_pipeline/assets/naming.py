"""How the assets of a connection are named, grouped and shown in the Dagster UI."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pandas as pd
import pandera.pandas as pa

from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import column_schema

_MOST_ROWS = 50  # Dagster keeps metadata with every materialisation, twice


def asset_key(connection: Connection, name: str) -> dg.AssetKey:
    """`<connection>/<name>`."""
    return dg.AssetKey([connection.name, name])


def described(connection: Connection, name: str, schema: pa.DataFrameSchema, *kinds: str) -> dict[str, Any]:
    """The arguments that every asset definition of a connection shares."""
    return {
        "key": asset_key(connection, name),
        "group_name": connection.name,
        "kinds": {*kinds, "pandas"},
        "metadata": {"dagster/column_schema": column_schema(schema)},
    }


def preview(frame: pd.DataFrame, *columns: str) -> dg.TableMetadataValue:
    """The first rows as a table; money columns stay integers of cents."""
    head = frame.head(_MOST_ROWS)[list(columns)].astype("object")
    rows = head.where(head.notna(), "").to_dict("records")
    return dg.MetadataValue.table(
        [dg.TableRecord({str(name): value for name, value in row.items()}) for row in rows],
        dg.TableSchema([dg.TableColumn(name) for name in columns]),
    )


def money_table(frame: pd.DataFrame, *columns: str) -> dg.TableMetadataValue:
    """The sums of cents columns per currency, written as money."""
    sums = frame.assign(currency=frame["currency"].fillna("")).groupby("currency")[list(columns)].sum()
    records = [
        dg.TableRecord(
            {"currency": str(currency)}
            | {column.removesuffix("_cents"): format_money(int(row[column]), "").strip() for column in columns}
        )
        for currency, row in sums.iterrows()
    ]
    names = ["currency", *(column.removesuffix("_cents") for column in columns)]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name) for name in names]))
