"""`mlc preview`: what a period would post, said before it is posted, and nothing is written anywhere."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mlc_pipeline_tests.front_door import ACME, House, Said, week

PERIOD = week(0)


def previewed(house: House, *more: str) -> Said:
    said = house.mlc_here("preview", "--connection", ACME, "--period", PERIOD, *more)
    assert said.exit_code == 0, said.err
    return said


def actions(said: Said) -> dict[str, str]:
    return {one["report_id"]: one["action"] for one in said.json["documents"]}


def everything(house: House) -> list[Any]:
    """All that a preview could change: both systems, our own database, the stored frames, Dagster's home."""
    books, account = house.sandbox.zoho_books, house.sandbox.expensify_account
    files = sorted(path.relative_to(house.home).as_posix() for path in house.home.rglob("*") if path.is_file())
    return [
        deepcopy(books.to_dict()["organizations"]),
        deepcopy(account.exported_labels),
        deepcopy(account.reports),
        house.database_dump(without=["vault_secrets", "rate_budgets"]),
        [name for name in files if not name.endswith(("-wal", "-shm"))],
    ]


def test_before_the_run_it_says_what_would_be_created_and_what_would_wait(house: House) -> None:
    expected = {
        report_id: "review" if one.review else "create" if one.posted_cents else "skip"
        for report_id, one in house.company.expected.items()
        if one.period == PERIOD
    }
    assert {"create", "review"} <= set(expected.values())
    assert actions(previewed(house, "--json")) == expected


def test_what_it_says_is_what_the_run_posts(house: House) -> None:
    shown = [one for one in previewed(house, "--json").json["documents"] if one["action"] == "create"]
    house.run(PERIOD)
    bills = {bill["bill_number"]: bill for bill in house.organization.bills.values()}
    assert {one["number"] for one in shown} == set(bills)
    for one in shown:
        bill, document = bills[one["number"]], one["document"]
        assert (one["currency"], one["total_cents"]) == (bill["currency_code"], bill["total"] * 100)
        assert (document["date"], document["notes"]) == (bill["date"], bill["notes"])
        assert document["vendor"] == bill["vendor_name"]
        assert [(line["account_id"], line["amount_cents"]) for line in document["lines"]] == [
            (line["account_id"], line["item_total"] * 100) for line in bill["line_items"]
        ]


def test_after_the_run_the_posted_ones_are_skipped_and_the_waiting_ones_still_wait(house: House) -> None:
    before = actions(previewed(house, "--json"))
    run = house.run(PERIOD)
    after = previewed(house, "--json")
    assert actions(after) == {
        report_id: "review" if action == "review" else "skip" for report_id, action in before.items()
    }
    reasons = {one["report_id"]: one["reason"] for one in after.json["documents"]}
    for one in run.documents:
        if one["state"] == "posted":
            assert one["number"] in reasons[one["report_id"]]


def test_a_bill_that_zoho_has_already_is_skipped_and_named(house: House) -> None:
    house.run(PERIOD)
    house.forget_the_ledger()
    assert "create" not in actions(previewed(house, "--json")).values()


def test_it_writes_nothing_anywhere(house: House) -> None:
    before = everything(house)
    previewed(house)
    previewed(house, "--json")
    assert house.writes() == []
    assert {job["type"] for job in house.sandbox.expensify_account.received} <= {"get", "file", "download"}
    assert not any("onFinish" in job for job in house.sandbox.expensify_account.received)
    assert everything(house) == before


def test_it_writes_nothing_after_a_run_either(house: House) -> None:
    house.run(PERIOD)
    before, writes = everything(house), house.writes()
    previewed(house, "--json")
    assert house.writes() == writes
    assert everything(house) == before


def test_people_see_what_will_be_in_the_books(house: House) -> None:
    shown = previewed(house, "--json").json["documents"]
    said = previewed(house).out
    text = " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 100
    for one in shown:
        assert one["report_id"] in text
        assert all(problem["message"] in text for problem in one["problems"])
        if one["document"]:
            made = ", a vendor that will be created" if one["document"]["creates_vendor"] else ""
            assert f"to {one['document']['vendor']}{made}" in text
            assert one["document"]["date"] in text
            assert all(line["account_code"] in text for line in one["document"]["lines"])


@pytest.mark.parametrize(("on_amendment", "action"), [("review", "review"), ("update", "change")])
def test_a_report_that_was_changed_is_shown_line_by_line_against_what_was_posted(
    house: House, on_amendment: str, action: str
) -> None:
    run = house.run(PERIOD)
    posted = next(one for one in run.documents if one["state"] == "posted")
    report = next(one for one in house.sandbox.expensify_account.reports if one["reportID"] == posted["report_id"])
    expense = next(one for one in report["transactionList"] if one["reimbursable"])
    for name in ("convertedAmount", "modifiedAmount", "amount"):
        if expense.get(name):
            expense[name] = int(expense[name]) + 500
    report["total"] += 500
    house.configure(posting={"on_amendment": on_amendment})
    (changed,) = (
        one for one in previewed(house, "--json").json["documents"] if one["report_id"] == posted["report_id"]
    )
    assert (changed["action"], len(changed["changes"])) == (action, 1)
    (line,) = changed["changes"]
    assert line["after_cents"] - line["before_cents"] == 500
    text = " ".join(previewed(house).out.split())
    assert f"before after {line['account_code']} {line['account']}" in text


def test_a_new_employee_with_two_currencies_gets_the_vendors_that_it_names(house: House) -> None:
    dollars, _ = house.keep_reports(lambda one: one.period == PERIOD and not one.review)
    for report in house.sandbox.expensify_account.reports:
        names = {"firstName": "Yan", "lastName": "New", "fullName": "Yan New"}
        report |= {"accountEmail": "yan@example.com", "submitter": names}
        if report["reportID"] == dollars.report_id:
            report["currency"] = "USD"
            for expense in report["transactionList"]:
                expense["currency"] = "USD"
    shown = previewed(house, "--json").json["documents"]
    house.run(PERIOD)
    posted = {bill["reference_number"]: bill["vendor_name"] for bill in house.organization.bills.values()}
    assert posted == {one["report_id"]: one["document"]["vendor"] for one in shown}
    assert sorted(posted.values()) == ["Yan New", "Yan New (USD)"]
