"""Moments: columns of instants as ISO 8601 text, in UTC and in the time zone of the connection."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd


def in_utc(moments: pd.Series[Any]) -> list[str]:
    """As pandas writes each of them, with a fraction of a second where there is one; empty where there is none."""
    exact = _utc(moments)
    seconds = exact.astype("datetime64[s]")
    found: list[str] = np.char.add(np.datetime_as_string(seconds), "+00:00").tolist()
    for place in np.flatnonzero(seconds != exact):  # not a moment is unlike itself
        moment = moments.iloc[place]
        found[place] = "" if pd.isna(moment) else moment.isoformat()
    return found


def in_zone(moments: pd.Series[Any], zone: ZoneInfo) -> list[str]:
    """To the second, with the offset of the zone at that time; empty where there is none."""
    local = moments.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    offsets = (local - _utc(moments).astype("datetime64[s]")).astype(np.int64)
    present = ~np.isnat(local)
    words = {offset: _offset(int(offset)) for offset in np.unique(offsets[present]).tolist()}
    pairs = zip(np.datetime_as_string(local).tolist(), offsets.tolist(), present.tolist(), strict=True)
    return [text + words[offset] if there else "" for text, offset, there in pairs]


def _utc(moments: pd.Series[Any]) -> Any:
    return moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()


def _offset(seconds: int) -> str:
    """`+01:00`, or with seconds where clocks once went by the sun."""
    at = datetime(2000, 1, 1, tzinfo=timezone(timedelta(seconds=seconds)))
    return at.isoformat().removeprefix(at.replace(tzinfo=None).isoformat())
