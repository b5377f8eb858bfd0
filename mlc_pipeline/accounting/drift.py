"""Drift: what the mappings of two periods say differently of the same category, tag, tax, card or employee."""

from __future__ import annotations

import pandas as pd

from mlc_pipeline.accounting.problems import Reason

_SAME = ["kind", "workspace", "level", "name", "code"]
_SAID = ["how", "target_id", "target_name", "reason_code", "reason"]


def drift(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Rows that were resolved before, and now are not, or to another record of Zoho Books.

    Both are frames of `category_mappings`. The answer has the columns that name a row, and `before` and `now` as
    texts. A vendor that was still to be created then is none: it got its id since.
    """
    both = _plain(before).merge(_plain(now), on=_SAME, suffixes=("_before", "_now"))
    resolved = (both["reason_code_before"] == "") & (both["how_before"] != "to_create")
    differs = (both["reason_code_now"] != "") | (both["target_id_before"] != both["target_id_now"])
    drifted = both[resolved & differs]
    return drifted[_SAME].assign(before=_told(drifted, "before"), now=_told(drifted, "now"))


def inactive(mappings: pd.DataFrame) -> pd.DataFrame:
    """The rows of `category_mappings` that have no answer because their target is inactive in Zoho Books."""
    by_code = mappings["reason_code"].isin([Reason.INACTIVE_ACCOUNT, Reason.INACTIVE_TAG])
    # Vendors, taxes and reporting tags are filed under other reasons; their sentence says it.
    said = mappings["reason"].fillna("").str.contains(r"\bis inactive (?:or a draft )?in Zoho Books", regex=True)
    return mappings[by_code.fillna(value=False) | said]


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
