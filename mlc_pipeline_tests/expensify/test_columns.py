"""Reading in columns gives the very frame that reading report by report gives, whatever Expensify exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.expensify import TemplateError, export_file
from mlc_pipeline.expensify.export_file import ExportFile, whole_file
from mlc_pipeline.expensify.exported import ExportedReports
from mlc_pipeline.expensify.frame import expenses_frame
from mlc_pipeline.expensify.record_rows import ROWS, record_table
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.frames import frame_from, validated
from mlc_pipeline.sandbox.freemarker import render
from mlc_pipeline.schemas import EXPENSES
from mlc_pipeline_tests.expensify.conftest import BERLIN
from mlc_pipeline_tests.expensify.data_model import expense, report
from mlc_pipeline_tests.expensify.one_by_one import frame_of_files

START, END = datetime(2026, 9, 21, tzinfo=BERLIN), datetime(2026, 9, 28, tzinfo=BERLIN)
STATES = ("APPROVED", "REIMBURSED")

AMOUNTS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.integers(-(2**63), 2**63),
    st.sampled_from(["", None, " ", "12", " 12 ", "-7", "+7", "007", "1.5", "0x10", "1e3", "12-", "9" * 19, True]),
)
DAYS = st.sampled_from(
    ["", "2026-09-15", "2026-09-15 11:03:20", " 2026-09-16", "2026-02-30", "15/09/2026", "0001-01-01", None]
)
INSTANTS = st.sampled_from(
    [
        "",
        "2026-09-21",
        "2026-09-20 22:00:00",
        "2026-09-20 21:59:59",
        "2026-09-27 21:59:59",
        "2026-09-27 22:00:00",
        "2026-09-23T22:41:10-04:00",
        "2026-09-23 22:41:10.250",
        "2026-09-31 00:00:00",
        "2026-09-23 25:00:00",
        "9999-12-31 23:59:59",
        "0001-01-01 00:00:00",
        "soon",
        None,
    ]
)
TEXTS = st.one_of(
    st.sampled_from(
        ["", "Meals", "Metro C&amp;C", "&amp;lt;", "&#1;", "&#0;", 'a "b" \\ \t\n', "</x>", "日本 🧾", "R&ltd"]
    ),
    st.text(max_size=12),
)
TAGS = st.sampled_from(["", "Sales", "Sales:EMEA", "Sales:R\\:D", "a:b:c:d:e:f", ":", "C&amp;C:&#1;", "x&#58;y"])
CURRENCIES = st.sampled_from(["EUR", "EUR", " eur", "JPY", ""])
TRUTHS = st.sampled_from([True, False, "true", "FALSE", "", None, "maybe"])
NAMES = st.sampled_from(["a", "Cost Center", "R&amp;D", 'q"'])

ODD_EXPENSE = {
    **dict.fromkeys(("amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount"), AMOUNTS),
    **dict.fromkeys(("created", "modifiedCreated"), DAYS),
    **dict.fromkeys(("merchant", "modifiedMerchant", "category", "comment", "cardName", "taxName"), TEXTS),
    **dict.fromkeys(("taxRateName", "tagGlCode", "receiptID", "ntag1GlCode", "ntag2GlCode"), TEXTS),
    **dict.fromkeys(("tag", "ntag1", "ntag2", "ntag4"), TAGS),
    **dict.fromkeys(("billable", "reimbursable"), TRUTHS),
    "transactionID": st.sampled_from(["", "a\\b", "1"]),
    "currency": CURRENCIES,
}
ODD_REPORT = {
    "status": st.sampled_from(["Approved", "Reimbursed", "Processing", "Closed", "Frozen", ""]),
    "displayStatus": st.sampled_from(["Approved", "Paid", "Outstanding", "", "approved"]),
    "policyID": st.sampled_from(["P1", "P2", ""]),
    "currency": CURRENCIES,
    "total": AMOUNTS,
    "accountEmail": TEXTS,
    "reportName": TEXTS,
    "customField": st.dictionaries(NAMES, TEXTS, max_size=2),
    **dict.fromkeys(("created", "submitted", "approved"), INSTANTS),
}
IDS = st.sampled_from(["R1", "R2", "R3", "R4", "", "r\\1"])


@st.composite
def odd_expenses(draw: st.DrawFn) -> dict[str, Any]:
    """An ordinary expense with one or two oddities: many at once would hide each other."""
    names = draw(st.lists(st.sampled_from(sorted(ODD_EXPENSE)), max_size=2))
    amount = draw(st.integers(-500, 5000))
    return expense(draw(st.sampled_from("12345678")), amount=amount) | {
        name: draw(ODD_EXPENSE[name]) for name in names
    }


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """A report that adds up, as far as its amounts can be read, and may be odd in itself."""
    names = draw(st.lists(st.sampled_from(sorted(ODD_REPORT)), max_size=1))
    spent = draw(st.lists(odd_expenses(), max_size=3))
    one = report(draw(IDS), *spent, **{name: draw(ODD_REPORT[name]) for name in names})
    return one if spent else one | {"transactionList": [], "total": 0}


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(reports(), max_size=4), min_size=1, max_size=3), st.sampled_from([(), ("P1",)]))
def test_the_columns_give_the_frame_of_the_single_reports(
    exports: list[list[dict[str, Any]]], policy_ids: tuple[str, ...]
) -> None:
    files = [exported(*models) for models in exports]
    expected = frame_of_files(files, BERLIN, START, END, STATES, policy_ids)
    selected = ExportedReports(files, BERLIN).approved_within(START, END, STATES, policy_ids)
    assert_same(expenses_frame(selected), expected)
    assert_same(frame_from(record_table(selected).cast(ROWS)), expected)


@pytest.mark.parametrize("block", [1, 7, 100, 1000])
def test_a_file_is_read_to_its_end_whatever_it_is_cut_into(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    models = [report(f"R{n}", expense(f"{n}1"), expense(f"{n}2", merchant="Café")) for n in range(9)]
    in_one = exported(*models)
    monkeypatch.setattr(export_file, "_BLOCK", block)
    in_blocks = exported(*models)
    assert len(in_blocks) == 9
    for name in ("begins", "line_ends", "ends", "expenses"):
        assert getattr(in_blocks, name).tolist() == getattr(in_one, name).tolist()


@pytest.mark.parametrize(
    "model",
    [
        report("R1", expense("1"), expense("1")),
        report("R1", expense("1"), expense("2"), total=1),
        report("R1", expense("1", currency="JPY")),
        report("R1", expense("1", currency="JPY", convertedAmount=5), expense("2", currency=" eur")),
        report("R1", expense("")),
        report("R1", expense("1", reimbursable="")),
        report("R1", expense("1", amount="", modifiedAmount=" ")),
        report("R1", expense("1", taxAmount="1.5")),
        report("R1", expense("1", amount="0x10"), total=16),
        report("R1", expense("1", amount=10**17), total=10**17),
        report("R1", expense("1", created="2026-02-30")),
        report("R1", expense("1", created="2026-02-03 10:00:00", modifiedCreated="")),
        report("R1", expense("1", tag="Sales:R\\:D", tagGlCode="9"), expense("2", tag="Sales", tagGlCode="9")),
        report("R1", expense("1", ntag1="a", ntag3="b", ntag4GlCode="9"), expense("2", tag="a:b:c:d:e:f")),
        report("R1", expense("1", merchant="C&amp;C", modifiedMerchant="&#1;"), reportName="a\\b &lt;"),
        report("R1", currency="", status="Frozen", displayStatus=""),
        report("R1", approved=""),
        report("R1", approved="2026-09-23", submitted="soon"),
        report("", approved="", submitted="", created=""),
        report("R1", transactionList=[], total=0),
    ],
)
def test_each_oddity_alone_among_plain_reports_gives_the_same_frame(model: dict[str, Any]) -> None:
    plain = [report(f"plain {number}", approved=f"2026-09-2{number} 10:00:00") for number in (1, 5)]
    files = [exported(plain[0], model, plain[1])]
    expected = frame_of_files(files, BERLIN, START, END, STATES, ())
    found = expenses_frame(ExportedReports(files, BERLIN).approved_within(START, END, STATES))
    assert_same(found, expected)


@pytest.mark.parametrize("odd", [{}, {"total": 1}], ids=["plain", "odd"])
def test_an_ordinary_report_is_one_row_an_expense_with_the_types_of_the_schema(odd: dict[str, Any]) -> None:
    cents = 2**53 + 1
    files = [exported(report("R1", expense("1", amount=cents), expense("2"), **odd), report("R2"))]
    frame = expenses_frame(ExportedReports(files, BERLIN).approved_within(START, END, STATES))
    assert_same(frame, validated(EXPENSES, frame))
    assert list(frame["transaction_id"]) == ["1", "2", "4056343049275634494"]
    assert frame["effective_cents"].tolist() == [cents, 4500, 4500]
    assert frame["report_fields"].tolist() == ["{}"] * 3


def test_no_reports_are_an_empty_frame_with_the_same_columns() -> None:
    for files in ([], [exported()]):
        frame = expenses_frame(ExportedReports(files, BERLIN).approved_within(START, END, STATES))
        assert_same(frame, validated(EXPENSES, frame))
        assert len(frame) == 0


def test_custom_fields_and_the_receipt_are_kept() -> None:
    model = report(
        "R1",
        expense(receiptID=77, receiptFilename="w_1.jpg", receiptObject={"url": "https://r.example/1"}),
        customField={"Cost_Center": "R&amp;D", "Week": 7},
    )
    row = expenses_frame(ExportedReports([exported(model)], BERLIN).approved_within(START, END, STATES)).iloc[0]
    assert row["report_fields"] == '{"Cost_Center": "R&D", "Week": "7"}'
    assert (row["receipt_id"], row["receipt_filename"], row["receipt_url"]) == (
        "77",
        "w_1.jpg",
        "https://r.example/1",
    )


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("\t4500\t", "\t45\t00\t"),
        ("\nexpense\t", "\nnonsense\t\nexpense\t"),
        ("\ttrue\t", "\tyes\t"),
        ("\t{}\t.", '\t{"a":1}\t.'),
        ("\t{}\t.", "\t{\t."),
        ("Joe&#39;s", "Joe\\"),
    ],
)
def test_a_line_that_the_template_never_writes_is_a_template_error(written: str, instead: str) -> None:
    text = render(export_template(), {"reports": [report("R1")]})
    file = whole_file(text.replace(written, instead, 1).encode())
    with pytest.raises(TemplateError, match="not what the export template renders"):
        expenses_frame(ExportedReports([file], BERLIN).approved_within(START, END, STATES))


@pytest.mark.parametrize("line_end", ["\r\n", "\n\n", "\n  \n"])
def test_line_ends_and_blank_lines_may_differ(line_end: str) -> None:
    text = render(export_template(), {"reports": [report("R1"), report("R2", total=1)]})
    expected = ExportedReports([whole_file(text.encode())], BERLIN).approved_within(START, END, STATES)
    other = whole_file(text.replace("\n", line_end).encode())
    found = ExportedReports([other], BERLIN).approved_within(START, END, STATES)
    assert len(found) == 2
    assert_same(expenses_frame(found), expenses_frame(expected))


def exported(*models: dict[str, Any]) -> ExportFile:
    return whole_file(render(export_template(), {"reports": list(models)}).encode())


def assert_same(frame: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(frame, expected)
