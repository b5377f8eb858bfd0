"""What the employee and the company paid of each report of a period, and which of it is to be posted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from mlc_pipeline.accounting.documents import PARTS, Part
from mlc_pipeline.config import Connection
from mlc_pipeline.frames import records
from mlc_pipeline.steps.category_mappings import card_accounts


def wanted_parts(connection: Connection) -> Collection[Part]:
    """The parts that are posted, as mlc.yaml has it."""
    posting = connection.posting
    posts_cards = posting.company_paid == "bill" or bool(card_accounts(connection))
    wanted: list[Part] = ["reimbursable"] if posting.reimbursable != "skip" else []
    return [*wanted, "company_paid"] if posts_cards else wanted


def approved_parts(expenses: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """For each report its currency, its own total, and the sum of each part."""
    heads = expenses.drop_duplicates("report_id").set_index("report_id")[["currency", "report_total_cents"]]
    by_employee = expenses["reimbursable"].fillna(value=True)
    cents = expenses["effective_cents"].fillna(0)
    for part, is_in in zip(PARTS, (by_employee, ~by_employee), strict=True):
        heads[part] = cents.where(is_in, 0).groupby(expenses["report_id"]).sum()
    return dict(zip(map(str, heads.index), records(heads), strict=True))
