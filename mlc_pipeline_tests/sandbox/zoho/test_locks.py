"""Transaction locks: how they are read, and that nothing moves in a locked period."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import add_lock
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal

LOCKED = (400, "Transactions dated on or before 2026-02-28 are locked.")


def test_without_a_lock_it_reads_as_disabled(zoho: Zoho) -> None:
    for path in ("/transactionlock", "/accountingperiods/transactionlock"):
        lock = zoho.call("GET", path).json()["transaction_lock"]
        assert lock == {"transaction_lock_status": "disabled"}
    assert zoho.call("GET", "/transactionlocks").json()["transaction_locks"] == []


def test_locks_are_read_with_their_date_scope_and_reason(zoho: Zoho) -> None:
    add_lock(zoho.books, zoho.organization, "2025-12-31", reason="Year-end closing")
    lock = add_lock(zoho.books, zoho.organization, "2026-01-31", "accountant")
    latest = zoho.call("GET", "/transactionlock").json()["transaction_lock"]
    assert (latest["transaction_lock_status"], latest["transaction_lock_date"]) == ("enabled", "2026-01-31")
    assert (latest["lock_scope"], latest["lock_scope_formatted"]) == (3, "Accountant")
    asked = {"transaction_lock_id": lock["transaction_lock_id"], "accounting_period_id": "5"}
    period = zoho.call("GET", "/accountingperiods/transactionlock", **asked).json()["transaction_lock"]
    assert (period["accounting_period_id"], period["transaction_lock_date"]) == ("5", "2026-01-31")
    rows = zoho.call("GET", "/transactionlocks").json()["transaction_locks"]
    assert [(row["lock_scope"], row["reason"]) for row in rows] == [(0, "Year-end closing"), (3, "")]
    rows = zoho.call("GET", "/transactionlocks", lock_scope=3).json()["transaction_locks"]
    assert [row["transaction_lock_date"] for row in rows] == ["2026-01-31"]


def test_nothing_is_added_changed_or_removed_in_a_locked_period(zoho: Zoho, card: dict[str, Any]) -> None:
    bill = zoho.post_bill().json()["bill"]["bill_id"]
    journal = zoho.call("POST", "/journals", json=zoho.journal(card)).json()["journal"]["journal_id"]
    created = zoho.call("POST", "/vendorcredits", json=zoho.credit()).json()
    credit = created["vendor_credit"]["vendor_credit_id"]
    add_lock(zoho.books, zoho.organization, "2026-02-28")
    unsent = {name: value for name, value in zoho.journal(card).items() if name != "status"}
    for method, path, body in (
        ("POST", "/bills", zoho.bill("EXP-2")),
        ("PUT", f"/bills/{bill}", zoho.bill(date="2026-03-02")),
        ("POST", f"/bills/{bill}/status/void", None),
        ("DELETE", f"/bills/{bill}", None),
        ("POST", "/journals", zoho.journal(card)),
        ("PUT", f"/journals/{journal}", unsent | {"journal_date": "2026-03-02"}),
        ("DELETE", f"/journals/{journal}", None),
        ("POST", "/vendorcredits", zoho.credit("EXP-8")),
        ("PUT", f"/vendorcredits/{credit}", zoho.credit(date="2026-03-02")),
        ("POST", f"/vendorcredits/{credit}/status/void", None),
        ("DELETE", f"/vendorcredits/{credit}", None),
    ):
        assert refusal(zoho.call(method, path, json=body)) == LOCKED, (method, path)
    reversing = {"reversal_date": "2026-02-01", "is_reversal_scheduled": "false"}
    assert refusal(zoho.call("POST", f"/journals/{journal}/reverse", **reversing)) == LOCKED
    assert zoho.post_bill("EXP-3", date="2026-03-01").status_code == 201


def test_a_bill_cannot_be_moved_into_a_locked_period(zoho: Zoho) -> None:
    bill = zoho.post_bill(date="2026-03-01").json()["bill"]["bill_id"]
    add_lock(zoho.books, zoho.organization, "2026-02-28")
    assert refusal(zoho.call("PUT", f"/bills/{bill}", json=zoho.bill())) == LOCKED


@pytest.mark.parametrize(("module", "bills", "journals"), [
    ("purchase", 400, 201), ("bills", 400, 201), ("accountant", 201, 400), ("sales", 201, 201),
])  # fmt: skip
def test_a_lock_covers_its_module_only(
    zoho: Zoho, card: dict[str, Any], module: str, bills: int, journals: int
) -> None:
    add_lock(zoho.books, zoho.organization, "2026-02-28", module)
    assert zoho.post_bill().status_code == bills
    assert zoho.call("POST", "/journals", json=zoho.journal(card)).status_code == journals


def test_a_disabled_lock_locks_nothing(zoho: Zoho) -> None:
    add_lock(zoho.books, zoho.organization, "2026-02-28")["transaction_lock_status"] = "disabled"
    assert zoho.post_bill().status_code == 201
