"""Receipts on posted documents: each once, whatever happens on the way, and never at the cost of the posting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from mlc_pipeline.build import build_defs
from mlc_pipeline.commands.run import PeriodRun
from mlc_pipeline.posting.poster import Patience
from mlc_pipeline.resources import Database, PostingAccess
from mlc_pipeline.sandbox.zoho import Fault, FaultKind
from mlc_pipeline_tests.front_door import ACME, House

LARGEST = 5 * 1024 * 1024


@pytest.fixture
def house_with_receipts(house: House) -> House:
    """One employee's report, posted as a bill, that has a receipt for each expense; nothing was run yet."""
    house.configure(posting={"attach_receipts": True})
    wanted = max(
        (one for one in house.company.expected.values() if _is_posted_as_a_bill(one)),
        key=lambda one: len(_report(house, one.report_id)["transactionList"]),
    )
    house.keep_reports(lambda one: one.report_id == wanted.report_id)
    give_receipts(house)
    return house


def _is_posted_as_a_bill(one: Any) -> bool:
    return bool(one.period and one.review is None and one.posted_cents and not one.company_paid_cents)


def _report(house: House, report_id: str) -> dict[str, Any]:
    return next(one for one in house.company.reports if one["reportID"] == report_id)


def expenses(house: House) -> list[dict[str, Any]]:
    """The expenses that Expensify has now."""
    return [one for report in house.sandbox.expensify_account.reports for one in report["transactionList"]]


def give_receipts(house: House, extension: str = "png", size: int = 1000) -> None:
    """A receipt of this kind and size to every expense."""
    for expense in expenses(house):
        give_receipt(house, expense, extension, size)


def give_receipt(house: House, expense: dict[str, Any], extension: str = "png", size: int = 1000) -> None:
    name = f"w_{expense['transactionID']}.{extension}"
    expense["receiptObject"] = {"url": f"/receipts/{name}", "transactionID": expense["transactionID"]}
    house.sandbox.expensify_account.receipts[name] = size


def run(house: House) -> PeriodRun:
    """The period of the one report."""
    return house.run(_period(house))


def _period(house: House) -> str:
    report_id = house.sandbox.expensify_account.reports[0]["reportID"]
    period = house.company.expected[report_id].period
    assert period
    return period


def attached(house: House) -> list[str]:
    """The names of the files on the one bill."""
    (bill,) = house.organization.bills.values()
    return [one["file_name"] for one in bill["documents"]]


def expected_names(house: House, some: Iterable[dict[str, Any]], extension: str = "png") -> Counter[str]:
    (bill,) = house.organization.bills.values()
    return Counter(f"{bill['bill_number']}-{one['transactionID']}.{extension}" for one in some)


def rows(house: House) -> list[dict[str, Any]]:
    """What the asset tells; it must not fail."""
    result = materialise(house)
    assert result.success
    frame = result.asset_value(["acme", "receipts"])
    told: list[dict[str, Any]] = frame.astype("object").to_dict("records")
    return told


def materialise(house: House, patience: Patience | None = None) -> Any:
    """The asset alone; by default the time of grace is over at once."""
    posting = PostingAccess(Database(house.settings), patience or Patience(grace_seconds=0))
    return house.materialise(_period(house), "receipts", resources={"posting": posting})


def uploads(house: House) -> list[str]:
    return [one.path for one in house.writes() if one.path.endswith("/attachment")]


def test_every_receipt_is_attached_once_and_a_replay_sends_nothing(house_with_receipts: House) -> None:
    house = house_with_receipts
    first = run(house)
    assert first.exit_code == 0, first.failure
    assert Counter(attached(house)) == expected_names(house, expenses(house))
    (told,) = first.afterwards
    assert (told.asset, told.failure) == ("receipts", None)
    assert told.states == f"{len(expenses(house))} attached"
    before = len(house.sandbox.zoho_books.request_log)
    assert run(house).exit_code == 0
    assert Counter(attached(house)) == expected_names(house, expenses(house))
    later = house.sandbox.zoho_books.request_log[before:]
    assert not any("attachment" in one.path for one in later)


def test_a_new_document_costs_one_request_a_receipt(house_with_receipts: House) -> None:
    house = house_with_receipts
    run(house)
    (bill_id,) = house.organization.bills
    reads = [
        one.path
        for one in house.sandbox.zoho_books.request_log
        if one.method == "GET" and one.path.endswith(f"/bills/{bill_id}")
    ]
    assert reads == []
    assert len(uploads(house)) == len(expenses(house))


def test_without_the_key_there_is_no_such_asset(house: House) -> None:
    house.configure()
    assert "afterwards" in house.run(house.periods[0]).to_json()
    assert house.run(house.periods[0]).afterwards == ()


def test_a_lost_ledger_finds_the_files_that_are_there(house_with_receipts: House) -> None:
    house = house_with_receipts
    run(house)
    names = Counter(attached(house))
    house.forget_the_ledger()
    assert run(house).exit_code == 0
    assert Counter(attached(house)) == names
    assert {one["state"] for one in rows(house)} == {"attached"}


