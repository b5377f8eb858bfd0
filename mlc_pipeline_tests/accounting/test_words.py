"""Words in batches: what is found for thousands of reports at once is what a loop over their rows finds."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.accounting.documents import DocumentLine, ReportPlan
from mlc_pipeline.accounting.mapping import Account
from mlc_pipeline.accounting.moments import Moments
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.frames import records
from mlc_pipeline_tests.accounting.books import AMEX, MEALS, TRAVEL, VISA, Company, expense, frame

Row = dict[str, Any]
Line = tuple[str, int, tuple[str, ...], int]
"""A line by the code of its account, its cents, its transactions, and how many it says they are."""
AccountOf = Callable[[Row], Account]

ACME = Company(card_accounts={"default": "2110", "Visa": "2120"})
TAGS = ("tag_gl_code", *(f"tag_{level}{suffix}" for level in range(1, 6) for suffix in ("", "_gl_code")))
ACCOUNTS = {MEALS.name: MEALS, TRAVEL.name: TRAVEL}

plain_ids = st.text("AB019-_", min_size=1, max_size=3)
odd_ids = st.sampled_from(["", "A", "A ", "A!", "A'", 'A"', "A\\", "A\n", "A\x7f", "é", "𝄞", "\u2028", "AB"])
odd_texts = st.none() | st.sampled_from(["", "it's", 'say "x"', "\\", "é\u202e", "a\tb"]) | st.text(max_size=4)
moments = st.builds(
    lambda second, microsecond: datetime.fromtimestamp(second, UTC).replace(microsecond=microsecond),
    st.integers(-2_200_000_000, 7_200_000_000),  # from 1900 to 2198
    st.sampled_from([0, 0, 1, 250_000]),
)


@st.composite
def rows_of(draw: st.DrawFn, report_id: str) -> list[Row]:
    nothing = st.none() if draw(st.integers(1, 4)) == 1 else st.nothing()
    head = {
        "report_id": report_id,
        "report_name": draw(odd_texts),
        "employee_name": draw(st.sampled_from(["Ann Example", "Zoë\x00", "x" * 120, "", None])),
        "employee_email": draw(st.sampled_from(["Ann@Example.com", "ann@example.com", "ZOË@x.example", ""])),
        "approver_email": draw(st.sampled_from(["boss@example.com", "", None])),
        "approved_at": draw(nothing | moments),
        "report_fields": draw(st.sampled_from(["{}", '{"Customer": "R\\"D"}', None]) | odd_texts),
        "problems": draw(st.sampled_from([*["[]"] * 9, '[{"code": "unreadable", "message": "x"}]'])),
    }
    spent = st.fixed_dictionaries(
        {
            "transaction_id": nothing | draw(st.sampled_from([plain_ids, plain_ids, odd_ids | plain_ids])),
            "effective_cents": nothing | st.sampled_from([0, 5, -5]) | st.integers(-(2**60), 2**60),
            "category": st.sampled_from([*ACCOUNTS]),
            "tag": odd_texts,
            "tag_gl_code": st.sampled_from(["", "S10", None]),
            "tag_1": odd_texts,
            "tag_1_gl_code": st.sampled_from(["", "S10", None]),
            "tag_5": odd_texts,
            "tag_5_gl_code": odd_texts,
            "tax_cents": st.none() | st.integers(-9, 9),
            "card_name": st.sampled_from(["Visa", "Amex", "", None]),
            "bank": odd_texts,
            "billable": st.none() | st.booleans(),
            "expense_date": st.sampled_from(["2026-01-03", "2026-01-04", None]),
            "reimbursable": nothing | st.booleans(),
        }
    )
    return [expense(**head, **draw(spent), category_gl_code=None) for _ in range(draw(st.integers(1, 6)))]


@st.composite
def periods(draw: st.DrawFn) -> list[Row]:
    ids = draw(st.lists(st.sampled_from(["R1", "R2", "R10", 'R"', "é"]), min_size=1, max_size=4, unique=True))
    return list(draw(st.permutations([row for report_id in ids for row in draw(rows_of(report_id))])))


@settings(deadline=None, max_examples=150)
@given(periods(), st.sampled_from(["category", "expense"]))
def test_plans_are_those_of_a_loop_over_the_rows(rows: list[Row], lines: str) -> None:
    company = ACME.under(lines=lines)
    expenses = frame(*rows)
    check([*company.plans(expenses), *company.company_paid(expenses)], looped(expenses), lines)


@settings(deadline=None, max_examples=50)
@given(periods())
def test_a_plan_does_not_depend_on_those_that_are_made_with_it(rows: list[Row]) -> None:
    expenses = frame(*rows)
    for plans in (ACME.plans(expenses), ACME.company_paid(expenses)):
        assert [plans[number] for number in range(len(plans))] == list(plans)


def test_there_are_more_reports_than_are_put_into_words_at_once() -> None:
    rows = [expense(f"T{n % 3}", n + 1, report_id=f"R{n // 3:05}", reimbursable=n % 2 > 0) for n in range(15_000)]
    expenses = frame(*rows)
    check([*ACME.plans(expenses), *ACME.company_paid(expenses)], looped(expenses), "category")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Monrovia", "UTC"])
@settings(deadline=None, max_examples=30)
@given(found=st.lists(st.none() | moments, min_size=1, max_size=5))
def test_moments_are_written_as_python_writes_them(zone: str, found: list[datetime | None]) -> None:
    column = pd.Series(found, dtype="datetime64[ns, UTC]")
    assert Moments(column).in_utc() == [one.isoformat() if one else "" for one in found]
    local = [one.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") if one else "" for one in found]
    assert Moments(column).in_zone(ZoneInfo(zone)) == local


def test_an_instant_may_be_finer_than_a_microsecond() -> None:
    moment = pd.Timestamp("2026-01-07T15:30:00.000000001Z")
    assert Moments(pd.Series([moment])).in_utc() == ["2026-01-07T15:30:00.000000001+00:00"]


@dataclass(frozen=True)
class Approved:
    """One part of one report in plain loops: the rows of the report, and which of them are of the part, by id."""

    key: tuple[str, str]
    rows: list[Row]

    @property
    def part(self) -> list[Row]:
        company_paid = self.key[1] == "company_paid"
        chosen = [row for row in self.rows if (row["reimbursable"] is False) == company_paid]
        return sorted(chosen, key=lambda row: row["transaction_id"] or "")

    def hashes(self) -> tuple[str, tuple[str, str]]:
        """The hash of its content, and those of earlier versions."""
        content = [
            [row["transaction_id"] or "", row["effective_cents"] or 0]
            + [row[name] or "" for name in ("category", "category_gl_code", "tag")]
            + [row["tax_cents"], row["tax_name"] or ""]
            + ([row["card_name"] or "", row["bank"] or ""] if row["reimbursable"] is False else [])
            for row in self.part
        ]
        head = self.rows[0]
        said = [head["report_id"], head["currency"] or "", (head["employee_email"] or "").casefold()]
        first = json.dumps([said, sorted(content, key=str)])
        added = [
            [row["transaction_id"] or "", row["expense_date"] or "", row["billable"] is True] for row in self.part
        ]
        second = first + json.dumps([head["report_fields"] or "", sorted(added, key=str)])
        tags = sorted([row["transaction_id"] or "", *(row[name] or "" for name in TAGS)] for row in self.part)
        whole = second + json.dumps([texts for _, *texts in tags])
        return digest(whole), (digest(first), digest(second))

    def transactions(self) -> Counter[str]:
        cents = Counter[str]()
        for row in self.part:
            if row["transaction_id"]:
                cents[row["transaction_id"]] += row["effective_cents"] or 0
        return cents

    def is_unreadable(self) -> bool:
        odd = [
            bool(row["transaction_id"]) != (row["effective_cents"] is not None)
            or bool(row["transaction_id"] and row["reimbursable"] is None)
            for row in self.part
        ]
        return any(odd) or self.rows[0]["problems"] != "[]"

    def cents_by(self, account: AccountOf) -> dict[str, int]:
        """The sum of each account, in the order of their codes."""
        cents = Counter[str]()
        for row in self.part:
            cents[account(row).code] += row["effective_cents"] or 0
        return dict(sorted(cents.items()))

    def lines(self, account: AccountOf, lines: str) -> Iterator[Line]:
        sign = -1 if self.key[1] == "reimbursable" and sum(self.cents_by(account).values()) < 0 else 1
        for code in (code for code, cents in self.cents_by(account).items() if cents):
            rows = [row for row in self.part if account(row).code == code and row["effective_cents"]]
            for group in [rows] if lines == "category" else [[row] for row in rows]:
                ids = tuple(row["transaction_id"] or "" for row in group)
                yield code, sign * sum(row["effective_cents"] for row in group), ids, len(group)

    def approval(self) -> str:
        approved = self.rows[0]["approved_at"].astimezone(ZoneInfo(ACME.rules.timezone))
        return f"Approved: {approved.isoformat(timespec='seconds')} (America/New_York)"


def looped(expenses: pd.DataFrame) -> Iterator[Approved]:
    """What was approved of the reports, first what the employees paid, then what the company paid."""
    rows = sorted(records(expenses), key=lambda row: row["report_id"])
    reports = {report_id: list(group) for report_id, group in groupby(rows, lambda row: row["report_id"])}
    yield from (Approved((report_id, "reimbursable"), group) for report_id, group in reports.items())
    for report_id, group in reports.items():
        if any(row["reimbursable"] is False for row in group):
            yield Approved((report_id, "company_paid"), group)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def account_of(row: Row) -> Account:
    return ACCOUNTS[row["category"]]


def card_of(row: Row) -> Account:
    return VISA if row["card_name"] == "Visa" else AMEX


def told(lines: Iterable[DocumentLine]) -> Iterator[Line]:
    for line in lines:
        counted = line.description.rsplit(" · ", 1)[1].split()[0]
        yield line.account_code, line.amount_cents, line.transaction_ids, int(counted)


def check(plans: Iterable[ReportPlan], expected: Iterable[Approved], lines: str) -> None:
    """Each plan against its rows: its content in any case, its lines where it has a document."""
    for plan, approved in zip(plans, expected, strict=True):
        head = approved.rows[0]
        assert (plan.report_id, plan.part, plan.approver) == (*approved.key, head["approver_email"] or "")
        assert (plan.content_hash, plan.former_hashes) == approved.hashes()
        assert list(plan.transactions.items()) == list(approved.transactions().items())
        assert plan.total_cents == sum(row["effective_cents"] or 0 for row in approved.part)
        assert any(problem.code == Reason.UNREADABLE for problem in plan.problems) == approved.is_unreadable()
        if plan.document is None:
            assert plan.problems or not any(approved.cents_by(account_of).values())
            continue
        assert [*told(plan.document.lines)] == [*approved.lines(account_of, lines)]
        if plan.part == "company_paid":
            assert [*told(plan.document.offsets)] == [*approved.lines(card_of, "category")]
        assert approved.approval() in plan.document.notes
