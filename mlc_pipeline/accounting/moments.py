"""Moments: a column of instants as ISO 8601 text, in UTC and in the time zone of the connection, and as days."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from mlc_pipeline.accounting.columns import Flags, Integers

_EPOCH = date(1970, 1, 1).toordinal()


class Moments:
    """Instants, some of which may be missing; what they are in a time zone is worked out once."""

    def __init__(self, moments: pd.Series[Any]) -> None:
        self._moments = moments
        self._utc = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        self._local: dict[ZoneInfo, Any] = {}

    @property
    def missing(self) -> Flags:
        """Which of them are missing."""
        found: Flags = np.isnat(self._utc)
        return found

    def in_utc(self) -> list[str]:
        """As pandas writes each, with a fraction of a second where there is one; empty where there is none."""
        seconds = self._utc.astype("datetime64[s]")
        found: list[str] = np.char.add(np.datetime_as_string(seconds), "+00:00").tolist()
        for place in np.flatnonzero(seconds != self._utc):  # not a moment is unlike itself
            moment = self._moments.iloc[place]
            found[place] = "" if pd.isna(moment) else moment.isoformat()
        return found

    def in_zone(self, zone: ZoneInfo) -> list[str]:
        """To the second, with the offset of the zone at that time; empty where there is none."""
        local = self._in(zone)
        offsets = (local - self._utc.astype("datetime64[s]")).astype(np.int64)
        present = ~self.missing
        words = {offset: _offset(int(offset)) for offset in np.unique(offsets[present]).tolist()}
        pairs = zip(np.datetime_as_string(local).tolist(), offsets.tolist(), present.tolist(), strict=True)
        return [text + words[offset] if there else "" for text, offset, there in pairs]

    def days(self, zone: ZoneInfo) -> Integers:
        """The days in the zone as proleptic ordinals; that of a missing moment means nothing."""
        days: Integers = self._in(zone).astype("datetime64[D]").astype(np.int64)
        return days + _EPOCH

    def _in(self, zone: ZoneInfo) -> Any:
        if zone not in self._local:
            local = self._moments.dt.tz_convert(zone).dt.tz_localize(None)
            self._local[zone] = local.to_numpy().astype("datetime64[s]")
        return self._local[zone]


def _offset(seconds: int) -> str:
    """`+01:00`, or with seconds where clocks once went by the sun."""
    at = datetime(2000, 1, 1, tzinfo=timezone(timedelta(seconds=seconds)))
    return at.isoformat().removeprefix(at.replace(tzinfo=None).isoformat())
