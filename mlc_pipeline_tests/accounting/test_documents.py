"""What a document says: its number, day, lines and notes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mlc_pipeline.accounting.documents import document_number
from mlc_pipeline_tests.accounting.books import Company, expense, frame, travel
from mlc_pipeline_tests.accounting.golden.company import GOLDEN

ACME = Company()
BY_EXPENSE = ACME.under(lines="expense")
SCRIPTS = ("Ünïcødé & Co", "経費精算", "مصاريف السفر", "नाश्ता खर्च", "Расходы", "👩‍👩‍👧 lunch", "می‌خواهم")


def approved(*moment: int) -> dict[str, Any]:
    return expense(approved_at=datetime(*moment, tzinfo=UTC))  # type: ignore[arg-type, misc]


def test_a_report_becomes_a_bill_with_its_number_reference_and_vendor() -> None:
    bill = ACME.document(expense())
    assert (bill.kind, bill.number, bill.reference) == ("bill", "EXP-R1", "R1")
    assert (bill.vendor_id, bill.employee_name, bill.employee_email) == ("V-ann", "Ann Example", "ann@example.com")
    assert (bill.currency, bill.currency_id, bill.precision) == ("USD", "C-usd", 2)
    assert bill.total_cents == 1234


def test_a_later_revision_has_a_suffix_and_the_same_reference() -> None:
    bill = ACME.document(expense())
    assert bill.numbered(1) == bill
    assert bill.numbered(2) == replace(bill, number="EXP-R1-2")
    assert bill.numbered(3).numbered(11).number == document_number("R1", 11) == "EXP-R1-11"


def test_a_vendor_that_is_to_be_created_is_left_open_with_what_it_is_made_of() -> None:
    bill = ACME.document(expense(employee_email="bob@example.com", employee_name="Bob  Example"))
    assert (bill.vendor_id, bill.employee_name, bill.employee_email) == ("", "Bob Example", "bob@example.com")


@pytest.mark.parametrize("name", ["", None, " ", "\x00"])
def test_an_employee_without_a_name_is_called_by_the_address(name: str | None) -> None:
    assert ACME.document(expense(employee_name=name)).employee_name == "ann@example.com"


class TestTheDay:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            ((2026, 1, 8, 4, 59, 59), date(2026, 1, 7)),
            ((2026, 1, 8, 5, 0, 0), date(2026, 1, 8)),
            ((2026, 7, 8, 3, 59, 59), date(2026, 7, 7)),
            ((2026, 7, 8, 4, 0, 0), date(2026, 7, 8)),
        ],
    )
    def test_is_that_of_the_approval_in_the_time_zone_of_the_connection(
        self, moment: tuple[int, ...], day: date
    ) -> None:
        assert ACME.document(approved(*moment)).date == day

    def test_is_ahead_of_utc_where_the_time_zone_is(self) -> None:
        tokyo = ACME.under(timezone="Asia/Tokyo")
        assert tokyo.document(approved(2026, 1, 7, 14, 59, 59)).date == date(2026, 1, 7)
        assert tokyo.document(approved(2026, 1, 7, 15, 0, 0)).date == date(2026, 1, 8)

    def test_can_be_that_of_the_last_expense(self) -> None:
        acme = ACME.under(date="last_expense")
        days = ("2026-01-03", "2026-01-05", "2025-12-31")
        assert acme.document(*(expense(f"T{day}", 1, expense_date=day) for day in days)).date == date(2026, 1, 5)

    def test_is_not_that_of_an_expense_that_is_not_in_the_document(self) -> None:
        acme = ACME.under(date="last_expense")
        company_paid = expense("T2", 5, expense_date="2026-01-05", reimbursable=False)
        nothing = expense("T3", 0, expense_date="2026-01-06")
        assert acme.document(expense(), company_paid, nothing).date == date(2026, 1, 3)

    @pytest.mark.parametrize("missing", ["", None])
    def test_is_that_of_the_approval_when_no_expense_has_one(self, missing: str | None) -> None:
        assert ACME.under(date="last_expense").document(expense(expense_date=missing)).date == date(2026, 1, 7)

    def test_can_be_the_last_of_the_period(self) -> None:
        assert ACME.under(date="period_end").document(expense()).date == date(2026, 1, 11)


class TestTheLines:
    def test_are_one_for_each_account_in_the_order_of_the_codes(self) -> None:
        bill = ACME.document(travel("T3", 50), expense("T1", 100), travel("T2", 25), expense("T4", 1))
        assert [(line.account_code, line.amount_cents, line.transaction_ids) for line in bill.lines] == [
            ("6640", 101, ("T1", "T4")),
            ("6650", 75, ("T2", "T3")),
        ]
        assert [(line.account_id, line.account_name) for line in bill.lines] == [
            ("A-6640", "Meals & Entertainment"),
            ("A-6650", "Travel"),
        ]

    def test_sum_two_categories_of_one_account(self) -> None:
        snacks = expense("T2", 50, category="Snacks")
        [line] = ACME.document(expense("T1", 100), snacks, expense("T3", 1)).lines
        assert (line.amount_cents, line.transaction_ids) == (151, ("T1", "T2", "T3"))
        assert line.description == "Meals & Entertainment, Snacks · Ann Example · 3 expenses"

    def test_can_be_one_for_each_expense(self) -> None:
        bill = BY_EXPENSE.document(travel("T3", 50), expense("T1", 100), expense("T4", 1))
        assert [(line.account_code, line.amount_cents, line.transaction_ids) for line in bill.lines] == [
            ("6640", 100, ("T1",)),
            ("6640", 1, ("T4",)),
            ("6650", 50, ("T3",)),
        ]
        assert bill.lines[1].description == "Meals & Entertainment · 2026-01-03 · Ann Example · 1 expense"

    def test_leave_out_what_the_company_paid(self) -> None:
        bill = ACME.document(expense("T1", 100), expense("T2", 900, reimbursable=False))
        assert (bill.total_cents, bill.lines[0].transaction_ids) == (100, ("T1",))

    def test_leave_out_expenses_of_nothing(self) -> None:
        for acme in (ACME, BY_EXPENSE):
            [line] = acme.document(expense("T1", 100), expense("T2", 0), travel("T3", 0)).lines
            assert line.transaction_ids == ("T1",)

    def test_leave_out_an_account_whose_expenses_cancel(self) -> None:
        bill = ACME.document(expense("T1", 100), travel("T2", 70), travel("T3", -70))
        assert [line.account_code for line in bill.lines] == ["6640"]

    def test_keep_a_refund_as_a_negative_line(self) -> None:
        bill = ACME.document(expense("T1", 100), travel("T2", -30))
        assert [line.amount_cents for line in bill.lines] == [100, -30]
        assert bill.total_cents == 70

    def test_of_accounts_without_a_code_are_told_apart_by_their_id(self) -> None:
        accounts = tuple(replace(account, code="") for account in ACME.reference.accounts)
        acme = Company(replace(ACME.reference, accounts=accounts))
        uncoded = expense("T1", 5, category_gl_code=None)
        lines = acme.document(uncoded, travel("T2", 7, category_gl_code=None)).lines
        assert [(line.account_id, line.amount_cents) for line in lines] == [("A-6640", 5), ("A-6650", 7)]


class TestADescription:
    def test_names_a_missing_category(self) -> None:
        [line] = ACME.document(expense(category=None)).lines
        assert line.description == "no category · Ann Example · 1 expense"

    @pytest.mark.parametrize("text", SCRIPTS)
    def test_keeps_every_script(self, text: str) -> None:
        [line] = ACME.document(expense(category=text, employee_name=text)).lines
        assert line.description == f"{text} · {text} · 1 expense"

    @pytest.mark.parametrize(
        "hostile",
        ["Me\x00als", "Me\x1bals", "Me\x9fals", "\u202eMeals", "\u2066Meals", "Meals\uffff"],
    )
    def test_has_no_control_characters_and_nothing_that_turns_the_text(self, hostile: str) -> None:
        [line] = ACME.document(expense(category=hostile)).lines
        assert line.description == "Meals · Ann Example · 1 expense"

    @pytest.mark.parametrize("gap", ["\n", "\r\n", "\t", "\x85", "\u2028", "\x1f", " \x00 ", "\u3000"])
    def test_is_one_line(self, gap: str) -> None:
        [line] = ACME.document(expense(category=f"Meals{gap}out", employee_name=f"Ann{gap}Example")).lines
        assert line.description == "Meals out · Ann Example · 1 expense"

    def test_is_cut_where_there_are_very_many_categories(self) -> None:
        rows = [expense(f"T{n}", 1, category=f"Category number {n}") for n in range(300)]
        [line] = ACME.document(*rows).lines
        assert len(line.description) == 200
        assert line.description.startswith("Category number 0, Category number 1, ")
        assert line.description.endswith("… · Ann Example · 300 expenses")

    def test_is_cut_where_every_part_is_very_long(self) -> None:
        [line] = ACME.document(expense(category="c" * 5000, employee_name="n" * 5000)).lines
        assert len(line.description) == 200
        assert line.description.endswith("n… · 1 expense")

    def test_of_one_expense_names_its_merchant_and_its_day(self) -> None:
        rows = [
            expense("T1", 5, merchant="Café\nOlé"),
            travel("T2", 7, merchant="Rail", expense_date=None),
            travel("T3", -9, merchant=None),
            expense("T4", 100, merchant="Rail", reimbursable=False),
        ]
        lines = BY_EXPENSE.document(
            *rows, expense("T5", 900, merchant="m" * 500, employee_name="Ann Example")
        ).lines
        assert [line.description for line in lines] == [
            "Meals & Entertainment · Café Olé · 2026-01-03 · Ann Example · 1 expense",
            f"Meals & Entertainment · {'m' * 59}… · 2026-01-03 · Ann Example · 1 expense",
            "Travel · Rail · Ann Example · 1 expense",
            "Travel · 2026-01-03 · Ann Example · 1 expense",
        ]
        assert "Rail" not in ACME.document(*rows[:2]).lines[1].description

    def test_of_one_expense_is_cut_where_every_part_is_very_long(self) -> None:
        [line] = BY_EXPENSE.document(expense(category="c" * 5000, employee_name="n" * 99, merchant="m" * 99)).lines
        assert len(line.description) == 200
        assert line.description.startswith("ccccc")
        assert line.description.endswith("m… · 2026-01-03 · " + "n" * 79 + "… · 1 expense")


class TestTheNotes:
    def test_name_report_title_employee_approval_approver_and_period(self) -> None:
        assert ACME.document(expense()).notes == (
            "Expensify report R1: January\n"
            "Employee: Ann Example <ann@example.com>\n"
            "Approved: 2026-01-07T10:30:00-05:00 (America/New_York) by boss@example.com\n"
            "Period: 2026-01-05"
        )

    @pytest.mark.parametrize("missing", ["", None])
    def test_do_without_an_approver_and_a_title(self, missing: str | None) -> None:
        notes = ACME.document(expense(approver_email=missing, report_name=missing)).notes
        assert notes.splitlines()[0] == "Expensify report R1: "
        assert notes.splitlines()[2] == "Approved: 2026-01-07T10:30:00-05:00 (America/New_York)"

    def test_have_four_lines_whatever_stands_in_the_report(self) -> None:
        forged = "x\nApproved: 1999-01-01\r\nPeriod: 1999-01-01\u2028y"
        report = {**expense(), "report_name": forged, "employee_name": forged, "approver_email": forged}
        notes = ACME.document(report).notes
        assert [line.partition(":")[0] for line in notes.splitlines()] == [
            "Expensify report R1",
            "Employee",
            "Approved",
            "Period",
        ]

    def test_keep_every_part_beside_a_very_long_title(self) -> None:
        lines = ACME.document(expense(report_name="long " * 1000)).notes.splitlines()
        assert len(lines[0]) < 600
        assert lines[0].endswith("…")
        assert lines[-1] == "Period: 2026-01-05"

    def test_say_the_time_of_the_time_zone(self) -> None:
        notes = ACME.under(timezone="Asia/Kolkata").document(expense()).notes
        assert "Approved: 2026-01-07T21:00:00+05:30 (Asia/Kolkata) by" in notes

    def test_say_what_a_vendor_credit_cannot_bill(self) -> None:
        rows = [
            expense("T1", -3000, tag_2="Apollo", billable=True),
            expense("T2", -500, report_fields='{"Customer": "NASA"}', tag_2="Apollo"),
            travel("T3", 1000, tag_2="Apollo", billable=True),
        ]
        company = GOLDEN.under(names_customers=True)
        assert company.document(*rows).notes.splitlines()[-1] == (
            "Billable, but a vendor credit in Zoho Books names no customer; bill or refund it by hand: "
            "customer of Apollo -20.00 USD"
        )
        assert "Billable" not in company.document(*rows, travel("T4", 9000)).notes

    def test_say_what_a_journal_cannot_bill(self) -> None:
        paid = {"reimbursable": False, "billable": True}
        rows = [
            expense("T1", 3000, tag_2="Apollo", **paid),
            travel("T2", 1000, report_fields='{"Customer": "NASA"}', **paid),
            travel("T3", -1000, report_fields='{"Customer": "NASA"}', tag_2="Apollo", **paid),
            travel("T4", 250, **paid),
            travel("T5", 99, tag_2="Apollo", reimbursable=False),
        ]
        [plan] = GOLDEN.under(names_customers=True).company_paid(frame(*rows))
        assert plan.document is not None
        assert plan.document.notes.splitlines()[-1] == (
            "Billable, but a journal in Zoho Books bills nobody; bill it by hand: "
            "NASA 10.00 USD; customer of Apollo 20.00 USD; no customer 2.50 USD"
        )
        [plan] = GOLDEN.company_paid(frame(*rows))
        assert plan.document is not None
        assert "Billable" not in plan.document.notes


def test_a_document_comes_back_from_its_json() -> None:
    bill = ACME.document(expense("T1", 100, category="\u202e経費 \x00"), travel("T2", -30))
    assert type(bill).from_json(bill.to_json()) == bill


def test_its_json_can_be_written_to_any_file() -> None:
    bill = ACME.document(expense("T\x00", employee_email="ä@example.com", employee_name="A"))
    assert type(bill).from_json(bill.to_json().encode("ascii").decode()) == bill


def test_the_plan_says_what_was_approved_by_whom_and_when() -> None:
    plan = ACME.plan(expense("T2", 5), expense("T1", 100), expense("T3", 0), expense("T4", 7, reimbursable=False))
    assert (plan.report_id, plan.part, plan.currency, plan.total_cents) == ("R1", "reimbursable", "USD", 105)
    assert plan.transactions == {"T1": 100, "T2": 5, "T3": 0}
    assert (plan.approved_at, plan.approver) == ("2026-01-07T15:30:00+00:00", "boss@example.com")
    assert plan.mapping_version == "v1"


def test_reports_are_planned_in_the_order_of_their_ids() -> None:
    rows = [expense(f"T{n}", report_id=f"R{n}") for n in (3, 1, 2)]
    assert [plan.report_id for plan in ACME.plans(frame(*rows))] == ["R1", "R2", "R3"]


def test_a_period_without_reports_has_no_plans() -> None:
    assert ACME.plans(frame()) == ()


def test_one_bad_report_does_not_keep_the_others_back() -> None:
    good, bad = expense(), expense("T2", report_id="R2", category="Parking", category_gl_code=None)
    assert [plan.document is not None for plan in ACME.plans(frame(good, bad))] == [True, False]


@pytest.mark.parametrize(("cents", "currency"), [(2**62, "USD"), (100 * 10**14, "JPY")])
def test_an_amount_of_any_size_is_exact(cents: int, currency: str) -> None:
    assert ACME.document(expense("T1", cents, currency=currency)).total_cents == cents


def test_an_approval_an_hour_apart_on_the_night_the_clocks_change_is_told_apart() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    notes = [ACME.document(expense(approved_at=moment)).notes for moment in (first, first + timedelta(hours=1))]
    assert "2026-11-01T01:30:00-04:00" in notes[0]
    assert "2026-11-01T01:30:00-05:00" in notes[1]
