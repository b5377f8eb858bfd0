"""Plans as a sequence, the rates that they will need, and amounts that no machine word holds."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.organization import Organization, ReportingTag
from mlc_pipeline.accounting.planning import needed_rates, plan_period
from mlc_pipeline.accounting.plans import Plans
from mlc_pipeline_tests.accounting.books import WEEK, Company, expense, frame
from mlc_pipeline_tests.accounting.golden.company import GOLDEN

ACME = Company()
DOLLARS = Organization("USD")
REPORTS = frame(*(expense(f"T{n}", 100 + n, report_id=f"R{n:03}") for n in range(300)))


def test_plans_are_a_sequence_whose_members_are_the_same_each_time() -> None:
    plans = ACME.plans(REPORTS)
    ids = [f"R{n:03}" for n in range(300)]
    assert [plan.report_id for plan in plans] == ids
    assert [plans[n].report_id for n in (0, 299, -1)] == ["R000", "R299", "R299"]
    assert [plan.report_id for plan in plans[10:13]] == ids[10:13]
    assert plans[257] == plans[257] == list(plans)[257]
    assert plans == tuple(plans) != ()
    assert Plans() == ()
    with pytest.raises(IndexError):
        plans[300]


def test_both_parts_follow_each_other() -> None:
    acme = replace(ACME, card_accounts={"default": "2110"})
    expenses = frame(expense("T1", 1), expense("T2", 2, reimbursable=False))
    both = acme.planned(expenses, {"reimbursable": WEEK, "company_paid": replace(WEEK, kind="journal")})
    assert [(plan.part, plan.total_cents) for plan in both] == [("reimbursable", 1), ("company_paid", 2)]
    assert both == [*acme.plans(expenses), *acme.company_paid(expenses)]


def test_the_rows_of_a_report_need_not_stand_together() -> None:
    rows = [expense(f"T{n}", n + 1, report_id=f"R{n % 7}") for n in range(50)]
    together = sorted(rows, key=lambda row: row["report_id"])
    assert ACME.plans(frame(*rows)) == ACME.plans(frame(*together))


class TestTheRatesThatAreNeeded:
    def test_are_those_of_foreign_currencies_on_the_days_of_their_documents(self) -> None:
        expenses = frame(
            expense("T1", 1, currency="EUR"),
            expense("T2", 1, report_id="R2"),
            expense("T3", 1, report_id="R3", currency="JPY", approved_at=datetime(2026, 1, 9, 12, tzinfo=UTC)),
            expense("T4", 0, report_id="R4", currency="KWD"),
        )
        assert needed_rates(expenses, WEEK, DOLLARS) == {("EUR", date(2026, 1, 7)), ("JPY", date(2026, 1, 9))}

    def test_are_of_the_day_to_which_a_document_moves(self) -> None:
        rules = replace(WEEK, on_locked_period="next_open_date")
        locked = replace(DOLLARS, bills_locked_until=date(2026, 1, 31))
        assert needed_rates(frame(expense(currency="EUR")), rules, locked) == {("EUR", date(2026, 2, 1))}

    def test_are_none_where_there_is_no_currency_or_no_report(self) -> None:
        assert needed_rates(frame(), WEEK, DOLLARS) == set()
        assert needed_rates(frame(expense(currency=None)), WEEK, DOLLARS) == set()

    def test_are_of_both_parts(self) -> None:
        paid = expense("T2", 1, currency="EUR", reimbursable=False, expense_date="2026-01-05")
        rules = replace(WEEK, date="last_expense")
        needed = needed_rates(frame(expense("T1", 1, currency="EUR"), paid), rules, DOLLARS)
        assert needed == {("EUR", date(2026, 1, 3)), ("EUR", date(2026, 1, 5))}


def test_sums_beyond_a_machine_word_are_exact() -> None:
    rows = [expense(f"T{n}", 2**62) for n in range(5)]
    [plan] = ACME.plans(frame(*rows))
    assert plan.document is not None
    assert plan.document.total_cents == plan.total_cents == 5 * 2**62


def test_the_tax_of_an_amount_beyond_a_machine_word_is_exact() -> None:
    gross = 6 * 10**17 * 10
    row = expense("T1", gross, tax_name="VAT 20%", tax_cents=gross // 6)
    plan = GOLDEN.plans(frame(row))[0]
    assert plan.document is not None
    assert plan.document.lines[0].tax_cents == 10**18


def test_the_tags_that_have_no_place_are_named_in_the_notes() -> None:
    organization = replace(DOLLARS, reporting_tags=(ReportingTag("CC", "Cost Center", on_bills=""),))
    plan = replace(GOLDEN, organization=organization).plans(frame(expense(tag_1="Berlin")))[0]
    assert plan.document is not None
    assert plan.document.notes.splitlines()[-1] == (
        "Reporting tags that Zoho Books does not take on a bill: Cost Center “Berlin”"
    )


def test_a_moved_document_says_so_in_its_notes() -> None:
    locked = replace(DOLLARS, bills_locked_until=date(2026, 1, 31))
    acme = replace(ACME, organization=locked).under(on_locked_period="next_open_date")
    bill = acme.document(expense())
    assert (bill.date, bill.original_date) == (date(2026, 2, 1), "2026-01-07")
    assert "Original date: 2026-01-07, in a closed period; posted on the first open day, 2026-02-01" in bill.notes


def test_the_number_of_a_company_paid_part_keeps_its_suffix_in_later_revisions() -> None:
    acme = replace(ACME, card_vendors={"default": "Ann Example"})
    expenses = frame(expense(reimbursable=False))
    rules = replace(WEEK, kind="bill", number_suffix="-C")
    [plan] = plan_period(expenses, read_mappings(acme.mapped(expenses)), {"company_paid": rules}, DOLLARS)
    document = plan.document
    assert document is not None
    assert [document.numbered(n).number for n in (1, 2)] == ["EXP-R1-C", "EXP-R1-C-2"]
    assert document.numbered(3).numbered(2).number == "EXP-R1-C-2"


def test_a_frame_of_an_older_version_without_report_fields_is_planned() -> None:
    expenses = frame(expense())
    mappings = read_mappings(ACME.mapped(expenses))
    [plan] = plan_period(expenses.drop(columns="report_fields"), mappings, {"reimbursable": WEEK})
    assert plan.document is not None
