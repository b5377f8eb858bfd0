"""A report whose own total is not the sum of its expenses: wherever it is told, both amounts are."""

from __future__ import annotations

import pandas as pd
import pytest

from mlc_pipeline import frames
from mlc_pipeline_tests.front_door import ACME, House, week

PERIOD = week(0)


@pytest.mark.parametrize(("cents_off", "apart"), [(1, "0.01 {} more"), (-250, "2.50 {} less")])
def test_the_document_the_preview_and_the_reconciliation_explain_how_far_they_are_apart(
    house: House, cents_off: int, apart: str
) -> None:
    report_id = next(
        one.report_id for one in house.company.expected.values() if one.period == PERIOD and one.posted_cents
    )
    (expected,) = house.keep_reports(lambda one: one.report_id == report_id)
    (report,) = house.sandbox.expensify_account.reports
    own_total = expected.reimbursable_cents + expected.company_paid_cents + cents_off
    report["total"] = own_total

    preview = house.mlc_here("preview", "--connection", ACME, "--period", PERIOD, "--json").json
    run = house.run(PERIOD)
    amounts = [f"{cents / 100:,.2f} {expected.currency}" for cents in (own_total - cents_off, own_total)]
    (shown,), (document,) = preview["documents"], run.documents
    for told in (shown, document):
        assert told["total_cents"] == expected.reimbursable_cents
        assert "Its expenses sum to {}, its own total is {}.".format(*amounts) in told["reason"]

    kept = pd.read_parquet(house.home / "assets" / ACME / "reconciliation" / f"{PERIOD}.parquet")
    (row,) = frames.records(kept)
    assert row["expensify_cents"] == own_total
    assert row["in_review_cents"] == own_total - expected.company_paid_cents
    assert f"Expensify's own total is {apart.format(expected.currency)} than the sum" in row["remark"]
    assert run.reconciliation.balanced
    assert run.reconciliation.in_review_total_cents == {expected.currency: row["in_review_cents"]}
