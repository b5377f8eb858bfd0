"""PDF exports, receipt files behind their links, and several files of one export."""

import zlib
from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.expensify.conftest import Caller

PDF = {"fileExtension": "pdf"}
URLS_TEMPLATE = (
    "<#list reports as r><#list r.transactionList as e>${(e.receiptObject.url)!'none'}\n</#list></#list>"
)


@pytest.fixture
def approved(caller: Caller) -> dict[str, Any]:
    """The report APPR1, with three expenses of which two have a receipt."""
    report: dict[str, Any] = next(each for each in caller.account.reports if each["reportID"] == "APPR1")
    receipts = [{"url": "/receipts/w_1.png"}, {"url": "https://elsewhere.example/w_2.pdf"}, None]
    report["transactionList"] = [
        {"transactionID": f"40{at}", "amount": 1234, **({"receiptObject": receipt} if receipt else {})}
        for at, receipt in enumerate(receipts)
    ]
    return report


def pdf(caller: Caller, ids: str, **output: Any) -> list[str]:
    answer = caller.export({"reportIDList": ids}, "default", outputSettings=PDF | output)
    return answer.text.split(",")


def test_a_report_comes_as_a_pdf(caller: Caller, approved: dict[str, Any]) -> None:
    (name,) = pdf(caller, "APPR1")
    assert name.startswith("export")
    assert name.endswith(".pdf")
    content = caller.download(name).content
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert b"Report APPR1" in content
    assert content.count(b"/Type/Page/") == 1


def test_the_receipts_of_a_report_are_pages_of_its_pdf_if_asked_for(
    caller: Caller, approved: dict[str, Any]
) -> None:
    (name,) = pdf(caller, "APPR1", includeFullPageReceiptsPdf=True)
    content = caller.download(name).content
    assert content.count(b"/Type/Page/") == 3
    assert b"Receipt of 400" in content
    assert b"Receipt of 402" not in content


def test_several_reports_come_as_several_files_with_commas_between(caller: Caller) -> None:
    names = pdf(caller, "APPR1,APPR2")
    assert len(names) == 2
    contents = [caller.download(name).content for name in names]
    assert [b"APPR1" in content for content in contents] == [True, False]


def test_several_extensions_come_as_several_files(caller: Caller) -> None:
    output = {"fileExtension": ["json", "pdf"]}
    names = caller.export({"reportIDList": "APPR1"}, outputSettings=output).text.split(",")
    assert [name.rpartition(".")[2] for name in names] == ["json", "pdf"]
    assert caller.download(names[0]).content == b"[APPR1]"


def test_a_pdf_can_be_made_as_large_as_a_test_needs(caller: Caller) -> None:
    caller.account.report_pdf_size = 6_000_000
    (name,) = pdf(caller, "APPR1")
    assert len(caller.download(name).content) == 6_000_000


def test_a_pdf_is_labelled_like_any_export(caller: Caller) -> None:
    mark = [{"actionName": "markAsExported", "label": "Zoho"}]
    caller.export({"reportIDList": "APPR1"}, "default", outputSettings=PDF, onFinish=mark)
    assert caller.account.exported_labels == {"APPR1": ["Zoho"]}
    hidden = {"reportIDList": "APPR1,APPR2", "markedAsExported": "Zoho"}
    assert caller.exported(hidden) == "[APPR2]"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ({"fileExtension": "json", "includeFullPageReceiptsPdf": True}, "includeFullPageReceiptsPdf"),
        ({"fileExtension": "pdf", "includeFullPageReceiptsPdf": "true"}, "includeFullPageReceiptsPdf"),
        ({"fileExtension": []}, "fileExtension"),
        ({"fileExtension": ["json", "doc"]}, "fileExtension"),
    ],
)
def test_wrong_output_settings_are_refused(caller: Caller, output: dict[str, Any], message: str) -> None:
    answer = caller.export({"reportIDList": "APPR1"}, "default", outputSettings=output).json()
    assert answer["responseCode"] == 410
    assert message in answer["responseMessage"]
    assert not caller.account.files


def test_a_pdf_wants_the_default_template_named(caller: Caller) -> None:
    answer = caller.export({"reportIDList": "APPR1"}, "", outputSettings=PDF).json()
    assert answer["responseMessage"] == "No Template Submitted"


def test_links_to_receipts_are_complete_when_they_are_exported(caller: Caller, approved: dict[str, Any]) -> None:
    name = caller.export({"reportIDList": "APPR1"}, URLS_TEMPLATE).text
    urls = caller.download(name).text.split()
    assert urls == [f"{caller.http.base_url}/receipts/w_1.png", "https://elsewhere.example/w_2.pdf", "none"]
    assert approved["transactionList"][0]["receiptObject"]["url"] == "/receipts/w_1.png"
    caller.account.receipts["w_1.png"] = 500
    assert len(caller.http.get(urls[0]).content) == 500


@pytest.mark.parametrize(
    ("name", "content_type", "start"),
    [
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n"),
        ("a.jpg", "image/jpeg", b"\xff\xd8\xff"),
        ("a.jpeg", "image/jpeg", b"\xff\xd8\xff"),
        ("a.gif", "image/gif", b"GIF89a"),
        ("a.PDF", "application/pdf", b"%PDF-"),
        ("a.heic", "image/heic", b"\0\0\0\x18ftypheic"),
        ("a.bin", "application/octet-stream", b"\0"),
    ],
)
def test_a_receipt_looks_like_one_of_its_kind(caller: Caller, name: str, content_type: str, start: bytes) -> None:
    caller.account.receipts[name] = 2000
    answer = caller.http.get(f"/receipts/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.content.startswith(start)
    assert len(answer.content) == 2000


def test_the_smallest_png_is_whole(caller: Caller) -> None:
    caller.account.receipts["a.png"] = 0
    content = caller.http.get("/receipts/a.png").content
    assert content.endswith(b"IEND" + zlib.crc32(b"IEND").to_bytes(4, "big"))


def test_a_receipt_can_be_larger_than_zoho_takes(caller: Caller) -> None:
    caller.account.receipts["a.pdf"] = 5 * 1024 * 1024 + 1
    assert len(caller.http.get("/receipts/a.pdf").content) == 5 * 1024 * 1024 + 1


def test_a_receipt_that_is_not_there_is_not_found(caller: Caller) -> None:
    assert caller.http.get("/receipts/none.png").status_code == 404


def test_receipts_may_need_the_session_of_a_browser(caller: Caller) -> None:
    caller.account.receipts["a.png"] = 500
    caller.account.receipt_links = "login_page"
    page = caller.http.get("/receipts/a.png")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Sign in" in page.content
    caller.account.receipt_links = "unauthorized"
    assert caller.http.get("/receipts/a.png").status_code == 401
    caller.account.receipt_links = "forbidden"
    assert caller.http.get("/receipts/a.png").status_code == 403


def test_the_limit_answers_in_the_body_or_with_the_status(caller: Caller) -> None:
    for by_status, status in ((False, 200), (True, 429)):
        caller.account.rate_limits_by_status = by_status
        caller.account.faults.add("rate_limited")
        answer = caller.send({"type": "get", "inputSettings": {"type": "policyList"}})
        assert (answer.status_code, answer.json()["responseCode"]) == (status, 429)
