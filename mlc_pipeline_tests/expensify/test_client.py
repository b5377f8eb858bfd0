"""The wire: what Expensify is sent, and what the client makes of every answer it may give."""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from mlc_pipeline.expensify import (
    CredentialsRefused,
    ExpensifyClient,
    ExpensifyError,
    ExportIncomplete,
    InvalidRequest,
    Patience,
    ProblemCode,
    ReportExport,
    TemplateError,
    Unavailable,
    UnexpectedAnswer,
)
from mlc_pipeline.expensify.limits import expensify_transport
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.transport.retry import RetryPolicy, RetryTransport
from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline_tests.expensify.conftest import BERLIN, SECRET
from mlc_pipeline_tests.expensify.data_model import expense, report
from mlc_pipeline_tests.expensify.server import FILE_NAME, ExpensifyServer


@dataclass(frozen=True)
class Week:
    start: datetime = datetime(2026, 9, 21, tzinfo=BERLIN)
    end: datetime = datetime(2026, 9, 28, tzinfo=BERLIN)


def export(client: ExpensifyClient, *states: str, policy_ids: tuple[str, ...] = ()) -> ReportExport:
    return client.export_reports(Week(), states or ("APPROVED", "REIMBURSED"), policy_ids)


def ids(exported: ReportExport) -> list[str]:
    return [record.report_id for record in exported.reports]


def refused(code: int | None, message: str = "Nope & <no>", status: int = 200) -> Response:
    body: dict[str, Any] = {"responseMessage": message}
    return JSONResponse(body if code is None else body | {"responseCode": code}, status)


