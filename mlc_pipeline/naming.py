"""How the assets of a connection are named, grouped and shown in the Dagster UI."""

from __future__ import annotations

from functools import cache
from typing import Any

import dagster as dg

from mlc_pipeline.config import Connection
from mlc_pipeline.schemas import Schema

REPORTS_ADD_UP = "reports_add_up"
"""The name of the check on the reports that were read."""


def asset_key(connection: Connection, name: str) -> dg.AssetKey:
    """`<connection>/<name>`."""
    return dg.AssetKey([connection.name, name])


def posting_pool(connection: Connection) -> str:
    """The Dagster pool of all runs that post to the connection's organization: one at a time, others beside it.

    Two connections share it when mlc.yaml names the same organization for both.
    """
    organization = connection.zoho.organization or f"of connection {connection.name}"
    return f"zoho_books_{organization.casefold()}".replace(" ", "_")


def described(connection: Connection, name: str, schema: Schema, *kinds: str) -> dict[str, Any]:
    """The arguments that every asset definition of a connection shares."""
    return {
        "key": asset_key(connection, name),
        "group_name": connection.name,
        "kinds": {*kinds, "pandas"},
        "metadata": {"dagster/column_schema": _shown_columns(schema)},
    }


@cache
def _shown_columns(schema: Schema) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                type=column.dtype.removesuffix("[pyarrow]"),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for name, column in schema.columns.items()
        ]
    )