@pytest.mark.parametrize("kind", ["heic", "too large"])
def test_what_zoho_books_does_not_take_is_skipped_with_the_reason(house_with_receipts: House, kind: str) -> None:
    house = house_with_receipts
    odd, *others = expenses(house)
    extension, size = ("heic", 1000) if kind == "heic" else ("pdf", LARGEST + 1)
    give_receipt(house, odd, extension, size)
    outcome = run(house)
    assert outcome.exit_code == 0
    assert outcome.afterwards[0].failure is None
    assert Counter(attached(house)) == expected_names(house, others)
    told = {one["transaction_id"]: one for one in rows(house)}
    assert told[odd["transactionID"]]["state"] == "skipped"
    assert ("HEIC" if kind == "heic" else "larger than 5 MiB") in told[odd["transactionID"]]["reason"]


@pytest.mark.parametrize("links", ["login_page", "unauthorized", "forbidden"])
def test_where_links_want_a_login_the_reports_pdf_is_attached_once(house_with_receipts: House, links: Any) -> None:
    house = house_with_receipts
    house.sandbox.expensify_account.receipt_links = links
    assert run(house).exit_code == 0
    (bill,) = house.organization.bills.values()
    assert attached(house) == [f"{bill['bill_number']}-report.pdf"]
    assert {one["state"] for one in rows(house)} == {"attached"}
    assert {one["file_name"] for one in rows(house)} == {f"{bill['bill_number']}-report.pdf"}
    assert len(uploads(house)) == 1


def test_a_report_whose_pdf_is_too_large_is_told(house_with_receipts: House) -> None:
    house = house_with_receipts
    house.sandbox.expensify_account.receipt_links = "forbidden"
    house.sandbox.expensify_account.report_pdf_size = LARGEST + 1
    assert run(house).exit_code == 0
    assert attached(house) == []
    assert all(one["state"] == "skipped" and "larger than 5 MiB" in one["reason"] for one in rows(house))
    jobs = [one for one in house.sandbox.expensify_account.received if one["type"] == "file"]
    asked = [one["outputSettings"].get("includeFullPageReceiptsPdf") for one in jobs]
    assert asked.count(True) == 1  # then once without, and never again


def test_a_paid_bill_takes_none_and_is_told(house_with_receipts: House) -> None:
    house = house_with_receipts
    house.configure(posting={"attach_receipts": False})
    run(house)
    (bill,) = house.organization.bills.values()
    bill["status"] = "paid"
    house.configure(posting={"attach_receipts": True})
    assert all(one["state"] == "skipped" and "paid" in one["reason"] for one in rows(house))
    assert uploads(house) == []


def test_the_asset_can_be_asked_for_later(house_with_receipts: House) -> None:
    house = house_with_receipts
    house.configure(posting={"attach_receipts": False})
    run(house)
    assert attached(house) == []
    house.configure(posting={"attach_receipts": True})
    assert {one["state"] for one in rows(house)} == {"attached"}
    assert Counter(attached(house)) == expected_names(house, expenses(house))


def test_the_files_of_two_reports_go_side_by_side(house: House) -> None:
    house.configure(posting={"attach_receipts": False})
    give_receipts(house)
    period = house.periods[0]
    house.run(period)
    house.configure(posting={"attach_receipts": True})
    (usage,) = house.sandbox.zoho_books.usage.values()
    usage.most_in_process = 0
    house.sandbox.zoho_books.limits.latency = 0.2
    assert house.materialise(period, "receipts").success
    assert usage.most_in_process == len(house.organization.bills) == 2
    names = [one["file_name"] for bill in house.organization.bills.values() for one in bill["documents"]]
    assert len(names) == len(set(names)) > 0


def test_a_limit_leaves_the_posting_and_its_exit_code_and_is_named(house_with_receipts: House) -> None:
    house = house_with_receipts
    house.sandbox.zoho_books.faults.append(Fault(FaultKind.TOO_MANY_PER_DAY, path="/attachment$"))
    said = house.mlc_here("run", "--connection", ACME, "--period", _period(house), "--json")
    assert said.exit_code == 0
    assert said.json["failure"] is None
    assert said.json["reconciliation"]["balanced"]
    assert [one["state"] for one in said.json["documents"]] == ["posted"]
    (told,) = said.json["afterwards"]
    assert (told["asset"], told["states"]) == ("receipts", f"{len(expenses(house))} failed")
    assert "Run again in" in told["failure"]
    assert "Materialize the asset receipts" in told["failure"]


def test_the_configuration_draws_the_assets_into_the_graph(house: House) -> None:
    house.configure(posting={"attach_receipts": True}, expensify={"mark_exported": "Zoho Books"})
    defs = build_defs(settings=house.settings)
    upstream = {
        spec.key.path[-1]: {dep.asset_key.path[-1] for dep in spec.deps} for spec in defs.resolve_all_asset_specs()
    }
    assert upstream["receipts"] == {"expensify_reports", "zoho_bills", "reconciliation"}
    assert upstream["export_marks"] == {"zoho_bills", "reconciliation"}
    checks = {key.name for check in defs.asset_checks or () for key in check.check_keys}
    assert "every_receipt_is_attached" in checks
