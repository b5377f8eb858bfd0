"""What the company paid: a journal that debits the expenses and credits the cards, and always balances."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.mapping import (
    NOT_FOR_CARDS,
    NOT_FOR_PAYABLES,
    ChartOfAccounts,
    Resolution,
    resolve_card,
    resolve_payable,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline_tests.accounting.books import AMEX, BOOKS, Company, expense, frame, travel

CARDS = {"default": "2110", "Visa": "2120", "Example Bank": "1000"}
ACME = Company(card_accounts=CARDS)


def paid(transaction_id: str, cents: int, **others: Any) -> dict[str, Any]:
    return expense(transaction_id, cents, **{"reimbursable": False, "card_name": "Amex 0005", **others})


def journal(*rows: Mapping[str, Any], company: Company = ACME) -> Document:
    [plan] = company.company_paid(frame(*rows))
    assert plan.document is not None, plan.problems
    return plan.document


def resolve(card_name: str, bank: str, accounts: Mapping[str, str] = CARDS) -> Resolution:
    return resolve_card(card_name, bank, accounts, ChartOfAccounts(BOOKS.accounts))


def test_expenses_are_debited_and_the_card_is_credited() -> None:
    row = travel("T3", 70, reimbursable=False, card_name="Visa")
    document = journal(paid("T1", 100), paid("T2", 50), row, expense("T4", 999))
    assert (document.kind, document.number, document.vendor_id) == ("journal", "EXP-R1", "")
    assert [(line.account_code, line.amount_cents) for line in document.lines] == [("6640", 150), ("6650", 70)]
    assert [(line.account_code, line.amount_cents, line.transaction_ids) for line in document.offsets] == [
        ("2110", 150, ("T1", "T2")),
        ("2120", 70, ("T3",)),
    ]
    assert document.offsets[0].description == "Paid by Amex Corporate · Ann Example · 2 expenses"


def test_a_report_without_company_paid_expenses_has_no_plan_for_them() -> None:
    assert ACME.company_paid(frame(expense())) == ()
    assert ACME.company_paid(frame()) == ()


def test_it_needs_no_vendor() -> None:
    acme = replace(ACME, reference=replace(BOOKS, vendors=()), create_vendors=False)
    assert journal(paid("T1", 100), company=acme).total_cents == 100


def test_a_refund_to_the_card_is_a_journal_the_other_way_round() -> None:
    document = journal(paid("T1", -100))
    assert (document.total_cents, document.offsets[0].amount_cents) == (-100, -100)


def test_a_refund_to_another_card_moves_the_amount_between_the_cards() -> None:
    document = journal(paid("T1", 100), paid("T2", -100, card_name="Visa"))
    assert document.lines == ()
    assert [(line.account_code, line.amount_cents) for line in document.offsets] == [("2110", 100), ("2120", -100)]


def test_what_cancels_on_one_account_and_one_card_has_nothing_to_post() -> None:
    [plan] = ACME.company_paid(frame(paid("T1", 100), paid("T2", -100)))
    assert (plan.document, plan.problems) == (None, ())


def test_the_card_goes_before_the_bank_and_the_bank_before_the_default() -> None:
    assert resolve("Visa", "Example Bank").target_code == "2120"
    assert resolve("Other", "Example Bank").target_code == "1000"
    assert resolve("Other", "Other").target_code == "2110"
    assert resolve("", "").target_code == "2110"
    assert resolve("VISA", "").how == "card"


def test_a_card_without_an_account_waits_for_a_person() -> None:
    answer = resolve("Other", "", {"Visa": "2120"})
    assert answer.problem is not None
    assert answer.problem.code == Reason.UNMAPPED_CARD
    assert "add it, or default, to posting.company_card_accounts in mlc.yaml" in answer.problem.message


@pytest.mark.parametrize(
    "accounts", [(), (replace(AMEX, is_active=False),), (AMEX, replace(AMEX, account_id="A"))]
)
def test_a_card_whose_account_is_missing_inactive_or_ambiguous_waits_for_a_person(accounts: Any) -> None:
    answer = resolve_card("Amex", "", CARDS, ChartOfAccounts(accounts))
    assert answer.problem is not None
    assert answer.target_id == ""


@pytest.mark.parametrize("kind", sorted(NOT_FOR_CARDS))
def test_an_account_that_nothing_is_paid_from_is_no_cards(kind: str) -> None:
    answer = resolve_card("Amex", "", CARDS, ChartOfAccounts([replace(AMEX, type=kind)]))
    assert answer.problem is not None
    assert answer.problem.code == Reason.ACCOUNT_TYPE
    assert f"Amex Corporate, an account of type {kind}: name the account of the card" in answer.problem.message


@pytest.mark.parametrize(
    "kind",
    [
        "credit_card",
        "bank",
        "cash",
        "other_current_liability",
        "long_term_liability",
        "other_current_asset",
        "equity",
    ],
)
def test_what_something_can_be_paid_from_is_credited(kind: str) -> None:
    answer = resolve_card("Amex", "", CARDS, ChartOfAccounts([replace(AMEX, type=kind)]))
    assert answer.target_id == AMEX.account_id


@pytest.mark.parametrize("kind", sorted({*NOT_FOR_CARDS, "credit_card"}))
def test_employees_are_owed_on_accounts_payable_and_on_no_expense_account(kind: str) -> None:
    answer = resolve_payable("2110", ChartOfAccounts([replace(AMEX, type=kind)]))
    code = answer.problem.code if answer.problem else None
    assert code == (Reason.ACCOUNT_TYPE if kind in NOT_FOR_PAYABLES else None)


def test_an_expense_that_moves_to_another_card_is_another_content() -> None:
    hashes = {
        ACME.company_paid(frame(paid("T1", 100, **change)))[0].content_hash
        for change in ({}, {"card_name": "Visa"}, {"bank": "Example Bank"})
    }
    assert len(hashes) == 3


def test_the_card_of_an_employee_is_not_part_of_a_bills_content() -> None:
    assert ACME.plan(expense(card_name="Visa")).content_hash == ACME.plan(expense()).content_hash


amounts = st.integers(-(10**8), 10**8) | st.sampled_from([0, 100, -100])
rows = st.lists(
    st.tuples(amounts, st.sampled_from(["Amex", "Visa", None]), st.sampled_from(["6640", "6650"]), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rows, st.sampled_from(["category", "expense"]))
def test_a_journal_always_balances_and_both_parts_together_are_the_report(
    parts: list[tuple[int, str | None, str, bool]], lines: str
) -> None:
    expenses = frame(
        *(
            expense(f"T{n}", cents, card_name=card, category_gl_code=code, reimbursable=reimbursable)
            for n, (cents, card, code, reimbursable) in enumerate(parts)
        )
    )
    acme = ACME.under(lines=lines)
    company_paid, reimbursable = acme.company_paid(expenses), acme.plans(expenses)
    total = sum(plan.total_cents for plan in (*company_paid, *reimbursable))
    assert total == sum(cents for cents, *_ in parts)
    for plan in company_paid:
        if plan.document is not None:
            assert plan.document.total_cents == plan.total_cents
            assert sum(line.amount_cents for line in plan.document.offsets) == plan.total_cents
            assert Document.from_json(plan.document.to_json()) == plan.document
