"""Whether building documents costs the same per expense, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pandas as pd

from benchmarks.measuring import Row, side_by_side
from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.planning import DocumentRules, Mappings, plan_reimbursable
from mlc_pipeline.frames import EXPENSES, frame_of

_FEW, _TIMES, _EXPENSES_A_REPORT = 2_000, 10, 20


def measure() -> Iterator[Row]:
    """Ten times as many expenses, against ten times the few."""
    few, many = _expenses(_FEW), _expenses(_FEW * _TIMES)
    yield side_by_side(
        (f"documents of {_FEW * _TIMES} expenses", lambda: _plan(many)),
        (f"{_TIMES} times those of {_FEW}", lambda: [_plan(few) for _ in range(_TIMES)]),
        rounds=3,
    )


def _plan(expenses: pd.DataFrame) -> None:
    mappings = Mappings(
        categories={("P1", "Meals", "6640"): Resolution("gl_code", "1", "6640", "Meals")},
        employees={("ada@example.com", "EUR"): Resolution("email", "2", "", "Ada")},
        currencies={"EUR": Resolution("code", "3", "EUR", "", detail="2")},
    )
    rules = DocumentRules("2025-01-06", date(2025, 1, 12), "Europe/Berlin", "bill", "category", "approved")
    plan_reimbursable(expenses, mappings, rules)


def _expenses(count: int) -> pd.DataFrame:
    approved = datetime(2025, 1, 7, tzinfo=UTC)
    head = {"policy_id": "P1", "currency": "EUR", "employee_email": "ada@example.com", "employee_name": "Ada"}
    expense = {"category": "Meals", "category_gl_code": "6640", "effective_cents": 1234, "reimbursable": True}
    fixed = {**head, **expense, "approved_at": approved, "problems": "[]"}
    return frame_of(
        EXPENSES,
        ({**fixed, "report_id": f"R{n // _EXPENSES_A_REPORT}", "transaction_id": str(n)} for n in range(count)),
    )
