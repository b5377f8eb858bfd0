import json
import re
from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.expensify.conftest import Caller, export_job

EVERYTHING = {"startDate": "2026-01-01"}


def test_an_export_answers_the_bare_name_of_a_file_that_can_be_fetched(caller: Caller) -> None:
    answer = caller.export(
        {"reportIDList": "APPR1"}, outputSettings={"fileExtension": "json", "fileBasename": "x"}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain;charset=utf-8"
    assert re.fullmatch(r"x[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json", answer.text)
    assert caller.download(answer.text).content == b"[APPR1]"


def test_the_file_is_what_the_reports_were_at_the_time_of_the_export(caller: Caller) -> None:
    name = caller.export(EVERYTHING).text
    caller.account.reports.clear()
    assert "APPR1" in caller.download(name).text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"reportIDList": "APPR1, DONE1,NONE1"}, "APPR1 DONE1"),
        ({"startDate": "2026-03-11"}, "PAID1 DONE1"),
        ({"startDate": "2026-03-10", "endDate": "2026-03-11"}, "SENT1 APPR2 PAID1"),
        ({"startDate": "2026-01-01", "endDate": "2026-03-01"}, "OPEN1 APPR1"),
        ({"approvedAfter": "2026-03-11"}, "OPEN1 SENT1 APPR2 PAID1 DONE1"),
        ({"approvedAfter": "2026-03-10", "endDate": "2026-03-01"}, "OPEN1 APPR1"),
        ({"startDate": "2026-01-01", "policyIDList": "P2,P3"}, "DONE1"),
        ({"startDate": "2026-01-01", "reportState": "OPEN"}, "OPEN1 SENT1 APPR1 APPR2 PAID1 DONE1"),
    ],
)
def test_filters_take_the_reports_the_manual_says(caller: Caller, filters: dict[str, str], found: str) -> None:
    assert caller.exported(filters) == f"[{found.replace(' ', ',')}]"


def test_states_and_limit_stand_beside_the_filters(caller: Caller) -> None:
    assert caller.exported(EVERYTHING, reportState="APPROVED,REIMBURSED") == "[APPR1,APPR2,PAID1]"
    assert caller.exported(EVERYTHING, reportState="APPROVED,REIMBURSED", limit="2") == "[APPR1,APPR2]"


def test_dates_are_compared_in_the_zone_of_the_account(caller: Caller) -> None:
    caller.account.filter_time_zone = "America/New_York"
    assert "APPR1" not in caller.exported({"approvedAfter": "2026-03-10"})
    caller.account.filter_time_zone = "Asia/Tokyo"
    assert "SENT1" in caller.exported({"startDate": "2026-03-11"})


def test_a_label_marks_reports_when_the_job_succeeds_and_hides_them_afterwards(caller: Caller) -> None:
    mark = [{"actionName": "markAsExported", "label": "Zoho"}]
    caller.export({"reportIDList": "APPR1"}, onFinish=mark, test="true")
    assert caller.account.exported_labels == {}
    caller.export({"reportIDList": "APPR1"}, onFinish=mark)
    assert caller.account.exported_labels == {"APPR1": ["Zoho"]}
    assert "APPR1" not in caller.exported(EVERYTHING | {"markedAsExported": "Zoho"})
    assert "APPR1" in caller.exported(EVERYTHING | {"markedAsExported": "zoho"})


def test_the_word_test_may_be_ignored(caller: Caller) -> None:
    caller.account.test_spares_the_actions = False
    mark = [{"actionName": "markAsExported", "label": "Zoho"}]
    caller.export({"reportIDList": "APPR1"}, onFinish=mark, test="true")
    assert caller.account.exported_labels == {"APPR1": ["Zoho"]}


def test_a_failing_template_fails_the_job_and_marks_nothing(caller: Caller) -> None:
    mark = [{"actionName": "markAsExported", "label": "Zoho"}]
    answer = caller.export(EVERYTHING, template="<#list reports as r>\n${r.nothing}</#list>", onFinish=mark)
    assert answer.status_code == 200
    assert answer.json()["responseCode"] == 500
    assert "line 2, column 4" in answer.json()["responseMessage"]
    assert not caller.account.exported_labels
    assert not caller.account.files


@pytest.mark.parametrize(
    ("filters", "changes", "message"),
    [
        ({}, {}, "One of 'reportIDList', 'startDate' and 'approvedAfter' is required"),
        ({"reportState": "APPROVED"}, {}, "is required"),
        ({"startDate": "16-01-01"}, {}, "Malformed date '16-01-01'. Expected format is yyyy-MM-dd"),
        ({"startDate": "2026-02-30"}, {}, "Malformed date"),
        ({"approvedAfter": "2025-03-31"}, {}, "'endDate' is required"),
        ({"startDate": "2024-02-29", "endDate": "2025-03-01"}, {}, "cannot exceed one year"),
        ({"startDate": 20260101}, {}, "Argument 'startDate' is missing or malformed"),
        (EVERYTHING, {"limit": 5}, "Argument 'limit' is missing or malformed"),
        (EVERYTHING, {"reportState": "Approved"}, "Status 'Approved' is not supported"),
        (EVERYTHING, {"onReceive": {}}, "Argument 'onReceive' is missing or malformed"),
        (EVERYTHING, {"outputSettings": {"fileExtension": "doc"}}, "Argument 'fileExtension'"),
        (EVERYTHING, {"type": "files"}, "Argument 'type' is missing or malformed"),
    ],
)
def test_what_the_manual_forbids_is_refused_with_body_code_410(
    caller: Caller, filters: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    answer = caller.export(filters, **changes)
    assert answer.status_code == 200
    assert answer.json()["responseCode"] == 410
    assert message in answer.json()["responseMessage"]
    assert not caller.account.files


@pytest.mark.parametrize(
    "filters",
    [
        {"approvedAfter": "2025-04-01"},
        {"startDate": "2024-02-29", "endDate": "2025-02-28"},
        {"reportIDList": "APPR1"},
    ],
)
def test_a_range_of_exactly_one_year_and_a_list_of_ids_are_taken(caller: Caller, filters: dict[str, str]) -> None:
    assert caller.export(filters).text.endswith(".json")


def test_unknown_keys_are_ignored_as_the_real_server_does(caller: Caller) -> None:
    assert caller.export(EVERYTHING | {"markedAsExportd": "x"}, surprise=1).text.endswith(".json")


def test_the_template_must_be_a_form_field_of_its_own(caller: Caller) -> None:
    job = export_job(EVERYTHING)
    job["inputSettings"]["template"] = job["template"] = "[]"
    assert caller.send(job).json()["responseMessage"] == "No Template Submitted"


def test_a_file_that_is_not_there_is_not_found(caller: Caller) -> None:
    assert caller.download("export-none.json").json()["responseMessage"] == "File not found"
    name = caller.export(EVERYTHING).text
    job = {"type": "download", "fileName": name, "fileSystem": "reconciliation"}
    assert caller.send(job).json() == {"responseMessage": "File not found", "responseCode": 404}


def test_broken_surrogates_leave_the_server_as_java_writes_them(caller: Caller) -> None:
    name = caller.export({"reportIDList": "APPR1"}, template='${"a😀"?substring(0, 2)}').text
    assert caller.download(name).content == b"a?"


def test_the_jobs_received_are_kept_without_their_credentials(caller: Caller) -> None:
    caller.export(EVERYTHING)
    assert [job["type"] for job in caller.account.received] == ["file"]
    assert "secret" not in json.dumps(caller.account.received)
