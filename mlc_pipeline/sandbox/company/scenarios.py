"""The kinds of report a company has: which expenses they hold, their state, and when they were approved."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mlc_pipeline.sandbox.company import ledger
from mlc_pipeline.sandbox.company.expenses import Expense, ExpenseInventor

Fill = Callable[[ExpenseInventor, random.Random], list[Expense]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of report.

    `approval` says when: "any" time in the week, at its "first" or "last" second, half an hour from the
    "midnight" it starts or ends with, on a "day" without a time, "again" after a reopening, or "never".
    """

    name: str
    fill: Fill
    status: str = "Approved"
    approval: str = "any"
    holds_back: Fill | None = field(default=None)


def _ordinary(inventor: ExpenseInventor, rng: random.Random) -> list[Expense]:
    return [inventor.cash() for _ in range(rng.randrange(1, 7))]


def _everything(inventor: ExpenseInventor, rng: random.Random) -> list[Expense]:
    return [
        *_ordinary(inventor, rng), inventor.edited(), inventor.foreign(), inventor.refund(100), *inventor.split(),
        inventor.distance(), inventor.per_diem(), inventor.taxed(), inventor.tagged(), inventor.personal_card(),
        inventor.company_card(), inventor.company_card(-700),
    ]  # fmt: skip


def _with(*kinds: Callable[[ExpenseInventor], Expense]) -> Fill:
    return lambda inventor, _: [kind(inventor) for kind in kinds]


def _in_category(category: ledger.Category) -> Fill:
    return lambda inventor, _: [inventor.cash(), inventor.cash(category)]


def _cancelled(inventor: ExpenseInventor, _: random.Random) -> list[Expense]:
    return [inventor.cash(cents=5000), inventor.refund(5000)]


def _split(inventor: ExpenseInventor, _: random.Random) -> list[Expense]:
    return [*inventor.split(), inventor.cash()]


def _many(inventor: ExpenseInventor, rng: random.Random) -> list[Expense]:
    return [inventor.cash() for _ in range(40)]


_I = ExpenseInventor
ORDINARY: Final = Scenario("ordinary", _ordinary)
SCENARIOS: Final = (
    ORDINARY,
    Scenario("everything", _everything),
    Scenario("foreign currency", _with(_I.foreign, _I.foreign, _I.cash)),
    Scenario("yen", _with(lambda inventor: inventor.foreign("JPY"))),
    Scenario("edited", _with(_I.edited, _I.edited)),
    Scenario("refund within", _with(lambda inventor: inventor.cash(cents=90_000), _I.refund)),
    Scenario("split", _split),
    Scenario("distance", _with(_I.distance, _I.distance)),
    Scenario("per diem", _with(_I.per_diem, _I.cash)),
    Scenario("taxed", _with(_I.taxed, _I.taxed, _I.taxed)),
    Scenario("tagged", _with(_I.tagged, _I.tagged)),
    Scenario("reimbursed", _ordinary, status="Reimbursed"),
    Scenario("company paid only", _with(_I.company_card, _I.company_card), status="Approved"),
    Scenario("card refund", _with(_I.cash, _I.company_card, lambda inventor: inventor.company_card(-2000))),
    Scenario("zero total", _cancelled),
    Scenario("net refund", _with(_I.refund)),
    Scenario("held", _ordinary, holds_back=_with(_I.cash)),
    Scenario("reopened", _ordinary, approval="again"),
    Scenario("approved on a day", _ordinary, approval="day"),
    Scenario("first second", _ordinary, approval="first"),
    Scenario("last second", _ordinary, approval="last"),
    Scenario("near midnight", _ordinary, approval="midnight"),
    Scenario("matched by name", _with(*(lambda i, c=c: i.cash(c) for c in ledger.MATCHED_BY_NAME))),
    Scenario("unknown GL code", _in_category(ledger.NOWHERE[0])),
    Scenario("unknown category", _in_category(ledger.NOWHERE[1])),
    Scenario("uncategorized", _in_category(ledger.UNCATEGORIZED)),
    Scenario("inactive account", _in_category(ledger.INACTIVE)),
    Scenario("many expenses", _many),
    Scenario("open", _ordinary, status="Open", approval="never"),
    Scenario("submitted", _ordinary, status="Processing", approval="never"),
    Scenario("archived", _ordinary, status="Closed", approval="never"),
    Scenario("no expenses", lambda _inventor, _rng: []),
)
