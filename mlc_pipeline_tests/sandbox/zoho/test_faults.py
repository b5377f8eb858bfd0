"""Faults of the sandbox over real HTTP: what the client sees, and what the books hold afterwards."""

from __future__ import annotations

import time

import httpx
import pytest

from mlc_pipeline.sandbox.zoho import Fault, FaultKind
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho

CUT = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.mark.parametrize(("kind", "bills"), [
    (FaultKind.CUT_BEFORE_COMMIT, 0), (FaultKind.CUT_AFTER_COMMIT, 1),
])  # fmt: skip
def test_a_cut_connection_gives_no_answer(zoho: Zoho, kind: FaultKind, bills: int) -> None:
    zoho.books.faults.append(Fault(kind))
    with pytest.raises(CUT):
        zoho.post_bill()
    assert len(zoho.organization.bills) == bills
    logged = zoho.books.request_log[-1]
    assert (logged.method, logged.path, logged.status, logged.code) == ("POST", "/books/v3/bills", 0, None)
    assert zoho.post_bill("EXP-2").status_code == 201


def test_a_slow_commit_happens_after_the_client_has_gone(zoho: Zoho) -> None:
    zoho.books.faults.append(Fault(FaultKind.SLOW_COMMIT, delay=0.05))
    with pytest.raises(httpx.ReadTimeout):
        zoho.http.post(
            f"{zoho.url}/books/v3/bills",
            params={"organization_id": zoho.organization_id},
            json=zoho.bill(),
            headers={"Authorization": f"Zoho-oauthtoken {zoho.token}"},
            timeout=0.2,
        )
    assert not zoho.organization.bills
    deadline = time.monotonic() + 5
    while not zoho.organization.bills and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(zoho.organization.bills) == 1


@pytest.mark.parametrize(("kind", "status", "bills"), [
    (FaultKind.ERROR_BEFORE_COMMIT, 500, 0), (FaultKind.ERROR_AFTER_COMMIT, 500, 1),
    (FaultKind.BAD_GATEWAY_BEFORE_COMMIT, 502, 0), (FaultKind.BAD_GATEWAY_AFTER_COMMIT, 502, 1),
])  # fmt: skip
def test_a_server_error_comes_before_or_after_the_commit(
    zoho: Zoho, kind: FaultKind, status: int, bills: int
) -> None:
    zoho.books.faults.append(Fault(kind))
    answer = zoho.post_bill()
    assert (answer.status_code, len(zoho.organization.bills)) == (status, bills)
    assert answer.headers["content-type"].startswith("text/html" if status == 502 else "application/json")


def test_half_an_answer_cannot_be_read(zoho: Zoho) -> None:
    zoho.books.faults.append(Fault(FaultKind.TRUNCATED_JSON))
    answer = zoho.post_bill()
    assert answer.status_code == 201
    with pytest.raises(ValueError):
        answer.json()
    assert len(zoho.organization.bills) == 1


@pytest.mark.parametrize(("kind", "code"), [
    (FaultKind.TOO_MANY_PER_MINUTE, 44), (FaultKind.TOO_MANY_PER_DAY, 45),
    (FaultKind.TOO_MANY_AT_ONCE, 1070), (FaultKind.BLOCKED_FOR_AN_HOUR, 43),
])  # fmt: skip
def test_each_kind_of_429_can_be_ordered(zoho: Zoho, kind: FaultKind, code: int) -> None:
    zoho.books.faults.append(Fault(kind))
    answer = zoho.post_bill()
    assert (answer.status_code, answer.json()["code"]) == (429, code)
    assert answer.headers.get("retry-after") == ("3600" if code == 43 else None)
    assert not zoho.organization.bills


def test_revoked_access_tokens_need_a_new_login(zoho: Zoho) -> None:
    zoho.books.faults.append(Fault(FaultKind.ACCESS_REVOKED))
    assert zoho.post_bill().json()["code"] == 57
    zoho.log_in()
    assert zoho.post_bill().status_code == 201


def test_a_fault_waits_for_its_method_and_path_and_is_used_up(zoho: Zoho) -> None:
    zoho.books.faults.append(Fault(FaultKind.ERROR_BEFORE_COMMIT, "GET", r"/bills$", times=2))
    assert zoho.post_bill().status_code == 201
    assert zoho.call("GET", "/contacts").status_code == 200
    statuses = [zoho.call("GET", "/bills").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_the_request_log_tells_what_the_client_was_told(zoho: Zoho) -> None:
    zoho.post_bill()
    zoho.post_bill()
    logged = [(entry.method, entry.path, entry.status, entry.code) for entry in zoho.books.request_log]
    assert logged == [
        ("POST", "/oauth/v2/token", 200, None),
        ("POST", "/books/v3/bills", 201, 0),
        ("POST", "/books/v3/bills", 400, 13011),
    ]