def test_an_export_is_the_job_and_the_template_in_two_form_fields_and_nothing_in_the_query(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    export(client, policy_ids=("0810E551A5F2A9C2",))
    request = server.received[0]
    assert request.query == ""
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "expect" not in request.headers
    assert request.form["template"] == export_template()
    assert not set(request.body) & set(' "{}<>\n'), "everything is percent-encoded"
    assert request.job == {
        "type": "file",
        "credentials": {"partnerUserID": "aa_ada_acme_example", "partnerUserSecret": SECRET},
        "onReceive": {"immediateResponse": ["returnRandomFileName"]},
        "inputSettings": {
            "type": "combinedReportData",
            "reportState": "APPROVED,REIMBURSED",
            "filters": {
                "approvedAfter": "2026-08-20",
                "endDate": "2026-09-28",
                "policyIDList": "0810E551A5F2A9C2",
            },
        },
        "outputSettings": {"fileExtension": "txt", "fileBasename": "mlc_export"},
    }


def test_a_download_names_the_file_at_the_top_level(client: ExpensifyClient, server: ExpensifyServer) -> None:
    export(client)
    request = server.received[1]
    assert set(request.form) == {"requestJobDescription"}
    credentials = {"partnerUserID": "aa_ada_acme_example", "partnerUserSecret": SECRET}
    assert request.job == {
        "type": "download",
        "credentials": credentials,
        "fileName": FILE_NAME,
        "fileSystem": "integrationServer",
    }


def test_reports_come_back_typed_with_every_script_and_quote(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    comment = 'Lunch "kick-off"\nмосква 日本 🧾 \\ </script>'
    server.reports = [[report("R1", expense(comment=comment))]]
    (record,) = export(client).reports
    assert record.expenses[0].comment == comment
    assert record.problems == ()


def test_a_week_without_reports_is_an_empty_export(client: ExpensifyClient) -> None:
    exported = export(client)
    assert (len(exported.reports), len(exported.windows)) == (0, 1)


def test_only_reports_approved_within_the_range_are_kept(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.reports = [
        [
            report("last-second", approved="2026-09-27 21:59:59"),
            report("first-instant", approved="2026-09-20 22:00:00"),
            report("too-early", approved="2026-09-20 21:59:59"),
            report("too-late", approved="2026-09-27 22:00:00"),
            report("first-day", approved="2026-09-21"),
            report("next-monday", approved="2026-09-28"),
        ]
    ]
    exported = export(client)
    assert ids(exported) == ["first-day", "first-instant", "last-second"]


def test_other_states_and_workspaces_are_left_out_and_the_unreadable_stay_in(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.reports = [
        [
            report("paid", status="Reimbursed"),
            report("reopened", status="Processing"),
            report("elsewhere", policyID="BA5EBA1187654321"),
            report("odd", status="Frozen", displayStatus="", policyID=""),
            report("dateless", approved="", submitted="", created=""),
        ]
    ]
    exported = export(client, "REIMBURSED", "APPROVED", policy_ids=("0810E551A5F2A9C2",))
    assert ids(exported) == ["dateless", "odd", "paid"]


def test_a_closed_report_is_found_by_its_submission(client: ExpensifyClient, server: ExpensifyServer) -> None:
    closed = report("closed", status="Closed", approved="", submitted="2026-09-27 21:59:58")
    server.reports = [[], [closed]]
    assert ids(export(client, "APPROVED", "ARCHIVED")) == ["closed"]
    states = [job["inputSettings"]["reportState"] for job in server.jobs("file")]
    assert states == ["APPROVED,ARCHIVED", "ARCHIVED"]


def test_the_same_report_in_two_exports_counts_once_as_the_later_one_has_it(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    closed = report("R1", status="Closed")
    server.reports = [[closed], [closed | {"reportName": "renamed meanwhile"}]]
    (record,) = export(client, "APPROVED", "ARCHIVED").reports
    assert (record.name, record.problems) == ("renamed meanwhile", ())


def test_the_same_report_twice_in_one_export_counts_once(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.reports = [[report("R1"), report("R1"), report("R2"), report("R2", reportName="another")]]
    first, second = export(client).reports
    assert first.problems == ()
    assert [problem.code for problem in second.problems] == [ProblemCode.CONFLICTING_COPIES]


def test_a_long_range_is_exported_in_slices(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.reports = [[report("R1")]]
    three_years = Week(Week().start - timedelta(days=1000), Week().end)
    exported = client.export_reports(three_years, ["APPROVED"])
    assert ids(exported) == ["R1"]
    assert len(server.jobs("file")) == len(exported.windows) == 4


WHOLE = "end\t0\t0\t."


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse(""),
        PlainTextResponse("report\tR1\t"),
        PlainTextResponse("end\t0\t0"),
        PlainTextResponse("end\t1\t0\t."),
        PlainTextResponse("end\t0\t1\t."),
        PlainTextResponse(b"report\t\xc3\nend\t1\t0\t."),
        refused(None, "File not found"),
        refused(404),
        refused(410),
        refused(429),
        refused(500),
        refused(None, "Gone", status=410),
        HTMLResponse("<html>Bad Gateway</html>", 502),
        PlainTextResponse("", 404),
        PlainTextResponse("slow down", 429),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.body.decode(errors='replace')[:40]}",
)
def test_a_file_that_is_not_there_or_not_whole_is_downloaded_again_and_never_exported_again(
    client: ExpensifyClient, server: ExpensifyServer, answer: Response
) -> None:
    server.reports = [[report("R1")]]
    server.will_answer("download", answer, answer)
    assert ids(export(client)) == ["R1"]
    assert len(server.jobs("file")) == 1
    assert len(server.jobs("download")) == 3


def test_a_file_that_never_comes_whole_is_never_taken_for_an_empty_week(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.will_answer("download", *["report\t"] * 3)
    with pytest.raises(ExportIncomplete, match=r"3 downloads: its end marker is missing.*nothing is posted"):
        export(client)
    assert len(server.jobs("download")) == 3


def test_credentials_refused_at_the_download_end_it_at_once(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.will_answer("download", refused(401))
    with pytest.raises(CredentialsRefused):
        export(client)
    assert len(server.jobs("download")) == 1


def test_a_byte_order_mark_does_no_harm(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.will_answer("file", "\ufeff" + FILE_NAME + "\r\n")
    server.will_answer("download", "\ufeff" + WHOLE)
    assert ids(export(client)) == []


FREEMARKER_FAILURE = (
    "report\tR1\tFreeMarker template error (DEBUG mode; use RETHROW in production!):\n"
    'The following has evaluated to null or missing:\n==> report.total  [in template "t" at line 3]\n----\n'
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (FREEMARKER_FAILURE, "The following has evaluated to null or missing"),
        ("report\tR1\t.\nend\t1\t0\t.", "not what the export template renders"),
    ],
)
def test_a_template_that_failed_is_said_so_without_further_downloads(
    client: ExpensifyClient, server: ExpensifyServer, content: str, sentence: str
) -> None:
    server.will_answer("download", content)
    with pytest.raises(TemplateError, match=sentence):
        export(client)
    assert len(server.jobs("download")) == 1


def test_a_merchant_named_like_a_template_error_is_only_a_merchant(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.reports = [[report("R1", expense(merchant="FreeMarker template error\nThe following"))]]
    server.will_answer("download", "report\tFreeMarker template error\\nThe following\t.\nexpense")
    assert ids(export(client)) == ["R1"]
    assert len(server.jobs("download")) == 2


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (refused(401, "Authentication error"), CredentialsRefused, 401),
        (PlainTextResponse("no", 401), CredentialsRefused, 401),
        (refused(None, "Authentication error"), CredentialsRefused, 200),
        (refused(500, "Not authorized to authenticate as user x@acme.example"), CredentialsRefused, 500),
        (refused(410, "Bad request. Verify the request parameters."), InvalidRequest, 410),
        (refused(410, "No Template Submitted"), TemplateError, 410),
        (refused(410, "Bad request", status=500), InvalidRequest, 410),
        (refused(500), Unavailable, 500),
        (HTMLResponse("<html>", 503), Unavailable, 503),
        (refused(None, "strange"), InvalidRequest, 200),
        (PlainTextResponse("../../etc/passwd.json"), UnexpectedAnswer, None),
        (PlainTextResponse("a..json"), UnexpectedAnswer, None),
        (PlainTextResponse("a.json,b.json"), UnexpectedAnswer, None),
    ],
)
def test_a_refused_export_is_a_typed_error_that_says_how_to_mend_it(
    client: ExpensifyClient,
    server: ExpensifyServer,
    answer: Response,
    error: type[ExpensifyError],
    code: int | None,
) -> None:
    server.will_answer("file", answer)
    with pytest.raises(error) as caught:
        export(client)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert caught.value.what_to_do in str(caught.value)
    assert len(server.received) == 1


ELSEWHERE = (
    HTMLResponse("<html>Welcome to the proxy</html>"),
    PlainTextResponse("\n<!DOCTYPE html>"),
    RedirectResponse("http://127.0.0.1:1/elsewhere", 302),
    Response(b""),
    PlainTextResponse("\r\n"),
)


@pytest.mark.parametrize("page", ELSEWHERE)
def test_an_export_that_somebody_else_answered_is_asked_for_a_few_times_and_counts_as_away(
    client: ExpensifyClient, server: ExpensifyServer, page: Response
) -> None:
    server.will_answer("file", page, page)
    assert ids(export(client)) == []
    assert len(server.jobs("file")) == 3
    server.will_answer("file", page, page, page)
    with pytest.raises(Unavailable, match=r"`expensify\.url`") as caught:
        export(client)
    assert caught.value.temporary
    assert len(server.jobs("file")) == 6


@pytest.mark.parametrize("page", ELSEWHERE)
def test_so_are_the_settings_of_workspaces(server: ExpensifyServer, page: Response) -> None:
    server.will_answer("get", page, '{"responseCode":200,"policyList":[]}')
    network = expensify_transport(RetryLog())
    with ExpensifyClient(server.url, "u", SECRET, zone=BERLIN, http=httpx.Client(transport=network)) as client:
        assert client.policy_list() == ()


def test_the_secret_is_in_no_error_even_when_expensify_repeats_it(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.will_answer("file", refused(410, f"malformed: partnerUserSecret={SECRET} {SECRET}"))
    with pytest.raises(InvalidRequest) as caught:
        export(client)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


def retrying() -> httpx.Client:
    policy = RetryPolicy(tries=3, first_pause=0.001)
    return httpx.Client(transport=RetryTransport(httpx.HTTPTransport(), policy))


def test_an_export_that_failed_after_it_was_sent_is_not_sent_again(server: ExpensifyServer) -> None:
    server.will_answer("file", PlainTextResponse("", 500))
    with (
        ExpensifyClient(server.url, "u", SECRET, zone=BERLIN, http=retrying()) as client,
        pytest.raises(Unavailable),
    ):
        export(client)
    assert len(server.received) == 1


def test_the_settings_of_workspaces_are_asked_for_again_when_the_answer_was_lost(
    server: ExpensifyServer,
) -> None:
    server.will_answer("get", PlainTextResponse("", 503), '{"responseCode":200,"policyList":[]}')
    with ExpensifyClient(server.url, "u", SECRET, zone=BERLIN, http=retrying()) as client:
        assert client.policy_list() == ()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ('{"responseCode":200}', "'policyList' is missing"),
        ('{"responseCode":200,"policyList":[7]}', "a value has another form"),
    ],
)
def test_an_answer_of_another_shape_is_said_in_plain_words(
    client: ExpensifyClient, server: ExpensifyServer, answer: str, sentence: str
) -> None:
    server.will_answer("get", answer)
    with pytest.raises(UnexpectedAnswer, match=f"'policyList' is not as its manual says: {sentence}"):
        client.policy_list()


def test_an_expensify_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        ExpensifyClient(f"http://127.0.0.1:{port}/", "u", SECRET, zone=BERLIN, http=retrying()) as client,
        pytest.raises(Unavailable, match="could not be reached"),
    ):
        export(client)


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InvalidRequest("Wrong.", code=410, what_to_do="Mend it.")))
    assert (str(error), error.code) == ("Wrong. Mend it.", 410)


def test_pauses_double_up_to_the_longest() -> None:
    assert list(Patience(attempts=5, first_wait=2, longest_wait=10).pauses()) == [2, 4, 8, 10]
