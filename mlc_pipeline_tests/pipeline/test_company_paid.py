"""What the company's cards paid: told as not yet posted, or posted as journals where the cards have accounts."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from mlc_pipeline import frames
from mlc_pipeline_tests.front_door import ACME, House, week

PERIOD = week(1)
WITH_JOURNALS = {"company_paid": "journal", "company_card_accounts": {"default": "2110"}}


def test_a_report_of_company_paid_expenses_alone_is_nothing_to_post_and_is_told_as_not_yet_posted(
    house: House,
) -> None:
    (paid,) = house.keep_reports(lambda one: one.scenario == "company paid only")
    run = house.run(PERIOD)
    (document,) = run.documents
    assert (document["state"], document["kind"], document["zoho_id"]) == ("nothing_to_post", None, None)
    assert "that the company paid are not posted yet" in (document["reason"] or "")
    assert run.exit_code == 0
    assert house.writes() == []
    assert run.reconciliation.balanced
    assert run.reconciliation.expensify_total_cents == {paid.currency: paid.company_paid_cents}
    assert run.reconciliation.not_yet_posted_total_cents == {paid.currency: paid.company_paid_cents}
    kept = pd.read_parquet(house.home / "assets" / ACME / "reconciliation" / f"{PERIOD}.parquet")
    (row,) = frames.records(kept)
    assert (row["expensify_cents"], row["not_yet_posted_cents"]) == (paid.company_paid_cents,) * 2
    assert (row["posted_cents"], row["in_review_cents"], row["difference_cents"]) == (0, 0, 0)
    assert "company-paid: not yet posted" in row["remark"]


def test_with_accounts_for_the_cards_each_company_paid_part_is_one_journal(house: House) -> None:
    expected = house.keep_reports(lambda one: one.period == PERIOD and one.company_paid_cents > 0)
    house.configure(posting=WITH_JOURNALS)
    run = house.run(PERIOD)
    card = next(
        account_id
        for account_id, account in house.organization.accounts.items()
        if account["account_code"] == "2110"
    )
    journals = {journal["reference_number"]: journal for journal in house.organization.journals.values()}
    assert len(expected) == len(house.organization.journals) == 2
    for one in expected:
        sums: Counter[str] = Counter()
        for line in journals[f"EXP-{one.report_id}"]["line_items"]:
            sums["card" if line["account_id"] == card else "expenses"] += (
                line["amount"] if line["debit_or_credit"] == "debit" else -line["amount"]
            )
        assert sums["expenses"] == -sums["card"]
        assert sums["expenses"] * 100 == one.company_paid_cents
    assert run.exit_code == 0
    assert run.reconciliation.balanced
    assert not any(run.reconciliation.not_yet_posted_total_cents.values())


def test_journals_are_posted_once_also_when_the_ledger_is_lost(house: House) -> None:
    house.configure(posting=WITH_JOURNALS)
    first = house.run(PERIOD)
    journals, writes = dict(house.organization.journals), house.writes()
    for _ in range(2):
        again = house.run(PERIOD)
        assert again.writes == 0
        assert again.reconciliation == first.reconciliation
        house.forget_the_ledger()
    assert house.writes() == writes
    assert house.organization.journals == journals


@pytest.mark.parametrize("posting", [{"company_paid": "skip"}, {**WITH_JOURNALS, "reimbursable": "skip"}])
def test_a_period_that_was_posted_stays_balanced_when_the_settings_change(
    house: House, posting: dict[str, object]
) -> None:
    house.configure(posting=WITH_JOURNALS)
    assert house.run(PERIOD).reconciliation.balanced
    house.configure(posting=posting)
    assert house.run(PERIOD).reconciliation.balanced
