import json
from typing import Any

import httpx
import pytest

from mlc_pipeline.sandbox.expensify import ENDPOINT, ExpensifyAccount, RequestLimit
from mlc_pipeline_tests.sandbox.expensify.conftest import CREDENTIALS, Caller

EVERYTHING = {"startDate": "2026-01-01"}
GET = {"type": "get", "credentials": CREDENTIALS, "inputSettings": {"type": "policyList"}}


def code(answer: httpx.Response) -> int:
    assert answer.status_code == 200
    found: int = answer.json()["responseCode"]
    return found


@pytest.mark.parametrize(
    "credentials", [None, {}, CREDENTIALS | {"partnerUserSecret": "wrong"}, {"partnerUserID": "aa_example"}]
)
def test_wrong_credentials_are_body_code_401_on_http_200(caller: Caller, credentials: Any) -> None:
    answer = caller.http.post(
        ENDPOINT, data={"requestJobDescription": json.dumps(GET | {"credentials": credentials})}
    )
    assert code(answer) == 401


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"template": "x"}},
        {"data": {"requestJobDescription": "{'type': 'get'}"}},
        {"data": {"requestJobDescription": "[1]"}},
        {"json": {"requestJobDescription": GET}},
        {"content": "requestJobDescription", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"params": {"requestJobDescription": json.dumps(GET)}},
    ],
)
def test_what_is_no_form_with_a_json_job_is_refused(caller: Caller, sent: dict[str, Any]) -> None:
    assert code(caller.http.post(ENDPOINT, **sent)) == 410
    assert not caller.account.received


def test_only_the_documented_address_and_verb_are_served(caller: Caller) -> None:
    assert caller.http.get(ENDPOINT).status_code == 405
    assert caller.http.post("/").status_code == 404


def test_the_sixth_request_within_ten_seconds_is_refused(caller: Caller) -> None:
    now = [0.0]
    caller.account.limit = RequestLimit(now=lambda: now[0])
    for _ in range(5):
        assert code(caller.send(GET)) == 200
    refused = caller.send(GET)
    assert code(refused) == 429
    assert "rate-limited" in refused.json()["responseMessage"]
    now[0] = 10.0
    assert code(caller.send(GET)) == 200


def test_the_twenty_first_request_within_a_minute_is_refused(caller: Caller) -> None:
    now = [0.0]
    caller.account.limit = RequestLimit(now=lambda: now[0], time_scale=0.1)
    for _ in range(4):
        for _ in range(5):
            assert code(caller.send(GET)) == 200
        now[0] += 1.0
    assert code(caller.send(GET)) == 429
    now[0] = 6.0
    assert code(caller.send(GET)) == 200


def test_ordered_faults_happen_once_each_to_the_job_they_fit(caller: Caller) -> None:
    caller.account.faults.add("download_empty")
    caller.account.faults.add("download_not_found")
    caller.account.faults.add("download_truncated")
    name = caller.export({"reportIDList": "APPR1"}).text
    assert caller.download(name).content == b""
    assert caller.download(name).json() == {"responseMessage": "File not found"}
    assert caller.download(name).content == b"[AP"
    assert caller.download(name).content == b"[APPR1]"


@pytest.mark.parametrize(
    ("fault", "status", "begins"),
    [("http_500", 500, "Internal"), ("http_502_html", 502, "<html>"), ("http_429", 429, "You have been")],
)
def test_faults_can_be_whole_http_answers(caller: Caller, fault: str, status: int, begins: str) -> None:
    caller.account.faults.add(fault, 2)
    for _ in range(2):
        answer = caller.send(GET)
        assert (answer.status_code, answer.text[: len(begins)]) == (status, begins)
    assert code(caller.send(GET)) == 200


def test_a_slow_answer_comes_late_and_right(caller: Caller) -> None:
    caller.account.faults.add("slow", seconds=0.3)
    answer = caller.send(GET)
    assert code(answer) == 200
    assert answer.elapsed.total_seconds() >= 0.3


def test_a_fault_can_wait_for_one_kind_of_job(caller: Caller) -> None:
    caller.account.faults.add("rate_limited", job="file")
    assert code(caller.send(GET)) == 200
    assert code(caller.export(EVERYTHING)) == 429


def test_an_unknown_fault_is_refused_at_once(caller: Caller) -> None:
    with pytest.raises(ValueError, match="no fault 'donwload_empty'; there are download_empty"):
        caller.account.faults.add("donwload_empty")


def test_the_state_survives_a_round_through_json(caller: Caller) -> None:
    caller.export(EVERYTHING, onFinish=[{"actionName": "markAsExported", "label": "Zoho"}])
    saved = caller.account.to_dict()
    assert ExpensifyAccount.from_dict(json.loads(json.dumps(saved))).to_dict() == saved
