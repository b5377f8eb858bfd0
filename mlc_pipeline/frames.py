"""Frames with exactly the columns and types of our schemas: made from rows, from Arrow, and read again as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as arrow

from mlc_pipeline.schemas import CENTS, FLAG, TEXT, TIME, Schema

# Frames are made of columns that live for a moment. Arrow's own allocator gives their pages back to the system,
# which has to clear them again for the next column: a third of the time of reading.
arrow.set_memory_pool(arrow.system_memory_pool())

_PANDAS_TYPES = {
    arrow.string(): pd.StringDtype("pyarrow"),
    arrow.large_string(): pd.StringDtype("pyarrow"),
    arrow.int64(): pd.Int64Dtype(),
    arrow.bool_(): pd.BooleanDtype(),
}


def frame_of(schema: Schema, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame with exactly the schema's columns and types, also when there are no rows.

    Raises:
        pandera.errors.SchemaErrors: a row does not fit.
    """
    frame = pd.DataFrame(list(rows), columns=list(schema.columns), dtype="object")
    required = [name for name, column in schema.columns.items() if not column.nullable]
    try:
        typed = frame.astype({name: column.dtype for name, column in schema.columns.items()})
    except (TypeError, ValueError):
        return validated(schema, frame)
    # Types and missing values are all that our schemas ask for; only what is wrong is worth pandera's time.
    return validated(schema, frame) if typed[required].isna().to_numpy().any() else typed


def validated(schema: Schema, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the schema's types.

    Raises:
        pandera.errors.SchemaErrors: it has other columns, or values that do not fit; the text names each.
    """
    import pandera.pandas as pa  # takes as long to import as pandas, for what hardly ever happens

    columns = {name: pa.Column(column.dtype, nullable=column.nullable) for name, column in schema.columns.items()}
    return pa.DataFrameSchema(columns, name=schema.name, strict=True, coerce=True).validate(frame, lazy=True)


def arrow_schema(schema: Schema) -> arrow.Schema:
    """The same columns in Arrow."""
    kinds = {
        TEXT: arrow.large_string(),
        CENTS: arrow.int64(),
        FLAG: arrow.bool_(),
        TIME: arrow.timestamp("ns", tz="UTC"),
    }
    return arrow.schema([(name, kinds[column.dtype]) for name, column in schema.columns.items()])


def frame_from(table: arrow.Table) -> pd.DataFrame:
    """The rows of an Arrow table with the types of our schemas; texts stay where they are in memory."""
    plain = table.replace_schema_metadata(None)
    frame: pd.DataFrame = plain.to_pandas(types_mapper=_PANDAS_TYPES.get, split_blocks=True, self_destruct=True)
    return frame


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values; what is missing is None."""
    plain = frame.astype("object")
    rows: list[dict[str, Any]] = plain.where(frame.notna(), None).to_dict("records")  # type: ignore[call-overload]
    return rows
