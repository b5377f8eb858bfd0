"""`mlc preview`: what a period would post, said before it is posted, and nothing is written anywhere."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from mlc_pipeline_tests.front_door import ACME, House, Said, week
from mlc_pipeline_tests.posting.room import PersonInZoho

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
    posted = _posted_and_amended(house)
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


def test_a_change_that_the_run_keeps_back_is_previewed_so_until_nothing_is_in_its_way(house: House) -> None:
    posted = _posted_and_amended(house)
    person = PersonInZoho(house.organization)
    bill = deepcopy(person.bill(posted["number"]))
    house.configure(posting={"on_amendment": "update"})
    assert _told(house, posted)["action"] == "change"
    person.pays(posted["number"])
    house.run(PERIOD)
    told = _told(house, posted)
    assert (told["action"], told["reason_code"]) == ("review", "foreign_document")
    assert "it is paid" in told["reason"]
    assert told["ways_out"]
    person.restores(bill)
    told = _told(house, posted)
    assert told["action"] == "change"
    assert "tries again" in told["reason"]
    assert "it is paid" in told["reason"]
    house.run(PERIOD)
    assert _told(house, posted)["action"] == "skip"


@pytest.mark.parametrize("on_amendment", ["update", "reverse_and_repost"])
def test_a_bill_of_a_locked_day_cannot_be_changed_and_both_say_what_helps(house: House, on_amendment: str) -> None:
    posted = _posted_and_amended(house)
    house.organization.locks.append({"modules": ["purchase"], "transaction_lock_date": "2030-01-01"})
    house.configure(posting={"on_amendment": on_amendment, "on_locked_period": "next_open_date"})
    told = _told(house, posted)
    run = house.run(PERIOD)
    (waiting,) = (one for one in run.documents if one["reason_code"] == "locked_period")
    assert (told["action"], told["reason_code"]) == ("review", "locked_period")
    for reason in (told["reason"], waiting["reason"], _told(house, posted)["reason"]):
        assert "Unlock the period in Zoho Books and run again, or correct it there by hand" in reason
        assert "set posting.on_locked_period" not in reason
    house.organization.locks.clear()
    assert _told(house, posted)["action"] == "change"


def test_what_zoho_refused_before_is_told_with_what_is_sent_again(house: House) -> None:
    house.sandbox.zoho_books.settings = replace(house.sandbox.zoho_books.settings, lock_includes_its_date=True)
    first = next(one for one in previewed(house, "--json").json["documents"] if one["action"] == "create")
    assert first["reason"] is None
    house.organization.locks.append({"modules": ["bills"], "transaction_lock_date": first["document"]["date"]})
    house.run(PERIOD)
    told = _told(house, first)
    assert told["action"] == "create"
    assert "an earlier run, and the next one tries again: Zoho Books says:" in told["reason"]
    assert told["reason"] in " ".join(previewed(house).out.split())


def test_an_employee_whose_address_no_vendor_can_have_waits_before_anything_is_sent(house: House) -> None:
    one, *_ = house.keep_reports(lambda one: one.period == PERIOD and not one.review)
    (report,) = (it for it in house.sandbox.expensify_account.reports if it["reportID"] == one.report_id)
    report |= {"accountEmail": f"{'y' * 90}@example.com", "submitter": {"fullName": "Yan New"}}
    told = _told(house, {"report_id": one.report_id})
    assert (told["action"], told["reason_code"]) == ("review", "vendor_missing")
    assert "has 102 characters, and Zoho Books takes up to 100" in told["reason"]


def _posted_and_amended(house: House) -> dict[str, Any]:
    """A bill that was posted, and whose report has become more since."""
    posted = next(one for one in house.run(PERIOD).documents if one["state"] == "posted")
    report = next(one for one in house.sandbox.expensify_account.reports if one["reportID"] == posted["report_id"])
    expense = next(one for one in report["transactionList"] if one["reimbursable"])
    for name in ("convertedAmount", "modifiedAmount", "amount"):
        if expense.get(name):
            expense[name] = int(expense[name]) + 500
    report["total"] += 500
    return posted


def _told(house: House, document: dict[str, Any]) -> dict[str, Any]:
    """What the preview says of the report of a document."""
    entries = previewed(house, "--json").json["documents"]
    told: dict[str, Any] = next(one for one in entries if one["report_id"] == document["report_id"])
    return told
