"""The mappings of a period: each distinct question once, and the answers come back from the frame as they were."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mlc_pipeline.accounting.mapping import CategoryRules, Resolution
from mlc_pipeline.accounting.period_mappings import read_mappings
from mlc_pipeline.accounting.planning import plan_period
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.frames import records
from mlc_pipeline_tests.accounting.books import ANN, Company, expense, frame, travel

ACME = Company()


def rows(company: Company, *expenses: dict[str, Any]) -> list[dict[str, Any]]:
    return records(company.mapped(frame(*expenses)))


def of_kind(kind: str, company: Company, *expenses: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows(company, *expenses) if row["kind"] == kind]


def test_each_distinct_category_employee_and_currency_is_asked_once() -> None:
    mapped = rows(ACME, expense("T1"), expense("T2"), travel("T3", 50), expense("T4", report_id="R2"))
    asked = [(row["kind"], row["workspace"], row["name"], row["code"], row["expenses"]) for row in mapped]
    assert asked == [
        ("category", "P1", "Meals & Entertainment", "6640", 3),
        ("category", "P1", "Travel", "6650", 1),
        ("employee", "", "ann@example.com", "USD", 4),
        ("currency", "", "USD", "", 4),
    ]


def test_the_same_category_of_two_workspaces_is_asked_for_each() -> None:
    mapped = of_kind("category", ACME, expense("T1"), expense("T2", policy_id="P2"))
    assert [row["workspace"] for row in mapped] == ["P1", "P2"]


def test_a_gap_of_a_company_paid_expense_is_known_before_it_is_posted() -> None:
    [row] = of_kind("category", ACME, expense(category="Parking", category_gl_code="", reimbursable=False))
    assert row["reason_code"] == Reason.UNMAPPED_CATEGORY


def test_a_report_without_expenses_asks_for_no_category() -> None:
    mapped = rows(ACME, expense(None, None, category=None, category_gl_code=None, reimbursable=None))
    assert [row["kind"] for row in mapped] == ["employee", "currency"]


def test_a_period_without_reports_has_no_mappings() -> None:
    assert rows(ACME) == []
    assert read_mappings(ACME.mapped(frame())).categories == {}


@pytest.mark.parametrize(("code", "found"), [("", "6650"), (None, "6650"), ("6640", "6640")])
def test_the_workspace_gives_the_gl_code_that_the_expense_does_not_bring(code: str | None, found: str) -> None:
    acme = Company(replace(ACME.reference, gl_codes={("P1", "Taxi"): "6650", ("P2", "Taxi"): "6999"}))
    [row] = of_kind("category", acme, expense(category="Taxi", category_gl_code=code))
    assert (row["code"] or "", row["how"], row["target_code"]) == (code or "", "gl_code", found)


def test_an_expense_without_its_code_is_posted_to_the_account_of_the_workspaces_code() -> None:
    acme = Company(replace(ACME.reference, gl_codes={("P1", "Taxi"): "6650"}))
    assert acme.document(expense(category="Taxi", category_gl_code=None)).lines[0].account_code == "6650"


def test_the_mapping_knows_its_version_and_how_it_was_found() -> None:
    acme = Company(categories=CategoryRules({"Travel": "6640"}))
    mapped = rows(acme, travel("T1", 50))
    assert [(row["how"], row["target_id"]) for row in mapped] == [
        ("override", "A-6640"),
        ("email", "V-ann"),
        ("code", "C-usd"),
    ]
    assert {row["version"] for row in mapped} == {"v1"}


def test_the_answers_come_back_from_the_frame() -> None:
    mapped = ACME.mapped(frame(expense(), travel("T2", 5, category="Parking", category_gl_code=None)))
    mappings = read_mappings(mapped)
    assert mappings.version == "v1"
    assert mappings.employees == {("ann@example.com", "USD"): Resolution("email", "V-ann", "", "Ann Example")}
    assert mappings.currencies == {"USD": Resolution("code", "C-usd", "USD", "", detail="2")}
    found, missing = mappings.categories.values()
    assert found == Resolution("gl_code", "A-6640", "6640", "Meals & Entertainment", detail="expense")
    assert missing.problem is not None
    assert missing.problem.code == Reason.UNMAPPED_CATEGORY


def test_of_several_names_of_an_employee_the_same_one_is_used_in_any_order() -> None:
    vendors = replace(ACME.reference, vendors=())
    named = [
        expense(f"T{n}", report_id=f"R{n}", employee_name=name) for n, name in enumerate(("", "A. E.", "Ann E."))
    ]
    for order in (named, named[::-1], [named[1], named[2], named[0]]):
        [row] = of_kind("employee", Company(vendors), *order)
        assert row["target_name"] == "Ann E."


ALIKE = [("Ann Example", "Ann Example"), ("Ann Example", "Ann  Example "), ("Jos\u00e9", "JOSE\u0301")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_a_vendor_whose_name_two_employees_have_is_neithers(one: str, other: str) -> None:
    acme = Company(replace(ACME.reference, vendors=(replace(ANN, name=one, email=""),)))
    found = of_kind("employee", acme, *people(employee_name=(one, other)))
    assert [(row["how"], row["target_id"] or "") for row in found] == [("to_create", "")] * 2


@pytest.mark.parametrize("other", ["E-7", "e-7 "])
def test_a_vendor_whose_number_two_employees_have_is_neithers(other: str) -> None:
    acme = Company(replace(ACME.reference, vendors=(replace(ANN, email="", number="E-7"),)))
    named = people(employee_name=("Ann Example", "Bob Example"), employee_number=("E-7", other))
    assert [row["how"] for row in of_kind("employee", acme, *named)] == ["name", "to_create"]


def test_an_address_in_other_letters_is_the_same_employee() -> None:
    acme = Company(replace(ACME.reference, vendors=(replace(ANN, email=""),)))
    written = [expense(email, report_id=email, employee_email=email) for email in ("a@x.co", "A@x.co")]
    assert [row["target_id"] for row in of_kind("employee", acme, *written)] == ["V-ann", "V-ann"]


def test_a_new_employee_gets_a_vendor_of_its_own_name_for_each_currency() -> None:
    spent = [("ann@x.co", "EUR"), ("Ann@X.co", "JPY"), ("ann@x.co", "USD"), ("Ann@X.co", "EUR")]
    written = [
        expense(f"T{n}", report_id=f"R{n}", employee_email=email, currency=currency, employee_number="E-7")
        for n, (email, currency) in enumerate(spent)
    ]
    acme = Company(replace(ACME.reference, vendors=()))
    found = {(row["name"], row["code"]): row for row in of_kind("employee", acme, *written)}
    names = [found[key]["target_name"] for key in spent]
    assert names == ["Ann Example", "Ann Example (JPY)", "Ann Example (USD)", "Ann Example"]
    assert [found[key]["target_code"] for key in spent] == ["E-7", "", "", "E-7"]


def test_a_new_vendor_has_the_address_in_its_name_where_another_new_one_has_the_name() -> None:
    acme = Company(replace(ACME.reference, vendors=()))
    found = of_kind("employee", acme, *people(employee_name=("Jos\u00e9", "JOSE\u0301")))
    assert [row["target_name"] for row in found] == ["Jos\u00e9", "JOSE\u0301 (e1@x.co)"]


def test_a_new_vendors_name_is_cut_so_that_currency_and_address_fit() -> None:
    acme = Company(replace(ACME.reference, vendors=()))
    written = [
        expense(currency, report_id=currency, employee_name="\u6f22" * 199, currency=currency)
        for currency in ("EUR", "USD")
    ]
    found = of_kind("employee", acme, *written)
    cut = "\u6f22" * 89 + "\u2026"
    assert [row["target_name"] for row in found] == [cut, f"{cut} (USD)"]


def people(**columns: tuple[str, str]) -> list[dict[str, Any]]:
    """An expense of each of two employees."""
    return [
        expense(
            f"T{n}", report_id=f"R{n}", employee_email=f"e{n}@x.co", **{k: both[n] for k, both in columns.items()}
        )
        for n in (0, 1)
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": "Travel"}, Reason.UNMAPPED_CATEGORY),
        ({"employee_email": "bob@example.com"}, Reason.VENDOR_MISSING),
        ({"currency": "EUR"}, Reason.UNKNOWN_CURRENCY),
    ],
)
def test_a_report_that_was_read_after_the_mappings_waits_for_new_ones(
    change: dict[str, Any], code: Reason
) -> None:
    mappings = read_mappings(ACME.mapped(frame(expense())))
    [plan] = plan_period(frame(expense(**change)), mappings, {"reimbursable": ACME.rules})
    assert plan.document is None
    assert code in [problem.code for problem in plan.problems]
    assert all("materialize category_mappings again" in problem.message for problem in plan.problems)


def test_the_frame_is_the_same_in_any_order_of_the_expenses() -> None:
    expenses = frame(expense("T1"), travel("T2", 50), expense("T3", report_id="R2", currency="EUR"))
    backwards = expenses.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(ACME.mapped(expenses), ACME.mapped(backwards))
