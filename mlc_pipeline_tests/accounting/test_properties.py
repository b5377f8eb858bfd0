"""What holds for every period: nothing is lost, nothing is counted twice, the order does not matter, no float."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.accounting.documents import Document, ReportPlan
from mlc_pipeline.accounting.mapping import CategoryRules, TaxOverride, TaxRules
from mlc_pipeline.accounting.mappings import read_mappings
from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.accounting.organization import Organization, ReportingTag
from mlc_pipeline.accounting.planning import Mappings, plan_period
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.posting.journals import sides
from mlc_pipeline.posting.payloads import bill_payload, journal_payload, vendor_credit_payload
from mlc_pipeline.transport import json
from mlc_pipeline_tests.accounting.books import WEEK, Company, effect_cents, expense, frame
from mlc_pipeline_tests.accounting.golden.company import GOLDEN

Row = dict[str, Any]

hostile = st.text(max_size=20)
categories = st.sampled_from(
    [("Meals & Entertainment", "6640"), ("Travel", "6650"), ("Travel", None), ("Snacks", "")]
)
whole = st.integers(1, 10**6).map(lambda units: units * 100)
cents = whole | whole | st.integers(-(10**10), 10**10) | st.sampled_from([0, 100, -100])
people = st.sampled_from(
    [("ann@example.com", "Ann Example"), ("zoë@example.com", "Zoë \x00"), ("b@x.example", "")]
)


@st.composite
def reports(draw: st.DrawFn, report_id: str) -> list[Row]:
    email, name = draw(people)
    head = {
        "report_id": report_id,
        "report_name": draw(hostile),
        "currency": draw(st.sampled_from(["USD", "EUR", "JPY"])),
        "employee_email": email,
        "employee_name": name,
    }
    return [
        expense(f"{report_id}-{n}", draw(cents), **head, **draw(details)) for n in range(draw(st.integers(1, 6)))
    ]


details = st.builds(
    lambda category, tag, comment, reimbursable: {
        "category": category[0],
        "category_gl_code": category[1],
        "tag": tag,
        "comment": comment,
        "reimbursable": reimbursable,
    },
    categories,
    st.none() | hostile,
    hostile,
    st.sampled_from([True, True, True, False]),
)


@st.composite
def periods(draw: st.DrawFn) -> list[Row]:
    return [row for n in range(draw(st.integers(1, 4))) for row in draw(reports(f"R{n}"))]


companies = st.builds(
    lambda lines, unmapped: Company(categories=CategoryRules({}, unmapped)).under(lines=lines),
    st.sampled_from(["category", "expense"]),
    st.sampled_from([None, "6999"]),
)
quickly = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def reimbursable(rows: list[Row], report_id: str) -> list[Row]:
    return [row for row in rows if row["report_id"] == report_id and row["reimbursable"]]


def documents(plans: tuple[ReportPlan, ...]) -> Iterator[tuple[ReportPlan, Document]]:
    return ((plan, plan.document) for plan in plans if plan.document is not None)


def values(thing: Any) -> Iterator[Any]:
    if isinstance(thing, dict):
        thing = [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple):
        for item in thing:
            yield from values(item)
    else:
        yield thing


@quickly
@given(companies, periods())
def test_every_cent_is_in_a_plan_and_every_cent_of_a_plan_is_in_its_lines(
    company: Company, rows: list[Row]
) -> None:
    plans = company.plans(frame(*rows))
    assert {plan.report_id for plan in plans} == {row["report_id"] for row in rows}
    for plan in plans:
        part = reimbursable(rows, plan.report_id)
        assert plan.total_cents == sum(row["effective_cents"] for row in part)
        assert plan.transactions == {row["transaction_id"]: row["effective_cents"] for row in part}
        if plan.document is None and not plan.problems:
            assert plan.total_cents == 0
    for plan, document in documents(plans):
        assert sum(line.amount_cents for line in document.lines) == document.total_cents > 0
        assert effect_cents(document) == plan.total_cents != 0
        assert document.kind == ("bill" if plan.total_cents > 0 else "vendor_credit")
        assert document.currency == plan.currency


@quickly
@given(companies, periods())
def test_the_totals_of_a_period_are_conserved_in_each_currency(company: Company, rows: list[Row]) -> None:
    approved, planned = Counter[str](), Counter[str]()
    for row in rows:
        approved[row["currency"]] += row["effective_cents"] if row["reimbursable"] else 0
    for plan in company.plans(frame(*rows)):
        planned[plan.currency] += plan.total_cents
    assert planned == approved


@quickly
@given(companies, periods())
def test_every_expense_is_in_exactly_one_line_or_adds_nothing(company: Company, rows: list[Row]) -> None:
    for plan, document in documents(company.plans(frame(*rows))):
        posted = Counter(one for line in document.lines for one in line.transaction_ids)
        assert set(posted.values()) == {1}
        assert set(posted) <= set(plan.transactions)
        for line in document.lines:
            sign = -1 if document.kind == "vendor_credit" else 1
            assert sign * line.amount_cents == sum(plan.transactions[one] for one in line.transaction_ids) != 0
        assert sum(plan.transactions[one] for one in set(plan.transactions) - set(posted)) == 0


@quickly
@given(companies, periods(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(company: Company, rows: list[Row], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))
    assert company.plans(frame(*shuffled)) == company.plans(frame(*rows))


@quickly
@given(companies, periods())
def test_a_report_is_planned_alone_as_among_others(company: Company, rows: list[Row]) -> None:
    # Under the mappings of all: a new employee with two currencies gets a vendor for each.
    mappings = read_mappings(company.mapped(frame(*rows)))
    for plan in company.plans(frame(*rows)):
        alone = frame(*(row for row in rows if row["report_id"] == plan.report_id))
        assert plan_period(alone, mappings, {"reimbursable": company.rules}, company.organization) == (plan,)


@quickly
@given(companies, periods())
def test_there_is_no_float_anywhere(company: Company, rows: list[Row]) -> None:
    for plan in company.plans(frame(*rows)):
        kinds = {type(value) for value in values(asdict(plan))}
        assert not kinds & {float, pd.Series, type(pd.NA), type(pd.NaT)}
        assert kinds <= {str, int, bool, type(None), *({type(plan.document.date)} if plan.document else {})} | {
            type(problem.code) for problem in plan.problems
        }


@quickly
@given(companies, periods())
def test_a_document_comes_back_from_its_json_and_can_be_sent(company: Company, rows: list[Row]) -> None:
    for _, document in documents(company.plans(frame(*rows))):
        assert Document.from_json(document.to_json()) == document
        assert document.to_json().isascii()
        for text in (document.notes, document.employee_name, *(line.description for line in document.lines)):
            assert text.encode().decode() == text
        assert all(len(line.description) <= 200 for line in document.lines)


def hashed(rows: list[Row]) -> str:
    [plan] = plan_period(frame(*rows), Mappings({}, {}, {}), {"reimbursable": WEEK})
    return plan.content_hash


# The moments are put into 2026, which has no 29 February.
moments = st.datetimes().filter(lambda moment: (moment.month, moment.day) != (2, 29))


@quickly
@given(reports("R1"), hostile, moments, st.randoms(use_true_random=False))
def test_the_content_hash_is_blind_to_comments_merchants_and_approvals(
    rows: list[Row], text: str, moment: Any, random: Random
) -> None:
    moment = moment.replace(year=2026)
    head = {"approved_at": moment, "approver_email": text, "report_name": text, "employee_name": text}
    other = [{**row, **head, "comment": text, "merchant": text, "receipt_url": text} for row in rows]
    assert hashed(random.sample(other, len(other))) == hashed(rows)


@quickly
@given(reports("R1"), st.data())
def test_the_content_hash_sees_what_is_posted(rows: list[Row], data: st.DataObject) -> None:
    rows = [{**row, "reimbursable": True} for row in rows]
    position = data.draw(st.integers(0, len(rows) - 1))
    change = data.draw(
        st.sampled_from(
            [
                {"effective_cents": rows[position]["effective_cents"] + 1},
                {"category": "Something else"},
                {"category_gl_code": "9999"},
                {"tag": "Berlin: office"},
                {"tag_gl_code": "S10"},
                {"tag_1": "Berlin"},
                {"tag_1_gl_code": "S10"},
                {"tag_5": "Berlin"},
                {"tag_5_gl_code": "S10"},
                {"tax_cents": 19},
                {"tax_name": "VAT 19%"},
                {"transaction_id": "T-other"},
                {"reimbursable": False},
                {"billable": True},
                {"expense_date": "2026-01-04"},
            ]
        )
    )
    changed = [*rows[:position], {**rows[position], **change}, *rows[position + 1 :]]
    assert hashed(changed) != hashed(rows)


@quickly
@given(
    reports("R1"),
    st.sampled_from(
        [("employee_email", "carl@example.com"), ("currency", "GBP"), ("report_fields", '{"Customer": "NASA"}')]
    ),
)
def test_the_content_hash_sees_what_is_said_of_the_whole_report(rows: list[Row], change: tuple[str, str]) -> None:
    assert hashed([{**row, change[0]: change[1]} for row in rows]) != hashed(rows)


@quickly
@given(reports("R1"), cents)
def test_the_content_hash_sees_an_expense_more_or_less(rows: list[Row], amount: int) -> None:
    added = {**rows[0], "transaction_id": "T-new", "effective_cents": amount, "reimbursable": True}
    assert hashed([*rows, added]) != hashed(rows)


@quickly
@given(reports("R1"), cents)
def test_the_content_hash_is_blind_to_what_the_company_paid(rows: list[Row], amount: int) -> None:
    added = {**rows[0], "transaction_id": "T-new", "effective_cents": amount, "reimbursable": False}
    assert hashed([*rows, added]) == hashed(rows)


def test_the_content_hash_is_not_our_own_mapping() -> None:
    row = expense(category="Travel", category_gl_code=None)
    overridden = replace(Company(), categories=CategoryRules({"Travel": "6640"}))
    assert Company().plan(row).content_hash == overridden.plan(row).content_hash
    assert Company().document(row).lines != overridden.document(row).lines


def test_the_content_hash_does_not_confuse_neighbouring_texts() -> None:
    assert hashed([expense(category="a", tag="b")]) != hashed([expense(category="ab", tag="")])
    assert hashed([expense(category='a", "b')]) != hashed([expense(category="a", tag="b")])


taxed = st.sampled_from([(None, None), ("VAT 20%", 0), ("VAT 20%", 1), ("VAT 7%", -1), ("Exempt", 5), ("Zero", 0)])
tagged = st.sampled_from([None, "Berlin", "Paris"])


@st.composite
def coded_reports(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        amount = draw(st.integers(-(10**7), 10**7) | st.sampled_from([0, 1200]))
        tax, off = draw(taxed)
        percent = {"VAT 20%": 20, "VAT 7%": 7}.get(tax or "", 0)
        exact = (2 * abs(amount) * percent + 100 + percent) // (2 * (100 + percent))
        stated = None if tax is None else (exact if amount > 0 else -exact) + (off or 0)
        coding = {
            "tax_name": tax,
            "tax_cents": stated,
            "tag_1": draw(tagged),
            "tag_2": draw(st.none() | st.just("Apollo")),
            "billable": draw(st.booleans()),
        }
        rows.append(expense(f"T{number}", amount, reimbursable=draw(st.booleans()), **coding))
    return rows


@quickly
@given(coded_reports(), st.sampled_from(["bill", "journal"]), st.sampled_from(["category", "expense"]))
def test_with_taxes_and_tags_every_cent_is_in_a_line_and_every_journal_balances(
    rows: list[Row], kind: str, lines: str
) -> None:
    company = replace(GOLDEN, taxes=TaxRules({"VAT 7%": TaxOverride("VAT 7%", "1410"), **GOLDEN.taxes.overrides}))
    company = company.under(kind=kind, lines=lines)
    expenses = frame(*rows)
    plans = [*company.plans(expenses), *company.company_paid(expenses)]
    assert sum(plan.total_cents for plan in plans) == sum(row["effective_cents"] for row in rows)
    for plan in plans:
        reasons = {problem.code for problem in plan.problems}
        assert not reasons - {Reason.ZERO_TOTAL, Reason.TAX_MISMATCH}  # the latter where all are rounded one way
        if plan.document is None:
            assert plan.total_cents == 0 or Reason.TAX_MISMATCH in reasons
            continue
        assert effect_cents(plan.document) == plan.total_cents
        if plan.document.kind == "journal":
            assert sum(line.amount_cents for line in plan.document.offsets) == plan.total_cents
            assert not any(line.tax_id or line.tax_cents for line in plan.document.lines)
        assert all(line.amount_cents for line in (*plan.document.lines, *plan.document.offsets))


@quickly
@given(coded_reports())
def test_a_line_for_each_expense_and_a_line_for_each_account_agree(rows: list[Row]) -> None:
    expenses = frame(*(row | {"tax_name": None, "tax_cents": None} for row in rows))
    for one, other in zip(GOLDEN.plans(expenses), GOLDEN.under(lines="expense").plans(expenses), strict=True):
        assert (one.problems, one.document is None) == (other.problems, other.document is None)
        if one.document is not None and other.document is not None:
            assert one.document.total_cents == other.document.total_cents
            transactions = [
                {transaction for line in document.lines for transaction in line.transaction_ids}
                for document in (one.document, other.document)
            ]
            assert transactions[0] == transactions[1]


def sent(document: Document) -> dict[str, Any]:
    if document.kind == "journal":
        return journal_payload(document, sides(document))
    return (bill_payload if document.kind == "bill" else vendor_credit_payload)(document, "V1")


IN_WORDS = {"item_order", "description"}
AMOUNTS = {"rate", "amount", "debit_or_credit"}


@quickly
@given(coded_reports(), st.sampled_from(["bill", "journal"]), st.sampled_from(["", "line_item"]))
def test_no_two_lines_of_a_document_are_the_same_in_zoho(rows: list[Row], kind: str, place: Any) -> None:
    tag = ReportingTag("CC", "Cost Center", on_bills=place, on_journals=place)
    untaxed = [row | {"tax_name": None, "tax_cents": None, "reimbursable": True} for row in rows]
    company = replace(GOLDEN, organization=Organization("USD", reporting_tags=(tag,)))
    projects = [row | {"billable": row["billable"] and bool(row["tag_2"])} for row in untaxed]
    for _, document in documents(company.under(kind=kind, names_customers=True).plans(frame(*projects))):
        lines = sent(document)["line_items"][: len(document.lines)]
        kinds = [repr({name: line[name] for name in sorted(line.keys() - IN_WORDS - AMOUNTS)}) for line in lines]
        assert len(set(kinds)) == len(kinds)


@quickly
@given(coded_reports(), st.sampled_from(["bill", "journal"]))
def test_there_is_no_float_in_what_is_sent_and_its_rates_are_the_lines(rows: list[Row], kind: str) -> None:
    company = GOLDEN.under(kind=kind)
    plans = [*company.plans(frame(*rows)), *company.company_paid(frame(*rows))]
    for _, document in documents(plans):
        for body in (sent(document), sent(replace(document, exchange_rate="1.0712345678"))):
            assert {type(value) for value in values(body)} <= {str, int, bool, Decimal}
            assert json.loads(json.dumps(body)) == body
        if document.kind != "journal":
            rates = sum(line["rate"] * line["quantity"] for line in sent(document)["line_items"])
            assert rates == to_decimal(document.total_cents)


def test_what_was_posted_long_ago_is_known_by_the_hash_that_it_was_given_then() -> None:
    tags = {"tag_gl_code": "S10", "tag_1": "Berlin", "tag_1_gl_code": "S10", "tag_2": "x"}
    tax = {"tax_cents": 19, "tax_name": "VAT 19%"}
    rows = [
        expense("T2", 1234, tag="Berlin: x", billable=True, report_fields='{"a":"b"}', **tax, **tags),
        expense("T1", -5, category=None, tag="", card_name="Visa"),
        expense("T3", 0),
        expense("T4", 99, reimbursable=False, card_name="Amex 0005", bank="Bank", tax_cents=0),
        expense("T5", 7, reimbursable=None),
    ]
    plans = [*Company().plans(frame(*rows)), *Company().company_paid(frame(*rows))]
    posted = [
        (
            "d1b4b00175a5e355f79db02c517e4fbe5e7a313aab2aa083cb2202fe470b2e9f",
            "9002f00f6a061f2d56f2a66501cb9bb7c3333b38faf33b3d3367b2a790748ab1",
        ),
        (
            "3e86b856fc9c62d2fb1ebbd3f01e38470590d6e9cc146d73a519648661ac5a8d",
            "0a76812f364e90888b27c449429a94712e9182d7a63718d76e52bb00deaac89c",
        ),
    ]
    assert [plan.former_hashes for plan in plans] == posted
    for plan, hashes in zip(plans, posted, strict=True):
        assert [*map(plan.is_of, (*hashes, plan.content_hash, ""))] == [True, True, True, False]
        assert plan.content_hash not in hashes
