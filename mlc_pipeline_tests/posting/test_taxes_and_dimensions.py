"""Tags, projects, taxes and rates go along with a document; its total is what was meant, however Zoho rounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.accounting.documents import Document, DocumentLine, ReportPlan
from mlc_pipeline.database import open_database
from mlc_pipeline.posting.journals import sides
from mlc_pipeline.posting.payloads import bill_payload, digest, journal_payload
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline.sandbox.zoho.records import add_location, add_project, add_reporting_tag, add_tax
from mlc_pipeline_tests.posting.reports import Expense, Report, report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import Outcome

TAXED = report("R1", 1001, Expense(1003, "Travel"), Expense(1007, "Lodging"))


def run(room: Room, approved: Report, facts: Mapping[str, Any], **of_lines: Any) -> Outcome:
    """A run with one document that says more than usual."""
    (plan,) = room.plans(approved)
    return room.perform(replace(room.run_of(), plans=(_with(plan, facts, of_lines),)))


def _with(plan: ReportPlan, facts: Mapping[str, Any], of_lines: Mapping[str, Any]) -> ReportPlan:
    document = plan.document
    assert document is not None
    lines = tuple(replace(line, **of_lines) for line in document.lines)
    return replace(plan, document=replace(document, lines=lines, **facts))


def taxed(room: Room, tolerance_cents: int = 2) -> Outcome:
    """A run of a bill whose lines contain 19 %."""
    if not room.organization.taxes:
        room.organization.edition = "eu"
        add_tax(room.books, room.organization, "VAT", 19)
    (tax_id,) = room.organization.taxes
    return run(room, TAXED, {"tolerance_cents": tolerance_cents}, tax_id=tax_id, tax_cents=160)


def several(room: Room, *names: str, workers: int = 1) -> Outcome:
    """A run of bills of 11.90 that contain 19 %."""
    if not room.organization.taxes:
        room.organization.edition = "eu"
        add_tax(room.books, room.organization, "VAT", 19)
    (tax_id,) = room.organization.taxes
    facts, lines = {"tolerance_cents": 1}, {"tax_id": tax_id, "tax_cents": 190}
    plans = tuple(_with(plan, facts, lines) for plan in room.plans(*(report(name, 1190) for name in names)))
    return room.perform(replace(room.run_of(), plans=plans, workers=workers))


# Dimensions.


def test_a_document_without_them_is_sent_byte_by_byte_as_ever() -> None:
    """What was posted before has these digests in its audit trail."""
    meals = DocumentLine("1", "6640", "Meals", 1234, "Meals · 1 expense", ("T1",))
    travel = DocumentLine("2", "6670", "Travel", -34, "Travel · 1 expense", ("T2",))
    card = DocumentLine("3", "2110", "Visa", 1200, "Visa", ("T1", "T2"))
    said = ("USD", "9", 2, "", "Ada Example", "ada@traders.example", "Expensify report R1", (meals, travel))
    bill = Document("bill", "EXP-R1", "R1", date(2026, 1, 7), *said)
    journal = Document("journal", "EXP-R1", "R1", date(2026, 1, 7), *said, (card,))
    assert digest(bill_payload(bill, "7")) == "457a23910a62a4bdf4da961af9f0933a6c72800d85383bbe5fcb561123d7afcc"
    sent = digest(journal_payload(journal, sides(journal)))
    assert sent == "98041347052791a0128a6637fee6b24b4c13e60e877e4159421f1865a584a974"


def test_a_journal_has_a_mandatory_tag_on_both_sides(room: Room) -> None:
    tag = add_reporting_tag(room.books, room.organization, "Cost Center", ["North"], is_mandatory=True)
    tags = ((tag["tag_id"], tag["options"][0]["option_id"]),)
    (plan,) = room.plans(report("R1", 100, part="company_paid"))
    assert plan.document is not None
    (card,) = plan.document.offsets
    told = [
        run(
            room, report(name, 100, part="company_paid"), {"number": f"EXP-{name}", "offsets": offsets}, tags=tags
        )[name]
        for name, offsets in (("R2", (card,)), ("R3", (replace(card, tags=tags),)))
    ]
    assert [one.state for one in told] == ["review", "posted"]
    (journal,) = room.organization.journals.values()
    assert all(line["tags"] for line in journal["line_items"])


@pytest.mark.parametrize("part", ["reimbursable", "company_paid"])
def test_dimensions_are_posted_on_bills_and_journals(room: Room, part: Any) -> None:
    customer = room.books.add_contact(room.organization, "Client Ltd.", contact_type="customer")
    project = add_project(room.books, room.organization, "Relaunch", customer)
    tag = add_reporting_tag(room.books, room.organization, "Cost Center", ["North"])
    place = add_location(room.books, room.organization, "Main Office")
    option = tag["options"][0]["option_id"]
    facts = {
        "tags": ((tag["tag_id"], option),),
        "project_id": project["project_id"],
        "customer_id": customer["contact_id"],
        "location_id": place["location_id"],
    }
    outcome = run(room, report("R1", 100, part=part), {"location_id": place["location_id"]}, **facts)
    assert (outcome["R1"].state, outcome["R1"].reason) == ("posted", None)
    (document,) = (*room.bills(), *room.organization.journals.values())
    line = document["line_items"][0]
    assert line["tags"][0]["tag_option_id"] == option
    assert (line["project_id"], line["customer_id"]) == (project["project_id"], customer["contact_id"])
    assert (line["location_id"], document["location_id"]) == (place["location_id"],) * 2


def test_a_billable_line_is_billable(room: Room) -> None:
    customer = room.books.add_contact(room.organization, "Client Ltd.", contact_type="customer")
    run(room, report("R1", 100), {}, customer_id=customer["contact_id"], is_billable=True)
    assert room.bills()[0]["line_items"][0]["is_billable"] is True


def test_the_exchange_rate_of_record_is_sent_exactly(room: Room) -> None:
    room.books.add_contact(
        room.organization, "Ada Example (JPY)", email="ada@traders.example", currency_code="JPY"
    )
    yen = report("R1", 128000, currency="JPY")
    assert run(room, yen, {"exchange_rate": "0.0068123456789"})["R1"].state == "posted"
    assert room.bills()[0]["exchange_rate"] == Decimal("0.0068123456789")


def test_a_dimension_that_zoho_dropped_silently_is_told(room: Room) -> None:
    customer = room.books.add_contact(room.organization, "Client Ltd.", contact_type="customer")
    project = add_project(room.books, room.organization, "Relaunch", customer)
    facts = {"project_id": project["project_id"], "customer_id": customer["contact_id"]}
    room.order(FaultKind.CUT_AFTER_COMMIT)
    room.order_after_a_write(FaultKind.TOO_MANY_PER_DAY, "GET", r"/bills$")
    run(room, report("R1", 100), {}, **facts)
    room.books.faults.clear()
    room.bills()[0]["line_items"][0]["project_id"] = ""
    asked = run(room, report("R1", 100), {}, **facts)
    assert (asked["R1"].state, asked["R1"].reason_code) == ("review", "foreign_document")
    assert f"the project of line 1 is missing, not {project['project_id']}" in (asked["R1"].reason or "")


# Taxes: the gross amounts are what is owed.


@pytest.mark.parametrize("per_line", [True, False])
@pytest.mark.parametrize("net", [True, False])
def test_a_bill_with_taxes_has_the_gross_total_with_one_request(room: Room, per_line: bool, net: bool) -> None:
    room.books.settings.tax_rounded_per_line = per_line
    room.books.settings.inclusive_lines_show_net = net
    outcome = taxed(room)
    assert (outcome["R1"].state, outcome["R1"].reason) == ("posted", None)
    assert room.bills()[0]["total"] == Decimal("30.11")
    assert outcome.progress.writes == 1


def test_a_cent_of_rounding_is_closed_with_an_adjustment(room: Room) -> None:
    room.door.change_body = lambda body: body.replace(b"10.01", b"10.02")
    outcome = taxed(room)
    assert (outcome["R1"].state, outcome.progress.writes) == ("posted", 2)
    (bill,) = room.bills()
    assert (bill["total"], bill["adjustment"]) == (Decimal("30.11"), Decimal("-0.01"))
    assert bill["adjustment_description"]


def test_more_than_the_tolerance_waits_with_both_figures(room: Room) -> None:
    room.door.change_body = lambda body: body.replace(b"10.01", b"10.02").replace(b"10.03", b"10.04")
    outcome = taxed(room, tolerance_cents=1)
    assert (outcome["R1"].reason_code, outcome.progress.writes) == ("tax_mismatch", 1)
    assert "its total is 30.13, not 30.11" in (outcome["R1"].reason or "")
    assert outcome["R1"].zoho_id == room.bills()[0]["bill_id"]


def test_where_the_flag_means_the_opposite_it_is_turned(room: Room) -> None:
    room.door.change_body = _turned
    outcome = taxed(room)
    assert (outcome["R1"].state, outcome.progress.writes) == ("posted", 2)
    assert room.bills()[0]["total"] == Decimal("30.11")


def test_a_flag_that_was_turned_once_is_sent_so_for_the_rest_of_the_run(room: Room) -> None:
    room.door.change_body = _turned
    taxed(room)
    (tax_id,) = room.organization.taxes
    reports = [report(f"S{number}", 1001) for number in range(3)]
    plans = tuple(_with(plan, {}, {"tax_id": tax_id, "tax_cents": 160}) for plan in room.plans(*reports))
    assert room.perform(replace(room.run_of(), plans=plans)).progress.writes == 4


def test_where_the_tax_comes_on_top_whatever_is_said_the_rates_are_sent_without_it(room: Room) -> None:
    room.books.settings.inclusive_rates_contain_tax = False
    outcome = taxed(room)
    assert (outcome["R1"].state, outcome["R1"].reason) == ("posted", None)
    (bill,) = room.bills()
    assert (bill["total"], bill["tax_total"]) == (Decimal("30.11"), Decimal("4.81"))
    assert [line["rate"] for line in bill["line_items"]] == [Decimal("8.41"), Decimal("8.47"), Decimal("8.43")]
    assert (bill["adjustment"], outcome.progress.writes) == (Decimal("-0.01"), 4)
    assert taxed(room).progress.writes == 0


def test_rates_without_tax_that_helped_once_are_sent_so_for_the_rest_of_the_run(room: Room) -> None:
    room.books.settings.inclusive_rates_contain_tax = False
    outcome = several(room, "S1", "S2", "S3")
    assert set(outcome.states.values()) == {"posted"}
    assert {bill["total"] for bill in room.bills()} == {Decimal("11.90")}
    assert outcome.progress.writes == 3 + 2


def test_yen_without_their_tax_are_whole(room: Room) -> None:
    line = DocumentLine("1", "6640", "Meals", 100000, "Meals", ("T1",), tax_id="7", tax_cents=16650)
    said = ("JPY", "9", 0, "", "Ada Example", "ada@traders.example", "Expensify report R1", (line,))
    bill = Document("bill", "EXP-R1", "R1", date(2026, 1, 7), *said)
    (row,) = bill_payload(bill, "7", rates_contain_tax=False, rates_are_net=True)["line_items"]
    assert row["rate"] == Decimal(833)


# Taxes: what Zoho holds of them is compared too.


def test_a_tax_that_zoho_dropped_silently_waits_and_no_further_ones_are_made(room: Room) -> None:
    room.door.change_body = _without_taxes
    outcome = several(room, "S1", "S2", "S3", workers=3)
    waits = [outcome[name] for name in ("S1", "S2", "S3")]
    assert [(one.state, one.reason_code) for one in waits] == [("review", "tax_mismatch")] * 3
    (bill,) = room.bills()
    (sent,) = (one for one in waits if one.zoho_id)
    assert (sent.zoho_id, outcome.progress.writes) == (bill["bill_id"], 1)
    assert "its tax is 0.00, not 1.90" in (sent.reason or "")
    (kept, _) = (one.reason or "" for one in waits if not one.zoho_id)
    assert kept.startswith("Not sent,")
    assert f"of {sent.number} its tax is 0.00, not 1.90" in kept
    assert several(room, "S1", "S2", "S3").progress.writes == 0


def test_once_a_person_has_corrected_the_tax_the_others_are_sent(room: Room) -> None:
    room.door.change_body = _without_taxes
    several(room, "S1", "S2")
    room.door.change_body = bytes
    (bill,) = room.bills()
    bill["tax_total"] = Decimal("1.90")
    assert set(several(room, "S1", "S2").states.values()) == {"posted"}
    room.assert_trail_holds()


def test_a_person_who_takes_the_tax_away_keeps_nothing_else_back(room: Room) -> None:
    several(room, "S1")
    (bill,) = room.bills()
    bill |= {"tax_total": Decimal(0), "total": Decimal("10.00"), "balance": Decimal("10.00")}
    for _ in range(2):
        outcome = several(room, "S1", "S2")
        assert (outcome["S1"].reason_code, outcome["S2"].state) == ("foreign_document", "posted")


@pytest.mark.parametrize("in_lists", [True, False])
def test_an_answer_that_says_nothing_of_the_tax_is_read_back(room: Room, in_lists: bool) -> None:
    said = rb'"tax_total": ?"?[0-9.]+"?, ' if in_lists else rb'("tax_total": ?"?[0-9.]+"?|"taxes": ?\[[^]]*\]), '

    def silent(body: bytes) -> bytes:
        return re.sub(said, b"", body) if b"has been created" in body else body

    room.door.change_body = silent
    assert several(room, "S1")["S1"].state == "posted"
    reads = [one for one in room.books.request_log if one.method == "GET" and "/bills/" in one.path]
    assert len(reads) == (0 if in_lists else 1)


def test_a_tax_that_nothing_shows_waits(room: Room) -> None:
    said = rb'("tax_total": ?"?[0-9.]+"?|"taxes": ?\[[^]]*\]), '
    room.door.change_body = lambda body: re.sub(said, b"", body)
    asked = several(room, "S1")["S1"]
    assert (asked.state, asked.reason_code) == ("review", "tax_mismatch")
    assert "nothing shows its tax of 1.90" in (asked.reason or "")


def test_a_tax_that_is_off_by_more_than_rounding_waits_with_both_figures(room: Room) -> None:
    several(room)
    (tax_id,) = room.organization.taxes
    tiny = report("R1", *[3] * 100)
    outcome = run(room, tiny, {"tolerance_cents": 1}, tax_id=tax_id, tax_cents=100)
    assert (outcome["R1"].reason_code, outcome.progress.writes) == ("tax_mismatch", 1)
    assert "its tax is 0.48, not 1.00" in (outcome["R1"].reason or "")


def test_a_vendor_credit_without_its_tax_waits(room: Room) -> None:
    several(room)
    (tax_id,) = room.organization.taxes
    credit = {"kind": "vendor_credit"}
    told = run(room, report("R1", 1190), credit, tax_id=tax_id, tax_cents=190)["R1"]
    assert (told.state, told.reason) == ("posted", None)
    room.door.change_body = _without_taxes
    asked = run(room, report("R2", 1190), credit, tax_id=tax_id, tax_cents=190)["R2"]
    assert (asked.state, asked.reason_code) == ("review", "tax_mismatch")
    assert "its tax is 0.00, not 1.90" in (asked.reason or "")


def test_the_amount_of_a_taxed_line_is_compared_although_its_rate_is_right(
    room: Room, other_database_url: str
) -> None:
    taxed(room)
    room.bills()[0]["line_items"][0]["item_total"] = Decimal("5.00")
    room.engine.dispose()
    room.engine, room.database_url = open_database(other_database_url), other_database_url
    asked = taxed(room)["R1"]
    assert (asked.state, asked.reason_code) == ("review", "foreign_document")
    assert "its lines have other accounts or amounts" in (asked.reason or "")


@pytest.mark.parametrize(
    "kind", [FaultKind.CUT_BEFORE_COMMIT, FaultKind.CUT_AFTER_COMMIT, FaultKind.TOO_MANY_PER_DAY]
)
def test_a_correction_that_was_cut_off_is_made_by_the_next_look(room: Room, kind: FaultKind) -> None:
    room.door.change_body = _turned
    room.order(kind, "PUT", r"/bills/\d+$")
    taxed(room)
    room.books.faults.clear()
    assert taxed(room)["R1"].state == "posted"
    assert [bill["total"] for bill in room.bills()] == [Decimal("30.11")]
    room.assert_trail_holds()


def test_a_person_who_changes_the_total_of_a_taxed_bill_is_not_corrected(room: Room) -> None:
    taxed(room)
    room.person().edits_total("EXP-R1", "30.12")
    again = taxed(room)
    assert (again["R1"].state, again.progress.writes) == ("review", 0)
    assert "its total is 30.12, not 30.11" in (again["R1"].reason or "")


def _turned(body: bytes) -> bytes:
    """As if Zoho understood the flag the other way round."""
    said = re.search(rb'"is_inclusive_tax": ?(true|false)', body)
    other = {b"true": b"false", b"false": b"true"}
    return body if said is None else body[: said.start(1)] + other[said[1]] + body[said.end(1) :]


def _without_taxes(body: bytes) -> bytes:
    """As if Zoho took the taxes of lines and forgot them."""
    return re.sub(rb'"tax_id": ?"\d+"(, ?)?', b"", body).replace(b",}", b"}")
