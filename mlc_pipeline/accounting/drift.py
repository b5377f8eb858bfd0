"""Drift: what a period's mappings say differently than before of the same category, tag, tax, card or employee."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from mlc_pipeline.accounting.problems import Reason

_SAME = ["kind", "workspace", "level", "name", "code"]
_SAID = ["how", "target_id", "target_name", "reason_code", "reason"]
_INACTIVE = (Reason.INACTIVE_ACCOUNT, Reason.INACTIVE_TAG, Reason.INACTIVE_TAX, Reason.INACTIVE_VENDOR)


def drift(earlier: Iterable[tuple[str, pd.DataFrame]], now: pd.DataFrame) -> pd.DataFrame:
    """Rows that were resolved before, and now are not, or to another record of Zoho Books.

    `earlier` are the earlier periods and their frames of `category_mappings`, the newest first; each row of `now`
    is compared with the newest answer that there was to it, however long ago. No more frames are asked for than
    that takes. The result has the columns that name a row, `since`, the period of that answer, and `before` and
    `now` as texts. A vendor that was still to be created then is no answer: it got its id since.
    """
    left, found = _plain(now), []
    for period, frame in earlier:
        both = _answered(frame).merge(left, on=_SAME, suffixes=("_before", "_now")).assign(since=period)
        found.append(both)
        left = left.merge(both[_SAME], on=_SAME, how="left", indicator=True)
        left = left[left["_merge"] == "left_only"].drop(columns="_merge")
        if left.empty:
            break
    if not found:
        return pd.DataFrame(columns=[*_SAME, "since", "before", "now"])
    both = pd.concat(found, ignore_index=True)
    differs = (both["reason_code_now"] != "") | (both["target_id_before"] != both["target_id_now"])
    drifted = both[differs]
    return drifted[[*_SAME, "since"]].assign(before=_told(drifted, "before"), now=_told(drifted, "now"))


def inactive(mappings: pd.DataFrame) -> pd.DataFrame:
    """The rows of `category_mappings` that have no answer because their target is inactive in Zoho Books."""
    return mappings[mappings["reason_code"].isin(_INACTIVE).fillna(value=False)]


def _answered(mappings: pd.DataFrame) -> pd.DataFrame:
    rows = _plain(mappings)
    return rows[(rows["reason_code"] == "") & (rows["how"] != "to_create")]


def _plain(mappings: pd.DataFrame) -> pd.DataFrame:
    # Partitions of earlier versions lack some columns.
    columns = mappings.reindex(columns=[*_SAME, *_SAID]).astype("object").fillna("")
    return columns.drop_duplicates(_SAME)


def _told(rows: pd.DataFrame, when: str) -> list[str]:
    names, ids, reasons = (rows[f"{column}_{when}"] for column in ("target_name", "target_id", "reason"))
    return [
        reason or (f"{name} ({target})" if target else name or "nothing is sent")
        for name, target, reason in zip(names, ids, reasons, strict=True)
    ]
