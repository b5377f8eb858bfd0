"""PDFs of reports: one file or several, downloaded until they are whole."""

from __future__ import annotations

import pytest

from mlc_pipeline.expensify import ExpensifyClient, UnexpectedAnswer
from mlc_pipeline_tests.expensify.server import ExpensifyServer

PDF = "%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"


def test_one_report_is_asked_for_with_full_pages_of_its_receipts(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.will_answer("file", "mlc_report1b7e.pdf")
    server.will_answer("download", PDF)
    assert client.report_pdfs.with_receipts("R00bCluvcO4T") == (PDF.encode(),)
    (job,) = server.jobs("file")
    assert job["inputSettings"]["filters"] == {"reportIDList": "R00bCluvcO4T"}
    assert "reportState" not in job["inputSettings"]
    assert job["outputSettings"]["fileExtension"] == "pdf"
    assert job["outputSettings"]["includeFullPageReceiptsPdf"] is True
    assert "onFinish" not in job
    assert server.received[0].form["template"] == "default"


def test_the_plain_one_is_asked_for_without_the_option(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.will_answer("file", "mlc_report1b7e.pdf")
    server.will_answer("download", PDF)
    assert client.report_pdfs.alone("R1") == (PDF.encode(),)
    assert "includeFullPageReceiptsPdf" not in server.jobs("file")[0]["outputSettings"]


def test_several_files_come_as_names_with_commas_between(client: ExpensifyClient, server: ExpensifyServer) -> None:
    server.will_answer("file", "mlc_report1.pdf, mlc_report2.pdf")
    server.will_answer("download", PDF, PDF + "2%%EOF")
    assert client.report_pdfs.with_receipts("R1") == (PDF.encode(), f"{PDF}2%%EOF".encode())
    assert [one["fileName"] for one in server.jobs("download")] == ["mlc_report1.pdf", "mlc_report2.pdf"]


def test_a_file_that_is_not_ready_or_cut_is_downloaded_again(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    server.will_answer("file", "mlc_report1.pdf")
    server.will_answer("download", "", PDF[:20], PDF)
    assert client.report_pdfs.with_receipts("R1") == (PDF.encode(),)
    server.will_answer("file", "mlc_report1.pdf")
    server.will_answer("download", "", "", "no PDF")
    with pytest.raises(UnexpectedAnswer, match="3 downloads: it is no PDF"):
        client.report_pdfs.with_receipts("R1")


@pytest.mark.parametrize("report_id", ["", "R1,R2", "R1 ", "*"])
def test_a_list_that_may_name_other_reports_is_never_sent(
    client: ExpensifyClient, server: ExpensifyServer, report_id: str
) -> None:
    with pytest.raises(ValueError, match="ids of reports"):
        client.report_pdfs.with_receipts(report_id)
    assert server.received == []
