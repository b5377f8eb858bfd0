"""What an accountant sees of each kind of document in the preview, on a terminal of a hundred columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.commands.preview import Preview
from mlc_pipeline.commands.preview_documents import Names, changes, told
from mlc_pipeline.printing.preview import print_preview
from mlc_pipeline_tests.accounting.books import effect_cents

NAMES = Names({"CC": "Cost Center", "north": "North", "P": "Apollo", "C": "NASA", "L": "Berlin", "T": "VAT 19"})
YEN = Organization("JPY", precision=0)

MEALS = DocumentLine(
    "1", "6640", "Meals & Entertainment", 1190, "Meals", ("T1",), (("CC", "north"),), "P", "C", True, "", "T", 190
)  # fmt: skip
TRAVEL = DocumentLine("2", "6650", "Travel", -90, "Travel", ("T2",))
BILL = Document(
    kind="bill",
    number="EXP-R1",
    reference="R1",
    date=date(2026, 2, 1),
    currency="USD",
    currency_id="9",
    precision=2,
    vendor_id="",
    employee_name="Ann Example",
    employee_email="ann@example.com",
    notes="Expensify report R1",
    lines=(MEALS, TRAVEL),
    exchange_rate="157.4133",
    tags=(("CC", "north"),),
    location_id="L",
    original_date="2026-01-07",
    tolerance_cents=1,
    vendor_name="Ann Example (USD)",
    vendor_number="E-7",
)


def page(capsys: pytest.CaptureFixture[str], **entry: Any) -> list[str]:
    empty = {
        "problems": [],
        "ways_out": [],
        "changes": [],
        "document": None,
        "reason": None,
        "part": "reimbursable",
    }
    print_preview(Preview("us", "2026-01-05", ({"report_id": "R1", "currency": "USD", **empty, **entry},)))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    return [" ".join(line.split()) for line in lines]


def document(shown: Document, **entry: Any) -> dict[str, Any]:
    facts = {"kind": shown.kind, "number": shown.number, "total_cents": effect_cents(shown)}
    return {"action": "create", **facts, "document": told(shown, YEN, NAMES), **entry}


def test_what_zoho_books_does_not_take_is_told_as_the_notes_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    unbilled = "Billable, but a journal in Zoho Books bills nobody; bill it by hand: NASA 10.00 USD"
    moved = "Original date: 2026-01-07, in a closed period; posted on the first open day, 2026-02-01"
    head = "Expensify report R1: x\nEmployee: Ann\nApproved: 2026\nPeriod: 2026-01-05"
    for original_date, further in (("", [unbilled]), ("2026-01-07", [moved, unbilled])):
        shown = replace(BILL, original_date=original_date, notes="\n".join([head, *further]))
        lines = page(capsys, **document(shown))
        assert unbilled in lines
        assert moved not in lines


def test_a_bill_with_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert page(capsys, **document(BILL)) == [
        "us · period 2026-01-05 · preview",
        "1 create",
        "",
        "create bill EXP-R1 · 2026-02-01 11.00 USD",
        "to Ann Example (USD), a vendor that will be created with the number E-7",
        "moved from 2026-01-07, which is in a closed period",
        "at 1 USD = 157.4133 JPY: 1,732 JPY",
        "Cost Center: North · location: Berlin",
        "rounding of taxes up to 0.01 USD is adjusted",
        "6640 Meals & Entertainment 11.90",
        "Cost Center: North · project: Apollo · customer: NASA",
        "billable · tax: VAT 19 (1.90)",
        "6650 Travel -0.90",
    ]


def test_the_total_in_a_currency_of_three_decimals_has_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    dinar = Organization("KWD", precision=3)
    dollars = replace(BILL, exchange_rate="0.30712", original_date="")
    entry = document(dollars) | {"document": told(dollars, dinar, NAMES)}
    assert "at 1 USD = 0.30712 KWD: 3.378 KWD" in page(capsys, **entry)


def test_both_sides_of_a_journal(capsys: pytest.CaptureFixture[str]) -> None:
    card = DocumentLine("3", "2110", "Amex", 1100, "Amex", ("T1", "T2"))
    journal = replace(BILL, kind="journal", lines=(replace(MEALS, tax_id="", is_billable=False), TRAVEL))
    journal = replace(journal, offsets=(card,), exchange_rate="", tags=(), location_id="", original_date="")
    shown = document(replace(journal, tolerance_cents=0), part="company_paid")
    lines = [*shown["document"]["lines"], *shown["document"]["offsets"]]
    assert [(line["side"], line["amount_cents"]) for line in lines] == [
        ("debit", 1190),
        ("credit", 90),
        ("credit", 1100),
    ]
    assert page(capsys, **shown)[3:] == [
        "create journal EXP-R1 · 2026-02-01 · paid by the company 11.00 USD",
        "for Ann Example",
        "debit credit",
        "6640 Meals & Entertainment 11.90",
        "Cost Center: North · project: Apollo · customer: NASA",
        "6650 Travel 0.90",
        "2110 Amex 11.00",
    ]


def test_a_change_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    before = replace(BILL, lines=(replace(MEALS, amount_cents=1000), replace(TRAVEL, amount_cents=-90)))
    changed = changes(before, BILL, NAMES)
    shown = document(BILL, action="change", reason="EXP-R1 (update).", changes=changed)
    assert page(capsys, **shown)[-5:] == [
        "instead of EXP-R1 (update).",
        "before after",
        "6640 Meals & Entertainment 10.00 11.90",
        "Cost Center: North · project: Apollo · customer: NASA",
        "billable · tax: VAT 19",
    ]


def test_what_waits_with_every_reason_and_its_ways_out(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [{"code": "a", "message": "Mend [this]."}, {"code": "b", "message": "Mend that."}]
    entry = {"action": "review", "kind": None, "number": None, "total_cents": 500, "problems": problems}
    assert page(capsys, **entry, ways_out=["mlc review retry 7"])[1:] == [
        "1 review",
        "",
        "review report R1 5.00 USD",
        "Mend [this].",
        "Mend that.",
        "mlc review retry 7",
    ]


@pytest.mark.parametrize("action", ["create", "review", "skip"])
def test_a_vendor_credit_counts_against_what_is_owed_as_in_the_run_whatever_is_done_with_it(
    capsys: pytest.CaptureFixture[str], action: str
) -> None:
    credit = replace(BILL, kind="vendor_credit")
    entry = document(credit) if action == "create" else {"kind": "vendor_credit", "number": "EXP-R1"}
    shown = page(capsys, **{**entry, "action": action, "total_cents": -1100, "reason": "Posted."})
    assert shown[3].startswith(f"{action} vendor credit EXP-R1")
    assert shown[3].endswith(" -11.00 USD")
    if action == "create":
        assert "6640 Meals & Entertainment -11.90" in shown


def test_what_is_skipped_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"action": "skip", "kind": "bill", "number": "EXP-R1", "total_cents": 500}
    shown = page(capsys, **entry, reason="Posted before as EXP-R1.")
    assert shown[-1] == "skip bill EXP-R1 · Posted before as EXP-R1. 5.00 USD"


def test_json_has_what_holds_for_the_whole_document() -> None:
    shown = told(BILL, YEN, NAMES)
    assert shown["tags"] == [
        {"tag_id": "CC", "tag": "Cost Center", "tag_option_id": "north", "option": "North"},
    ]
    assert (shown["location_id"], shown["location"], shown["tolerance_cents"]) == ("L", "Berlin", 1)
    assert (shown["base_currency"], shown["base_total"], shown["base_total_cents"]) == ("JPY", "1732", 173200)
    assert (shown["creates_vendor"], shown["vendor"], shown["vendor_number"]) == (True, BILL.vendor_name, "E-7")
